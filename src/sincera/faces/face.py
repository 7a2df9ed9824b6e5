"""One face in one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

POINTS = ("image-left eye", "image-right eye", "nose", "image-left mouth corner", "image-right mouth corner")


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """Where a face lies, in pixels of the upright picture, and how sure its finder was.

    box: (4,) float32 x1 y1 x2 y2; edges, so that (0, 0, W, H) is the whole picture; it may reach beyond it.
    points: (5, 2) float32 x y, in the order of `POINTS`; the centre of the top left pixel is (0, 0); NaN where unknown.
    confidence: in [0, 1] as the detector gives it, NaN where nobody said (annotations).

    >>> face = Face([10, 20, 50, 80], confidence=0.9)
    >>> face.width, face.height, face.area, bool(np.isnan(face.points).all())
    (40.0, 60.0, 2400.0, True)
    """

    box: NDArray[np.float32]
    points: NDArray[np.float32]
    confidence: float

    def __init__(self, box: ArrayLike, points: ArrayLike | None = None, confidence: float = float("nan")) -> None:
        where = np.array(box, np.float32)
        marks = np.full((5, 2), np.nan, np.float32) if points is None else np.array(points, np.float32)
        if where.shape != (4,) or not np.isfinite(where).all() or where[2] <= where[0] or where[3] <= where[1]:
            raise ValueError(f"face box {where.tolist()}; expected four finite numbers x1 < x2, y1 < y2")
        if marks.shape != (5, 2):
            raise ValueError(f"face points of shape {marks.shape}; expected (5, 2)")
        where.flags.writeable = False
        marks.flags.writeable = False
        object.__setattr__(self, "box", where)
        object.__setattr__(self, "points", marks)
        object.__setattr__(self, "confidence", float(confidence))

    @property
    def width(self) -> float:
        return float(self.box[2] - self.box[0])

    @property
    def height(self) -> float:
        return float(self.box[3] - self.box[1])

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box, x y."""
        return float(self.box[0] + self.box[2]) / 2, float(self.box[1] + self.box[3]) / 2

    def moved(self, x: float, y: float) -> Face:
        """The same face in a picture whose origin lies elsewhere."""
        return Face(self.box + np.array([x, y, x, y]), self.points + np.array([x, y]), self.confidence)

    def overlap(self, other: Face) -> float:
        """Intersection over union of the two boxes.

        >>> Face([0, 0, 2, 2]).overlap(Face([1, 0, 3, 2]))
        0.3333333333333333
        """
        width = min(self.box[2], other.box[2]) - max(self.box[0], other.box[0])
        height = min(self.box[3], other.box[3]) - max(self.box[1], other.box[1])
        shared = max(0.0, float(width)) * max(0.0, float(height))
        return shared / (self.area + other.area - shared)


def largest_first(faces: list[Face]) -> tuple[Face, ...]:
    """Faces ordered by area; of equal ones, the surer first."""
    return tuple(sorted(faces, key=lambda face: (-face.area, -face.confidence)))
