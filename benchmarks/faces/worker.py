"""One process of the detector benchmark: loads a detector, waits for a word, finds faces, says where and what it cost.

Run by detectors.py, under its own Python or the peer's; so it imports sincera only for our detectors.
Talks in lines on stdin and stdout: "ready", then for each "go" one JSON object with the boxes of its frames.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

Boxes = list[list[float]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("detector", help="mtcnn, mtcnn/full, yunet=FILE or facenet")
    parser.add_argument("frames", type=Path, help="an .npz of RGB pictures")
    parser.add_argument("--min-face", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--share", default="0/1", help="which of how many equal shares of the frames")
    options = parser.parse_args()
    part, parts = (int(word) for word in options.share.split("/"))
    with np.load(options.frames) as stored:
        frames = [stored[name] for name in stored.files[part::parts]]
    if options.detector == "facenet":
        find = _facenet(options.min_face, options.threads)
    else:
        find = _ours(options.detector, options.min_face, options.threads)
    find(frames[:1])
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() != "go":
            break
        start = time.process_time()
        boxes = [found for batch in _batches(frames, options.batch) for found in find(batch)]
        print(json.dumps({"cpu": time.process_time() - start, "boxes": boxes}), flush=True)


def _batches(frames: list[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    """Runs of at most `size` frames of equal shape."""
    batch: list[np.ndarray] = []
    for frame in frames:
        if batch and (len(batch) == size or frame.shape != batch[0].shape):
            yield batch
            batch = []
        batch.append(frame)
    yield batch


def _ours(name: str, min_face: int, threads: int) -> Callable[[list[np.ndarray]], list[Boxes]]:
    import cv2

    from sincera.faces.detect import FaceDetector, open_detector
    from sincera.faces.mtcnn import Mtcnn

    cv2.setNumThreads(threads)
    detector: FaceDetector
    if name == "mtcnn/full":
        detector = Mtcnn(min_face, search="full", padding=0)
    else:
        detector = open_detector(name, min_face=min_face, padding=0)
    return lambda frames: [[face.box.tolist() for face in faces] for faces in detector.detect_many(frames)]


def _facenet(min_face: int, threads: int) -> Callable[[list[np.ndarray]], list[Boxes]]:
    import torch
    from facenet_pytorch import MTCNN

    torch.set_num_threads(threads)
    detector = MTCNN(keep_all=True, min_face_size=min_face, device="cpu")

    def find(frames: list[np.ndarray]) -> list[Boxes]:
        if len(frames) == 1:
            found = [detector.detect(frames[0], landmarks=True)[0]]
        else:
            found = detector.detect(np.stack(frames), landmarks=True)[0]
        return [[] if boxes is None else np.asarray(boxes, float).tolist() for boxes in found]

    return find


if __name__ == "__main__":
    main()
