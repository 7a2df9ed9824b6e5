"""What CelebA-Spoof's pictures are made with: cameras of three qualities, ten species, four lights, indoors and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from sincera.simulate.camera import CameraModel
from sincera.simulate.instruments.handling import Handling
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.screen import ScreenModel
from sincera.simulate.instruments.species import Instrument
from sincera.simulate.light import Light, Span, draw
from sincera.simulate.room import RoomStyle, draw_room

# The web's live pictures come from cameras of all qualities too, so that sharpness and noise do not tell the classes.
CAMERAS: Mapping[str, CameraModel] = {
    "low": CameraModel(
        sharpness=(1.6, 2.5), face=(0.14, 0.32), red=(1.35, 1.85), blue=(0.55, 0.85), contrast=(0.44, 0.76),
        colour=(0.75, 1.1), haze=(0.0, 0.2), shot=(0.002, 0.006), read=(0.00005, 0.0002),
    ),
    "middle": CameraModel(
        sharpness=(1.2, 1.9), face=(0.15, 0.32), contrast=(0.42, 0.7), haze=(0.0, 0.16), shot=(0.0008, 0.003),
    ),
    "high": CameraModel(
        sharpness=(0.8, 1.5), face=(0.16, 0.32), contrast=(0.44, 0.68), colour=(0.95, 1.25), haze=(0.0, 0.12),
        shot=(0.0002, 0.001), sharpened=0.8,
    ),
}  # fmt: skip
CODING: Mapping[str, Span] = {"low": (60, 80), "middle": (75, 90), "high": (85, 97)}  # JPEG quality

_HELD = Handling(tilt=(0.0, 20.0), hands=0.5, defocus=(0.3, 1.3))
_WORN = Handling(fills=0.0, hands=0.0, tilt=(0.0, 8.0), glare=0.1, defocus=(0.1, 0.6))
_PAPER = PrintModel(handling=_HELD, grainy=1.0, grain=(0.04, 0.10), grain_size=(1.0, 1.8), halftoned=0.3)
_CUT = replace(_PAPER, margin=0.0, saturation=(0.7, 1.1), bent=1.0, bend=(0.2, 0.5), handling=_WORN)
_SCREEN = ScreenModel(
    handling=replace(_HELD, lit=(0.6, 2.0)), grid=1.0, amplitude=(0.06, 0.13), rim=(0.05, 0.11), contrast=(1.0, 1.6),
)  # fmt: skip
SPECIES: Mapping[str, Instrument] = {  # in the owner's words; 3d_mask is a thing of its own, see celeba_masks
    "photo": replace(_PAPER, saturation=(0.85, 1.2), black=(0.01, 0.04), white=(0.8, 0.95), margin=0.8, grey=0.0),
    "poster": replace(_PAPER, halftoned=1.0, halftone=(4.0, 6.0), dots=(0.12, 0.2), handling=replace(_HELD, fills=0.8)),
    "a4": replace(_PAPER, mixing=(0.05, 0.2), black=(0.03, 0.09), banded=0.6, bands=(0.05, 0.09), margin=1.0),
    "face_mask": replace(_CUT, outline="face"),
    "upper_body_mask": replace(_CUT, outline="body", around=(3.0, 3.0, 3.4), handling=replace(_WORN, hands=0.3)),
    "region_mask": replace(_CUT, outline="regions", bent=0.3),
    "pc": replace(_SCREEN, pitch=(1.06, 1.14), lines=0.4, handling=replace(_HELD, lit=(0.6, 2.0), fills=0.7)),
    "pad": replace(_SCREEN, pitch=(0.90, 0.95)),
    "phone": replace(_SCREEN, pitch=(1.15, 1.28), coded=1.0, quality=(10, 30)),
}
CUT = ("face_mask", "upper_body_mask", "region_mask")
WORN = ("face_mask", "region_mask")  # on somebody's face, who is seen around it

_LIT: Mapping[str, Span] = {"strong": (1.4, 2.4), "back": (0.25, 0.5), "dark": (0.6, 1.2)}
_SHOWN: Mapping[str, Span] = {"strong": (0.3, 0.6), "back": (0.4, 0.8), "dark": (1.5, 4.0)}  # a screen brings its light
_ROOM: Mapping[str, float] = {"strong": 1.5, "back": 1.8, "dark": 0.15}


def in_light(model: Instrument, illumination: str) -> Instrument:
    """The instrument as it stands in one of the owner's lights."""
    if illumination not in _LIT:
        return model
    lit = (_SHOWN if isinstance(model, ScreenModel) else _LIT)[illumination]
    handling = replace(model.handling, lit=lit, glare=0.9 if illumination == "strong" else model.handling.glare)
    return replace(model, handling=handling)


def in_the_dark(model: CameraModel, illumination: str) -> CameraModel:
    """The camera at the end of its range, where there is little light."""
    if illumination != "dark":
        return model
    low, high = model.shot
    return replace(model, shot=(3 * low, 3 * high), read=(0.0001, 0.0004), face=(0.08, 0.18))


def surroundings(rng: np.random.Generator, size: tuple[int, int], illumination: str, environment: str) -> Light:
    """What is behind: a room or the open air, as bright as the light says; either where no environment is named."""
    outdoors = environment == "outdoor" if environment else rng.random() < 0.4
    style = RoomStyle(window=1.0 if illumination == "back" else 0.25)
    behind = _outdoors(rng, size) if outdoors else draw_room(rng, size, style)
    return np.asarray(behind * _ROOM.get(illumination, 1.0), np.float32)


def _outdoors(rng: np.random.Generator, size: tuple[int, int]) -> Light:
    """Sky over trees, walls and ground, far away and out of focus."""
    height, width = size
    scene = np.empty((height, width, 3), np.float32)
    sky = np.array([0.55, 0.72, 1.0]) * draw(rng, (0.5, 1.1)) * (1 + 0.15 * rng.normal(size=3))
    pale = np.linspace(0.7, 1.2, height, dtype=np.float32)[:, None, None]
    scene[:] = pale * sky.clip(0.1, 1.4)
    horizon = int(height * draw(rng, (0.25, 0.7)))
    ground = np.array([0.30, 0.28, 0.22]) * draw(rng, (0.4, 1.3)) * (1 + 0.2 * rng.normal(size=3))
    scene[horizon:] = ground.clip(0.03, 0.8)
    for _ in range(int(rng.integers(3, 9))):
        green = np.array([0.13, 0.18, 0.08]) if rng.random() < 0.7 else np.array([0.35, 0.32, 0.3])
        colour = tuple(float(v) for v in (green * draw(rng, (0.4, 1.6))).clip(0.01, 1.0))
        x, y = int(rng.uniform(0, width)), int(horizon - rng.uniform(-0.05, 0.2) * height)
        if rng.random() < 0.7:
            cv2.circle(scene, (x, y), int(rng.uniform(0.06, 0.22) * max(size)), colour, -1)
        else:
            half = int(rng.uniform(0.08, 0.25) * width)
            cv2.rectangle(scene, (x - half, y - int(rng.uniform(0.1, 0.5) * height)), (x + half, horizon), colour, -1)
    mottle = rng.normal(1.0, 0.12, (height // 6 + 2, width // 6 + 2)).astype(np.float32)
    scene *= cv2.resize(mottle, (width, height))[..., None]
    blurred = cv2.GaussianBlur(scene, (0, 0), max(draw(rng, (2.5, 7.0)) * min(size) / 300, 0.5))
    return np.asarray(np.maximum(blurred, 0.0), np.float32)
