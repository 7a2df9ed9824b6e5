"""Cheap cues of a crop: what separates live from attack without looking at the instrument.

A data set whose classes differ in one of these teaches that cue and nothing else.  They stand on data cards, and as
baselines beside every figure; none of them is used to judge.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CUES = (
    "sharpness",
    "brightness",
    "contrast",
    "saturation",
    "mean_red",
    "mean_green",
    "mean_blue",
    "blue_red",
    "border",
)

_SIDE = 128  # pixels; crops of all sizes are compared at this one,
_SHARP_SIDE = 256  # but for sharpness, which on NUAA tells more at this one (AUC 0.12 against 0.15)
_OUTER = 0.3  # share of the side, from each edge inwards, in which a frame is looked for


def cues(crop_rgb: NDArray[np.uint8]) -> dict[str, float]:
    """Measure one crop, (H, W, 3) uint8 RGB; the values have the names and the order of `CUES`.

    sharpness: variance of the Laplacian of the grey crop at 256×256, grey in [0, 1].
    brightness, contrast: mean and standard deviation of grey, in [0, 1].
    saturation: mean of (max - min) / max over the channels, in [0, 1].
    mean_red, mean_green, mean_blue: in [0, 1].  blue_red: mean blue minus mean red.
    border: the strongest straight edge in the crop's outer parts that runs along a whole row or column, in grey: a
    device's frame, a paper's edge or a bar; 0 where the picture goes on undisturbed.

    >>> grey = np.full((64, 64, 3), 128, np.uint8)
    >>> {name: round(value, 3) for name, value in cues(grey).items()}["brightness"], cues(grey)["border"]
    (0.502, 0.0)
    """
    if crop_rgb.ndim != 3 or crop_rgb.shape[2] != 3 or crop_rgb.dtype != np.uint8:
        raise ValueError(f"a crop of {crop_rgb.dtype} {crop_rgb.shape}; expected uint8 (H, W, 3)")
    small = cv2.resize(crop_rgb, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    red, green, blue = (float(value) for value in small.mean(axis=(0, 1)))
    highest = small.max(axis=2)
    spread = (highest - small.min(axis=2)) / np.maximum(highest, 1 / 255)
    return {
        "sharpness": _sharpness(crop_rgb),
        "brightness": float(grey.mean()),
        "contrast": float(grey.std()),
        "saturation": float(spread.mean()),
        "mean_red": red,
        "mean_green": green,
        "mean_blue": blue,
        "blue_red": blue - red,
        "border": max(_frame(grey), _frame(cv2.transpose(grey))),
    }


def _sharpness(crop_rgb: NDArray[np.uint8]) -> float:
    grey = cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY)
    even = cv2.resize(grey, (_SHARP_SIDE, _SHARP_SIDE), interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(even.astype(np.float32) / 255, cv2.CV_32F).var())


def _frame(grey: NDArray[Any]) -> float:
    """Largest mean step between neighbouring rows, near the top or the bottom.

    The mean keeps the sign, so that texture cancels out and an edge that runs from side to side does not; each step
    spans four rows, so that a frame tilted by a degree or two still counts.
    """
    smooth = cv2.blur(grey, (1, 3), borderType=cv2.BORDER_REPLICATE)
    steps = np.abs((smooth[4:] - smooth[:-4]).mean(axis=1))
    outer = round(_OUTER * _SIDE)
    return float(max(steps[:outer].max(), steps[-outer:].max()))
