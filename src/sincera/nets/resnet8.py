"""ResNet-8: four residual blocks and a map, the meta-teacher's other backbone in MT-FAS's ablation (its Table 6)."""

from __future__ import annotations

from torch import Tensor, nn

from sincera.nets.detector import Detector, Ending, LastLayer, draw_as_xavier
from sincera.nets.student import Normalise


class ResidualBlock(nn.Module):
    """Convolution, batch norm, ReLU, convolution; the 1×1 shortcut is added before the second norm and ReLU."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, width, 1)
        self.sum = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU())

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.sum(self.second(self.first(maps)) + self.shortcut(maps))
        return out


class ResNet8(Detector):
    """Residual blocks of these widths, a 2×2 maximum after each but the last, and a 3×3 convolution to the map."""

    def __init__(self, widths: tuple[int, int, int, int], ending: Ending) -> None:
        super().__init__("resnet8")
        self.normalise = Normalise("symmetric")
        self.blocks = nn.ModuleList(
            ResidualBlock(inputs, width) for inputs, width in zip((3, *widths), widths, strict=False)
        )
        self.pool = nn.MaxPool2d(2)
        self.last = LastLayer(widths[-1], ending)
        draw_as_xavier(self)

    def levels(self, crops: Tensor) -> dict[str, Tensor]:
        levels: dict[str, Tensor] = {}
        maps = self.normalise(crops)
        *pooled, final = self.blocks
        for number, block in enumerate(pooled, start=1):
            maps = levels[f"pool{number}"] = self.pool(block(maps))
        return levels | {"map": self.last(final(maps))}


def resnet8(widths: tuple[int, int, int, int] = (16, 32, 64, 128), *, ending: Ending = "teacher") -> ResNet8:
    """The paper gives the 16 of its first block; the others double, as in the first author's ResNet-12.

    >>> sum(parameter.numel() for parameter in resnet8().parameters())
    306673
    """
    return ResNet8(widths, ending)
