"""FAS-DR, the depth regressor of AIM-FAS (Qin et al. 2020) that MT-FAS teaches, and FAS-DR-Light, its teacher."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from sincera.errors import UsageError
from sincera.nets.detector import Detector, Ending, LastLayer, Outputs, draw_as_xavier
from sincera.nets.student import Normalise

FusePool = Literal["avg", "max"]


class FASDR(Detector):
    """Three blocks of 3×3 convolutions, each followed by a pool; the three pooled levels together make the map.

    widths: filters of each convolution by block.  head: of those between the joined levels and the map.  branch: of the
    stride-2 convolutions of a binary branch, or none.  fuse_pool: how finer levels come down to input/8.  smooth:
    softplus and average pooling in place of ReLU and maximum, so that finite differences meet no kink.
    Every hidden layer is convolution, ReLU, batch norm, in this order.
    Departs from AIM-FAS's code, which normalises by the batch in tests too: a score must not hang on other faces.
    """

    def __init__(
        self,
        name: str,
        widths: Sequence[Sequence[int]],
        head: Sequence[int],
        *,
        branch: Sequence[int] = (),
        fuse_pool: FusePool = "avg",
        ending: Ending = "detector",
        smooth: bool = False,
    ) -> None:
        super().__init__(name)
        if fuse_pool not in get_args(FusePool):
            raise UsageError(f"fuse_pool {fuse_pool!r} does not exist; there are {', '.join(get_args(FusePool))}")
        activation = nn.Softplus if smooth else nn.ReLU
        self.normalise = Normalise("symmetric")  # AIM-FAS centres at 127.5 too, without a scale
        channels = [3, *(block[-1] for block in widths)]
        self.blocks = nn.ModuleList(
            _layers((inputs, *block), activation) for inputs, block in zip(channels, widths, strict=False)
        )
        self.pool = nn.AvgPool2d(2) if smooth else nn.MaxPool2d(2)
        average = fuse_pool == "avg" or smooth
        self.to_map_size = nn.ModuleList(nn.AvgPool2d(n) if average else nn.MaxPool2d(n) for n in (4, 2, 1))
        joined = sum(channels[1:])
        self.head = _layers((joined, *head), activation)
        self.last = LastLayer(head[-1], ending, activation)
        self.branch = (
            nn.Sequential(
                _layers((joined, *branch), activation, stride=2),
                nn.AdaptiveAvgPool2d(1),
                nn.Flatten(),
                nn.Linear(branch[-1], 1),
                nn.Flatten(0),
            )
            if branch
            else None
        )
        draw_as_xavier(self)

    def levels(self, crops: Tensor) -> dict[str, Tensor]:
        levels: dict[str, Tensor] = {}
        maps = self.normalise(crops)
        for number, block in enumerate(self.blocks, start=1):
            maps = levels[f"pool{number}"] = self.pool(block(maps))
        fused = torch.cat([pool(level) for pool, level in zip(self.to_map_size, levels.values(), strict=True)], 1)
        return levels | {"fused": fused, "map": self.last(self.head(fused))}

    def outputs(self, crops: Tensor) -> Outputs:
        levels = self.levels(crops)
        return Outputs(levels["map"], self.branch(levels["fused"]) if self.branch is not None else None)


def _layers(widths: Sequence[int], activation: type[nn.Module], stride: int = 1) -> nn.Sequential:
    """From the first width to the last: convolution, activation, batch norm for each step."""
    return nn.Sequential(
        *(
            layer
            for inputs, outputs in pairwise(widths)
            for layer in (
                nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1),
                activation(),
                nn.BatchNorm2d(outputs),
            )
        )
    )


def fasdr(
    width: int = 16, *, deep: bool = False, branch: bool = False, fuse_pool: FusePool = "avg", smooth: bool = False
) -> FASDR:
    """FAS-DR with `width` filters in its first convolution; 16, 32 and 64 are the paper's.

    deep: the widest convolution of each block twice, the teacher of Distill and FitNet.  branch: FAS-DR-BC, with a
    binary branch from the joined levels.

    >>> [sum(p.numel() for p in network.parameters()) for network in (fasdr(), fasdr(deep=True), fasdr(branch=True))]
    [140017, 202657, 172434]
    """
    widest = (3 * width, 3 * width) if deep else (3 * width,)
    block = (2 * width, *widest, 2 * width)
    return FASDR(
        "fasdr" + ("_deep" if deep else "") + ("_bc" if branch else ""),
        ((width, *block), block, block),
        head=(2 * width, width),
        branch=(2 * width, width) if branch else (),
        fuse_pool=fuse_pool,
        smooth=smooth,
    )


def fasdr_light(
    widths: tuple[int, int, int] = (8, 16, 32), *, head: int = 16, ending: Ending = "detector", smooth: bool = False
) -> FASDR:
    """FAS-DR with one convolution a block: MT-FAS's meta-teacher, with its raw `ending`, and its surrogate detector.

    The paper only draws it; these layers agree with the cost of training that its Table 4 prints.

    >>> sum(parameter.numel() for parameter in fasdr_light().parameters())
    14401
    """
    return FASDR("fasdr_light", tuple((width,) for width in widths), head=(head,), ending=ending, smooth=smooth)
