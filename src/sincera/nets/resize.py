"""How any network that wants pictures of another size gets them: one way, inside the network's wrapper."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import interpolate


def resized(crops: Tensor, size: int) -> Tensor:
    """(B, 3, H, W) → (B, 3, size, size), bilinear with aligned corners; the same tensor where it has that side."""
    if crops.shape[-2:] == (size, size):
        return crops
    return interpolate(crops, (size, size), mode="bilinear", align_corners=True)
