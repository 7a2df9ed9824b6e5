"""CDCN and CDCN++: detectors of central difference convolutions (Yu et al., CVPR 2020).

The layers are the owners'; what departs lies in how they learn and score (`methods.procedures.contrast`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate, pad

from sincera.nets.detector import Detector


class CentralDifference(nn.Conv2d):
    """3×3 convolution from which θ times the same kernel's weight on the centre alone is taken; no bias.

    y = conv(x; W) - θ·conv(x; ΣW at the centre) = conv(x; W - θ·ΣW at the centre): one convolution, the same numbers.
    """

    def __init__(self, inputs: int, outputs: int, theta: float) -> None:
        super().__init__(inputs, outputs, 3, padding=1, bias=False)
        self.theta = theta

    def forward(self, maps: Tensor) -> Tensor:
        centre = self.weight.sum((2, 3), keepdim=True)  # (outputs, inputs, 1, 1)
        return conv2d(maps, self.weight - self.theta * pad(centre, (1, 1, 1, 1)), padding=1)


class SpatialAttention(nn.Module):
    """Weighs each place by what the mean and the maximum over its channels tell of its surroundings."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, size, padding=size // 2, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        told = torch.cat([maps.mean(1, keepdim=True), maps.amax(1, keepdim=True)], 1)
        weight: Tensor = self.conv(told).sigmoid()
        return maps * weight


class CDCN(Detector):
    """A stem and three blocks, each ending in a 3×3 maximum of stride 2; the three levels together make the map.

    widths: filters by block, stem first.  head: between the joined levels and the map.  attention: kernel sizes of a
    spatial attention on each level before it is joined, or none.
    """

    def __init__(
        self,
        name: str,
        stem: int,
        widths: Sequence[Sequence[int]],
        head: Sequence[int],
        *,
        theta: float,
        attention: Sequence[int] = (),
    ) -> None:
        super().__init__(name)
        channels = [stem, *(block[-1] for block in widths)]
        self.stem = _layers((3, stem), theta)
        self.blocks = nn.ModuleList(
            _layers((inputs, *block), theta) for inputs, block in zip(channels, widths, strict=False)
        )
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.attention = nn.ModuleList(
            [SpatialAttention(size) for size in attention] if attention else [nn.Identity() for _ in widths]
        )
        self.head = _layers((sum(channels[1:]), *head), theta)
        self.last = nn.Sequential(CentralDifference(head[-1], 1, theta), nn.ReLU())

    def levels(self, crops: Tensor) -> dict[str, Tensor]:
        size = (crops.shape[2] // 8, crops.shape[3] // 8)
        maps = self.stem((crops - 0.5) * (255 / 128))  # (x - 127.5) / 128 of bytes
        levels: dict[str, Tensor] = {}
        for number, block in enumerate(self.blocks, start=1):
            maps = levels[f"pool{number}"] = self.pool(block(maps))
        weighed = [weigh(level) for weigh, level in zip(self.attention, levels.values(), strict=True)]
        fused = torch.cat([interpolate(level, size, mode="bilinear") for level in weighed], 1)
        return levels | {"fused": fused, "map": self.last(self.head(fused))}


def _layers(widths: Sequence[int], theta: float) -> nn.Sequential:
    """From the first width to the last: central difference convolution, batch norm, ReLU for each step."""
    return nn.Sequential(
        *(
            layer
            for inputs, outputs in pairwise(widths)
            for layer in (CentralDifference(inputs, outputs, theta), nn.BatchNorm2d(outputs), nn.ReLU())
        )
    )


def cdcn(theta: float = 0.7, *, width: int = 64) -> CDCN:
    """CDCN with `width` filters in its stem, the others in proportion; weights are drawn as torch draws them.

    >>> sum(parameter.numel() for parameter in cdcn().parameters())
    2245016
    """
    block = (2 * width, width * 196 // 64, 2 * width)
    return CDCN("cdcn", width, (block, block, block), head=(2 * width, width), theta=theta)


def cdcnpp(theta: float = 0.7, *, width: int = 64) -> CDCN:
    """CDCN++, whose widths were searched for, with spatial attention on each level.

    >>> sum(parameter.numel() for parameter in cdcnpp().parameters())
    2257352
    """
    base = 2 * width
    blocks = (
        (base, int(base * 1.6), base),
        (int(base * 1.2), base, int(base * 1.4), base),
        (base, int(base * 1.2), base),
    )
    return CDCN("cdcnpp", width, blocks, head=(base,), theta=theta, attention=(7, 5, 3))
