"""A made set of people: each is stripes of one direction, under blotches and noise of every picture's own.

Bright ones are men, finely striped ones young.
"""

import json
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

SIDE = 48
PEOPLE, PICTURES = 16, 5
SPEC = DetectorSpec("whole", "", 0.0, 0.5, 8)
PREPARATION = Preparation(Sampling(1), {"face": CropSpec(kind="box", margin=0.0, size=SIDE)}, "whole")


@dataclass(frozen=True)
class Whole:
    spec: DetectorSpec = SPEC

    def detect(self, image: np.ndarray, frame: int = 0) -> tuple[Face, ...]:
        return (Face((0, 0, SIDE, SIDE), confidence=0.9),)

    def detect_many(self, images: Any, frames: Any = None) -> list[tuple[Face, ...]]:
        return [self.detect(image) for image in images]


def open_whole(preparation: Preparation) -> Whole:
    return Whole()


def write_people(root: Path) -> Path:
    """live/<person>/<k>.png with attributes beside; person 0's age is unknown, and each has one printed picture."""
    dice = np.random.default_rng(0)
    down, right = np.mgrid[:SIDE, :SIDE]
    for person in range(PEOPLE):
        male, young = person % 2, person // 2 % 2
        angle = np.pi * (0.618 * person % 1)
        wave = (np.cos(angle) * down + np.sin(angle) * right) * 2 * np.pi / (8 - 3 * young)
        face = 95 + 60 * male + 30 * np.sin(wave)[..., None]
        hair = ("black", "blond", "grey")[person % 3]
        told = {"sex": float(male), "hair_colour": hair, "age": None if person == 0 else 60.0 - 40 * young}
        for number in range(PICTURES + 1):
            label = "attack/print" if number == PICTURES else "live"
            path = root / label / f"p{person}" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            blotches = cv2.resize(dice.normal(0, 35, (4, 4, 3)), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
            pixels = face + blotches + dice.normal(0, 8, blotches.shape)
            cv2.imwrite(str(path), pixels.clip(0, 255).astype(np.uint8))
            np.savez(path.with_suffix(".truth.npz"), size=(SIDE, SIDE), attributes=json.dumps(told))
    return root


def make_store(folder: Path) -> Store:
    clips = read_clips(*parse_root(f"people={write_people(folder / 'people')}")).clips
    prepare(clips, folder / "crops", PREPARATION, workers=1, opener=open_whole)
    return Store.open(folder / "crops")
