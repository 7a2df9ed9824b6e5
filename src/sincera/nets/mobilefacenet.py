"""A trunk like MobileFaceNet (Chen et al. 2018): inverted residuals made for faces, position-aware pooling.

Departs from the paper: the 7×7 kernel of the global depthwise convolution is stretched to the map where the crop is
not 112 px, because crops here have any size; at 112 px it is the paper's layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from sincera.nets.student import Trunk

# expansion, width, repeats, stride of the first (the paper's Table 1)
_STAGES = ((2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1))


def _conv(inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.PReLU(outputs),
    )


class InvertedResidual(nn.Module):
    """1×1 wider, 3×3 depthwise, 1×1 narrow and linear; added to its input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.layers = nn.Sequential(
            _conv(inputs, wide, 1),
            _conv(wide, wide, 3, stride=stride, groups=wide),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(x)
        return x + out if self.adds else out


class GlobalDepthwise(nn.Module):
    """(B, C, h, w) → (B, C): a learned weight for each channel and place, stretched where the map is not 7×7."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(1, channels, 7, 7))
        nn.init.normal_(self.kernel, mean=1 / 49, std=1 / 49)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        kernel = interpolate(self.kernel, (height, width), mode="bilinear", align_corners=False)
        return (x * kernel).sum((2, 3)) * (49 / (height * width))


class MobileFaceNetTrunk(Trunk):
    """About a million parameters, 128 features; strides 2 to 16, made for 112 px."""

    width = 128

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_conv(3, 64, 3, stride=2), _conv(64, 64, 3, groups=64))
        self.stages = nn.ModuleList()
        inputs = 64
        for expansion, width, repeats, stride in _STAGES:
            blocks = [InvertedResidual(inputs, width, expansion, stride)]
            blocks += [InvertedResidual(width, width, expansion, 1) for _ in range(repeats - 1)]
            self.stages.append(nn.Sequential(*blocks))
            inputs = width
        self.widen = _conv(inputs, 512, 1)
        self.pool = GlobalDepthwise(512)
        self.pooled_norm = nn.BatchNorm1d(512)
        self.narrow = nn.Sequential(nn.Linear(512, self.width, bias=False), nn.BatchNorm1d(self.width))

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        stem = self.stem(pixels)
        quarter = self.stages[0](stem)
        eighth = self.stages[2](self.stages[1](quarter))
        sixteenth = self.widen(self.stages[4](self.stages[3](eighth)))
        features = self.narrow(self.pooled_norm(self.pool(sixteenth)))
        return {"stride2": stem, "stride4": quarter, "stride8": eighth, "stride16": sixteenth, "features": features}
