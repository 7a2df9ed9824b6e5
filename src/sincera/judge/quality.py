"""What makes an answer less sure, said in plain words: a warning never changes a score.

The limits were chosen on 107 sharp, well lit portraits of people of many skin tones (public domain, 220 to 280 pixels a
face, YuNet's points) and on copies of them that were blurred, darkened and lit up: see docs/judge.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.faces.crop import crop
from sincera.faces.face import Face
from sincera.faces.spec import CropSpec

# From the brows to the chin and no further: hair, collar and room say nothing about the light on a face.
_FACE = CropSpec(margin=0.0, size=128)
_HIGH = 0.98  # grey, in [0, 1], from which on a pixel has lost its shade


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """Where warnings begin; each is measured on the face from brows to chin, at 128×128 pixels.

    sharpness: variance of the Laplacian over variance of grey, below which a face is `blurred`.  Contrast cancels out,
    so that a dim face is not called blurred.
    highlights: the 95th percentile of grey in [0, 1], below which a face is `dark`.  Even the brightest spots must be
    dark: the mean would call dark skin in good light badly lit.
    burnt: share of pixels with grey from 0.98 on, above which a face is `over-exposed`.
    room: free ground between the face's box and the picture's edge, as a share of the box's longer side, below which a
    face is `at the border`.
    near: distance from the threshold in log-odds, below which a score is `near the threshold`.
    """

    sharpness: float = 0.012
    highlights: float = 0.32
    burnt: float = 0.1
    room: float = 0.05
    near: float = 0.5


DEFAULT_QUALITY = QualityLimits()


def quality_warnings(image: NDArray[np.uint8], face: Face, limits: QualityLimits = DEFAULT_QUALITY) -> tuple[str, ...]:
    """What is wrong with a face in its picture, (H, W, 3) uint8 RGB: some of blurred, dark, over-exposed and at the
    border, in these words' order; empty where nothing is.

    >>> quality_warnings(np.zeros((90, 90, 3), np.uint8), Face([20, 20, 60, 60]))
    ('blurred', 'dark')
    """
    grey = cv2.cvtColor(crop(image, face, _FACE), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    spread = float(grey.var())
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var()) / spread if spread > 0 else 0.0
    found = {
        "blurred": sharpness < limits.sharpness,
        "dark": _highlights(grey) < limits.highlights,
        "over-exposed": float((grey >= _HIGH).mean()) > limits.burnt,
        "face at the border": _room(image, face) < limits.room,
    }
    return tuple(words for words, holds in found.items() if holds)


def _highlights(grey: NDArray[Any]) -> float:
    """The value that 95 % of the pixels do not exceed; `np.percentile` would load for 20 ms first."""
    place = 95 * (grey.size - 1) // 100
    return float(np.partition(grey, place, axis=None)[place])


def _room(image: NDArray[np.uint8], face: Face) -> float:
    """Free ground on the side where there is least, as a share of the box's longer side; negative beyond the edge."""
    left, top, right, bottom = (float(edge) for edge in face.box)
    height, width = image.shape[:2]
    return float(min(left, top, width - right, height - bottom)) / max(face.width, face.height)
