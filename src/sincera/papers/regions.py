"""Face, eyes and mouth as regions of a crop, from its five points, and how much of a map lies in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

REGIONS = ("face", "eyes", "mouth")
TOP_SHARE = 0.2

# Half axes (across, along) and shift along the face, all in units of the face's size; see `_size`.
_FACE, _FACE_SHIFT = (1.10, 1.42), 0.42
_EYE = (0.36, 0.24)
_MOUTH = (0.56, 0.34)


class Axes(NamedTuple):
    """A face's own directions in the picture (unit vectors) and its size in pixels."""

    across: Floats
    along: Floats
    size: float


def regions(points: NDArray[np.floating], size: int) -> dict[str, Mask]:
    """{"face", "eyes", "mouth"} → (size, size) bool: ellipses about the points (5, 2), in the order of `faces.POINTS`.

    points: crop pixels, the first pixel's centre at (0, 0).  The ellipses turn and grow with the face; on rendered
    heads they hold nearly all pixels of the true parts.

    >>> eyes = regions(np.array([[20, 20], [40, 20], [30, 30], [22, 40], [38, 40]], float), 64)["eyes"]
    >>> bool(eyes[20, 20]), bool(eyes[20, 40]), bool(eyes[20, 30])
    (True, True, False)
    """
    where = np.asarray(points, np.float64)
    axes = _axes(where)
    left, right, _, *corners = where
    mouth = np.mean(corners, axis=0)
    face = (left + right) / 2 + _FACE_SHIFT * axes.size * axes.along
    smile = max(_MOUTH[0], 0.5 * float(np.hypot(*(corners[1] - corners[0]))) / axes.size + 0.14)
    return {
        "face": _ellipse(face, _FACE, axes, size),
        "eyes": _ellipse(left, _EYE, axes, size) | _ellipse(right, _EYE, axes, size),
        "mouth": _ellipse(mouth, (smile, _MOUTH[1]), axes, size),
    }


def shares(cam: NDArray[np.floating], masks: Mapping[str, Mask]) -> dict[str, float] | None:
    """Share of a map's sum that lies in each region; None for a map that is 0 everywhere.

    >>> shares(np.array([[3.0, 1.0]]), {"left": np.array([[True, False]])})
    {'left': 0.75}
    """
    total = float(cam.sum())
    if total <= 0:
        return None
    return {name: float(cam[mask].sum()) / total for name, mask in masks.items()}


def overlap(one: NDArray[np.floating], other: NDArray[np.floating], *, top: float = TOP_SHARE) -> float | None:
    """Intersection over union of the highest pixels of two maps; None where a map is 0 everywhere.

    top: the share of pixels that counts as highest, fewer where fewer are above 0.  Two maps without relation come to
    top / (2 - top), 0.11 for a fifth.

    >>> first = np.array([[0.9, 0.8, 0.1, 0.0]])
    >>> overlap(first, first[:, ::-1], top=0.5), overlap(first, first, top=0.5), overlap(first, first * 0)
    (0.0, 1.0, None)
    """
    a, b = highest(one, top), highest(other, top)
    if not a.any() or not b.any():
        return None
    return float((a & b).sum() / (a | b).sum())


def highest(cam: NDArray[np.floating], top: float = TOP_SHARE) -> Mask:
    """The pixels above 0 among the highest `top` of a map."""
    count = max(1, round(top * cam.size))
    least = np.partition(cam.ravel(), cam.size - count)[cam.size - count]
    mask: Mask = (cam >= least) & (cam > 0)
    return mask


def _axes(points: Floats) -> Axes:
    eyes, mouth = points[:2].mean(0), points[3:].mean(0)
    across = points[1] - points[0] + points[4] - points[3]
    across = across / max(float(np.hypot(*across)), 1e-9)
    # A turned head shortens the eyes' distance, a nodding one the way to the mouth: the longer of both stays put.
    eye_distance = float(np.hypot(*(points[1] - points[0])))
    size = max(eye_distance, 0.87 * float(np.hypot(*(mouth - eyes))), 1e-9)
    return Axes(across, np.array([-across[1], across[0]]), size)


def _ellipse(centre: Floats, halves: tuple[float, float], axes: Axes, size: int) -> Mask:
    y, x = np.mgrid[:size, :size]
    away = np.stack([x - centre[0], y - centre[1]], -1)
    across, along = away @ axes.across, away @ axes.along
    inside: Mask = (across / (halves[0] * axes.size)) ** 2 + (along / (halves[1] * axes.size)) ** 2 <= 1
    return inside
