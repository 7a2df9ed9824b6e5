"""Folder sets of small pictures, and a detector that finds a face in the middle of all but dark ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sincera.data.prepare import Preparation, prepare
from sincera.data.sources import parse_root, read_clips
from sincera.data.store import Store
from sincera.faces.face import Face
from sincera.faces.spec import CropSpec, DetectorSpec
from sincera.media import Sampling

SIDE = 64
SPEC = DetectorSpec("middle", "", 0.0, 0.5, 8)
PREPARATION = Preparation(Sampling(2), {"face": CropSpec(kind="box", margin=0.0, size=SIDE)}, "middle")


@dataclass(frozen=True)
class Middle:
    spec: DetectorSpec = SPEC

    def detect(self, image: np.ndarray, frame: int = 0) -> tuple[Face, ...]:
        return (Face((4, 4, 4 + SIDE, 4 + SIDE), confidence=0.9),) if image.mean() > 20 else ()

    def detect_many(self, images: Any, frames: Any = None) -> list[tuple[Face, ...]]:
        return [self.detect(image) for image in images]


def open_middle(preparation: Preparation) -> Middle:
    return Middle()


def write_set(root: Path, *, tone: int, subjects: int = 5, pictures: int = 2, dark: int = 0) -> Path:
    """Lives and attacks of each subject; attacks carry a fine pattern.  dark: pictures in which no face is found."""
    dice = np.random.default_rng(tone)
    for label, pattern in (("live", 0), ("attack", 25)):
        for subject in range(subjects):
            for number in range(pictures):
                pixels = tone + dice.normal(0, 10, (SIDE + 8, SIDE + 8, 3)) + dice.normal(0, 8, (1, 1, 3))
                pixels[::2] += pattern
                if dark > 0 and label == "live":
                    pixels, dark = pixels * 0, dark - 1
                path = root / label / f"s{subject}" / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), pixels.clip(0, 255).astype(np.uint8))
    return root


def make_store(folder: Path) -> Store:
    """Three prepared sets: alpha and beta to train on, gamma (with one dark picture) as a target."""
    clips = []
    for name, tone, dark in (("alpha", 90, 0), ("beta", 130, 0), ("gamma", 110, 1)):
        write_set(folder / name, tone=tone, dark=dark)
        clips += read_clips(*parse_root(f"{name}={folder / name}")).clips
    prepare(clips, folder / "crops", PREPARATION, workers=1, opener=open_middle)
    return Store.open(folder / "crops")
