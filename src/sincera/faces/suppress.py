"""Non-maximum suppression: of boxes that overlap, the surest stays."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

_MATRIX_SIDE = 1200  # more boxes than this are compared row by row instead of in one matrix


def suppress(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], threshold: float, by: Literal["union", "smaller"] = "union"
) -> NDArray[np.intp]:
    """Numbers of the boxes that stay, surest first; boxes (N, 4) x1 y1 x2 y2.

    A box goes where its overlap with a surer one that stays is above `threshold`.  union: intersection over union.
    smaller: intersection over the smaller of both, in whole pixels (x2 included), as MTCNN's last stage counts.
    Of equal scores the first stays (union) or the last (smaller): O-Net's probabilities end within a few steps of 1,
    so that ties are common there, and the port whose boxes we reproduce settles them so.

    >>> suppress(np.array([[0, 0, 9, 9], [1, 0, 9, 9], [20, 0, 29, 9]]), np.array([0.8, 0.9, 0.7]), 0.5).tolist()
    [1, 2]
    """
    order = np.argsort(scores, kind="stable")[::-1] if by == "smaller" else np.argsort(-scores, kind="stable")
    ranked = boxes[order]
    alive = np.ones(len(order), bool)
    whole = _overlaps(ranked, ranked, by) > threshold if len(order) <= _MATRIX_SIDE else None
    for number in range(len(order)):
        if alive[number]:
            row = _overlaps(ranked[number, None], ranked, by)[0] > threshold if whole is None else whole[number]
            alive[number + 1 :] &= ~row[number + 1 :]
    return order[alive]


def _overlaps(
    some: NDArray[np.float32], others: NDArray[np.float32], by: Literal["union", "smaller"]
) -> NDArray[np.float32]:
    pixel = np.float32(1 if by == "smaller" else 0)
    a, b = some[:, None, :], others[None, :, :]
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0]) + pixel
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1]) + pixel
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    area_a = (a[..., 2] - a[..., 0] + pixel) * (a[..., 3] - a[..., 1] + pixel)
    area_b = (b[..., 2] - b[..., 0] + pixel) * (b[..., 3] - b[..., 1] + pixel)
    whole = np.minimum(area_a, area_b) if by == "smaller" else area_a + area_b - shared
    share: NDArray[np.float32] = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
    return share
