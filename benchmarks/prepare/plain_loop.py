"""The loop that a user would write with facenet-pytorch and OpenCV: read a video, pick frames, save the faces.

Run by an environment that has facenet-pytorch: python plain_loop.py FILES.json OUT FRAMES MIN_FACE
FILES.json lists the clips.  Prints a JSON object with seconds, frames and faces; imports and loading are not counted.
"""

import json
import sys
import time
from pathlib import Path

import cv2
from facenet_pytorch import MTCNN
from PIL import Image


def wanted(total: int, count: int) -> set[int]:
    return set(range(total)) if total <= count else {(2 * j + 1) * total // (2 * count) for j in range(count)}


def frames_of(path: str, count: int):
    video = cv2.VideoCapture(path)
    chosen = wanted(int(video.get(cv2.CAP_PROP_FRAME_COUNT)), count)
    index = 0
    while True:
        there, frame = video.read()
        if not there:
            return
        if index in chosen:
            yield index, Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        index += 1


def main() -> None:
    files, out, count, min_face = sys.argv[1:]
    detector = MTCNN(image_size=256, margin=128, min_face_size=int(min_face), post_process=False)
    detector(Image.new("RGB", (320, 240)))
    frames = faces = 0
    start = time.perf_counter()
    for number, path in enumerate(json.loads(Path(files).read_text())):
        for index, image in frames_of(path, int(count)):
            face = detector(image, save_path=f"{out}/{number}_{index}.jpg")
            frames += 1
            faces += face is not None
    print(json.dumps({"seconds": time.perf_counter() - start, "frames": frames, "faces": faces}))


if __name__ == "__main__":
    main()
