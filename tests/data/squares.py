"""A made-up set of clips in which bright squares are the faces, and the detector that finds them.

Run as a script it prepares such a set in processes of its own, for the tests that kill it:
python squares.py ROOT STORE WORKERS SECONDS_A_CALL [RAY_ADDRESS]
"""

import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from sincera.clip import Clip, Label
from sincera.data.prepare import Preparation, chunks, prepare
from sincera.faces.face import Face
from sincera.faces.spec import CropSpec, DetectorSpec
from sincera.media import Sampling, write_video

SIZE = (72, 96)
TIGHT = CropSpec(kind="box", margin=0.0, size=48)
WIDE = CropSpec(kind="box", margin=1.0, size=64)
PREPARATION = Preparation(Sampling(4), {"tight": TIGHT, "wide": WIDE}, "squares")


SPEC = DetectorSpec("squares", "", 0.0, 0.5, 8)


@dataclass(frozen=True)
class Squares:
    """Finds what is brighter than 200; `pause` seconds a call stand for the cost of a real detector."""

    pause: float = 0.0
    spec: DetectorSpec = SPEC

    def detect_many(self, images, frames=None):
        if self.pause < 0:
            os._exit(9)  # as a decoder that crashes, or a machine short of memory
        time.sleep(self.pause)
        return [self.detect(image) for image in images]

    def detect(self, image, frame=0):
        _, _, stats, _ = cv2.connectedComponentsWithStats((image[..., 1] > 200).astype(np.uint8))
        boxes = [(x, y, x + w, y + h) for x, y, w, h, area in stats[1:] if area >= 64]
        return tuple(sorted((Face(box, confidence=0.9) for box in boxes), key=lambda face: -face.area))


def open_squares(preparation, pause=0.0):
    return Squares(pause)


def picture(seed, square=True):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 120, (*SIZE, 3), np.uint8)
    if square:
        x, y, side = rng.integers(4, 40), rng.integers(4, 30), rng.integers(18, 30)
        image[y : y + side, x : x + side] = rng.integers(210, 255, (side, side, 3), np.uint8)
    return image


def make_set(root, *, pictures=10, videos=3):
    """Pictures as domain A (one without a square, one damaged), videos of 9 frames as domain B."""
    clips = []
    for number in range(pictures):
        path = root / "A" / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture(number, square=number != 1))
        if number == 2:
            path.write_bytes(path.read_bytes()[:200])
        clips.append(clip(path, "A", number))
    for number in range(videos):
        path = root / "B" / f"{number}.avi"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(path, (picture(1000 * number + frame) for frame in range(9)), fps=10, codec="mjpeg")
        clips.append(clip(path, "B", number))
    return clips


def clip(path, domain, number):
    attack = "print/1" if number % 2 else ""
    label = Label.ATTACK if attack else Label.LIVE
    return Clip(path, label, attack, domain, f"s{number % 4}", "train", {"light": "dim"}, name=path.name)


def list_set(root):
    """The clips that `make_set` wrote there."""
    return [clip(path, path.parent.name, int(path.stem)) for path in sorted(root.glob("*/*"))]


if __name__ == "__main__":
    root, store, workers, pause, *address = sys.argv[1:]
    chunks.ROWS_PER_GROUP = 8  # small shards, so that there are many moments to be killed at
    opener = partial(open_squares, pause=float(pause))
    prepare(
        list_set(Path(root)),
        store,
        PREPARATION,
        workers=int(workers),
        ray=address[0] if address else None,
        opener=opener,
    )
