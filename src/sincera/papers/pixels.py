"""Stored crops as a network takes them, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

SIZE = 64  # pictures at once: their gradients fit anywhere


def as_pixels(crops: NDArray[np.uint8], network: nn.Module) -> Tensor:
    """(N, H, W, 3) uint8 → (N, 3, H, W) in [0, 1], where the network is and of its number type."""
    place = next(network.parameters())
    moved = torch.from_numpy(np.ascontiguousarray(crops)).to(place.device).movedim(-1, 1)
    return moved.to(place.dtype).div_(255)


def as_crops(pixels: Tensor) -> NDArray[np.uint8]:
    """The inverse, rounded to bytes."""
    return np.ascontiguousarray((255 * pixels).round().to(torch.uint8).movedim(1, -1).cpu().numpy())


def batches(count: int, size: int = SIZE) -> Iterator[slice]:
    """Slices that together cover `count` rows."""
    for begin in range(0, count, size):
        yield slice(begin, begin + size)
