"""RFMetaFAS's detector (Shao et al., AAAI 2020): colours in two spaces, a depth map and a logit that tells."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from sincera.errors import UsageError
from sincera.nets.detector import Detector, Outputs

Faithful = Literal["paper", "code"]
MOMENTA: Mapping[Faithful, float] = {"paper": 0.1, "code": 1.0}


class RFMetaFAS(Detector):
    """A stem and three blocks over RGB and HSV; the joined levels make a map, the last level makes a logit.

    `levels(crops)["pool3"]` is what `embedder` takes, (B, 2·width, H/8, W/8) → (B,): the part that each episode adapts
    (`losses.episode`).  The logit is the score; the map, depth in the paper, only regularises.
    faithful: `paper` lets the embedder's batch norms gather running statistics as usual; `code` keeps the owners'
    momentum of 1, by which they are those of the last batch alone.
    """

    def __init__(self, width: int, *, faithful: Faithful) -> None:
        super().__init__("rfmetafas")
        block = (2 * width, width * 196 // 64, 2 * width)
        self.stem = _layers((6, width))
        self.blocks = nn.ModuleList(_layers((inputs, *block)) for inputs in (width, 2 * width, 2 * width))
        self.pool = nn.MaxPool2d(2)
        # averages over whole tiles: what adaptive pooling to an eighth gives where an eighth is a whole number
        self.to_map_size = nn.ModuleList(nn.AvgPool2d(n) for n in (4, 2, 1))
        self.head = _layers((6 * width, 2 * width, width, 1))
        self.embedder = nn.Sequential(
            _layers((2 * width, 2 * width)),
            nn.MaxPool2d(2, ceil_mode=True),  # crops below 32 px have a single pixel left here
            _layers((2 * width, 4 * width)),
            nn.MaxPool2d(2, ceil_mode=True),
            _layers((4 * width, 8 * width)),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8 * width, 1),
            nn.Flatten(0),
        )
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.xavier_normal_(layer.weight)
            if isinstance(layer, nn.Linear):
                nn.init.zeros_(layer.bias)
        self.remember_as(faithful)

    def remember_as(self, faithful: Faithful) -> None:
        """How fast the embedder's running statistics move: as `paper` or as `code`."""
        if faithful not in get_args(Faithful):
            raise UsageError(f"faithful {faithful!r} does not exist; there are {', '.join(get_args(Faithful))}")
        for layer in self.embedder.modules():
            if isinstance(layer, nn.BatchNorm2d):
                # Departs from the owners' code, unless `code` is asked for: by its 1, the last batch alone decides.
                layer.momentum = MOMENTA[faithful]

    def levels(self, crops: Tensor) -> dict[str, Tensor]:
        levels: dict[str, Tensor] = {}
        maps = self.stem(torch.cat([crops, hsv(crops)], 1))
        for number, block in enumerate(self.blocks, start=1):
            maps = levels[f"pool{number}"] = self.pool(block(maps))
        fused = torch.cat([pool(level) for pool, level in zip(self.to_map_size, levels.values(), strict=True)], 1)
        return levels | {"fused": fused, "map": self.head(fused)}

    def outputs(self, crops: Tensor) -> Outputs:
        levels = self.levels(crops)
        return Outputs(levels["map"], self.embedder(levels["pool3"]))


def hsv(crops: Tensor) -> Tensor:
    """RGB (B, 3, H, W) in [0, 1] → hue, saturation, value, each in [0, 1]; a turn of hue is 1, grey has hue 0.

    As colorsys defines it.  Departs from the owners' code, which converts bytes: real numbers, nothing is rounded.
    It has a gradient, though hue jumps from 1 to 0 at red; grey and black pixels get one of 0 in hue and saturation
    instead of an infinite one.

    >>> hsv(torch.tensor([0.2, 0.4, 0.4]).view(1, 3, 1, 1)).flatten()
    tensor([0.5000, 0.5000, 0.4000])
    """
    red, green, blue = crops.unbind(1)
    value, least = crops.amax(1), crops.amin(1)
    spread = value - least
    grey = spread <= 0
    divisor = spread.masked_fill(grey, 1)
    sector = torch.where(
        value == red,
        (green - blue) / divisor,
        torch.where(value == green, 2 + (blue - red) / divisor, 4 + (red - green) / divisor),
    )
    turn = sector / 6
    hue = (turn - turn.floor()).masked_fill(grey, 0)
    saturation = spread.masked_fill(grey, 0) / value.masked_fill(grey, 1)
    return torch.stack([hue, saturation, value], 1)


def _layers(widths: tuple[int, ...]) -> nn.Sequential:
    """From the first width to the last: 3×3 convolution, batch norm, ReLU for each step."""
    return nn.Sequential(
        *(
            layer
            for inputs, outputs in pairwise(widths)
            for layer in (nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU())
        )
    )


def rfmetafas(width: int = 64, *, faithful: Faithful = "paper") -> RFMetaFAS:
    """RFMetaFAS's detector with `width` filters in its stem, the others in proportion.

    >>> sum(parameter.numel() for parameter in rfmetafas().parameters())
    3873576
    """
    return RFMetaFAS(width, faithful=faithful)
