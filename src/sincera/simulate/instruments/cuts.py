"""Paper cut to a shape: a face to be worn, a body to be held, the features alone to be stuck on."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.instruments.sheet import Sheet
from sincera.simulate.light import draw
from sincera.simulate.pixels import blur
from sincera.simulate.scene import Anchor, Points

Outline = Literal["face", "body", "regions"]
Place = tuple[float, float]


def cut_out(sheet: Sheet, points: Points, outline: Outline, rng: np.random.Generator) -> Sheet:
    """What is left of a sheet when everything outside the outline is cut away.  points: of the printed picture."""
    five = points + np.array(sheet.shift, np.float32)
    left = np.zeros(sheet.alpha.shape, np.uint8)
    _OUTLINES[outline](left, five, Anchor.of(five), rng)
    left = blur(left, 0.6)
    return replace(sheet, alpha=np.minimum(sheet.alpha, left), spoof=np.minimum(sheet.spoof, left))


def _face(left: NDArray[np.uint8], _five: Points, face: Anchor, rng: np.random.Generator) -> None:
    wide, high = face.span * draw(rng, (1.05, 1.2)), face.span * draw(rng, (1.45, 1.65))
    _ellipse(left, _beside(face, 0, -0.1), (wide, high), face.roll)


def _body(left: NDArray[np.uint8], _five: Points, face: Anchor, rng: np.random.Generator) -> None:
    _ellipse(left, _beside(face, 0, -0.35), (face.span * draw(rng, (1.5, 1.7)), 2.2 * face.span), face.roll)
    shoulders, slope = draw(rng, (2.3, 2.7)), draw(rng, (1.9, 2.2))
    trunk = [(-0.85, 0.8), (0.85, 0.8), (0.95, 1.7), (shoulders, slope), (shoulders + 0.3, 9), (-shoulders - 0.3, 9),
             (-shoulders, slope), (-0.95, 1.7)]  # fmt: skip
    corners = np.array([_beside(face, x, y) for x, y in trunk])
    cv2.fillPoly(left, [np.rint(corners).astype(np.int32)], 255, cv2.LINE_AA)


def _regions(left: NDArray[np.uint8], five: Points, face: Anchor, rng: np.random.Generator) -> None:
    sizes = [(0.46, 0.3), (0.46, 0.3), (0.34, 0.5), (0.72, 0.34)]
    mouth = five[3:].mean(0)
    places = [*five[:2], five[2] - (five[2] - five[:2].mean(0)) * 0.25, mouth]
    for (x, y), (wide, high) in zip(places, sizes, strict=True):
        grown = face.span * draw(rng, (0.9, 1.2))
        _ellipse(left, (float(x), float(y)), (wide * grown, high * grown), face.roll)


_OUTLINES = {"face": _face, "body": _body, "regions": _regions}


def _beside(face: Anchor, x: float, y: float) -> Place:
    """A place by distances from the face's centre, in its own span and roll."""
    cos, sin = np.cos(face.roll) * face.span, np.sin(face.roll) * face.span
    return float(face.x + cos * x - sin * y), float(face.y + sin * x + cos * y)


def _ellipse(left: NDArray[np.uint8], centre: Place, half: tuple[float, float], roll: float) -> None:
    cv2.ellipse(left, (centre, (2 * half[0], 2 * half[1]), float(np.rad2deg(roll))), 255, -1, cv2.LINE_AA)
