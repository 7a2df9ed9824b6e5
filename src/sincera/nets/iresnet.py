"""ArcFace's network (Deng et al. 2019, as InsightFace trains it), under its own keys: a face to an embedding."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from sincera.errors import UsageError, WeightsError
from sincera.nets.weights import load_exactly, without_module_prefix

DEPTHS: Mapping[int, tuple[int, ...]] = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 14, 3),
    100: (3, 13, 30, 3),
}
_SHRINKS = 16  # four stages, each halving


class Block(nn.Module):
    """BN, 3×3, BN, PReLU, 3×3 with the stride, BN; the shortcut is the input, or a 1×1 convolution and BN."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Sequential | None = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.bn2(self.conv1(self.bn1(x)))
        out = self.bn3(self.conv2(self.prelu(out)))
        return out + (x if self.downsample is None else self.downsample(x))


class IResNet(nn.Module):
    """(B, 3, size, size), RGB in [-1, 1] → embedding (B, width), not of unit length."""

    def __init__(
        self, blocks: tuple[int, ...], channels: tuple[int, ...], *, width: int, size: int, dropout: float
    ) -> None:
        super().__init__()
        self.blocks, self.channels, self.width, self.size = blocks, channels, width, size
        self.conv1 = nn.Conv2d(3, channels[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels[0])
        self.prelu = nn.PReLU(channels[0])
        inputs = channels[0]
        stages = []
        for count, outputs in zip(blocks, channels, strict=True):
            first = Block(inputs, outputs, 2)
            stages.append(nn.Sequential(first, *(Block(outputs, outputs, 1) for _ in range(count - 1))))
            inputs = outputs
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.bn2 = nn.BatchNorm2d(inputs)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(inputs * (size // _SHRINKS) ** 2, width)
        self.features = nn.BatchNorm1d(width)
        self.features.weight.requires_grad = False  # the scale stays 1, and is counted among the parameters
        # Departs from the owner's code, which draws all convolutions with a deviation of 0.1: without batch statistics
        # such a network answers in the millions, and an untrained teacher is asked in eval mode
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, a=0.25, nonlinearity="leaky_relu")

    def maps(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """The maps after the four stages, from fine to coarse: strides 2, 4, 8 and 16."""
        maps = [self.prelu(self.bn1(self.conv1(pixels)))]
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            maps.append(stage(maps[-1]))
        return tuple(maps[1:])

    def forward(self, pixels: Tensor) -> Tensor:
        last = self.dropout(self.bn2(self.maps(pixels)[-1]).flatten(1))
        embedding: Tensor = self.features(self.fc(last))
        return embedding


def iresnet(
    depth: int = 18,
    *,
    blocks: tuple[int, ...] | None = None,
    channels: tuple[int, ...] = (64, 128, 256, 512),
    width: int = 512,
    size: int = 112,
    dropout: float = 0.0,
) -> IResNet:
    """An ArcFace network with weights from torch's generator, under the keys of InsightFace's files.

    depth: 18, 34, 50 or 100.  blocks: how many blocks each of the four stages has, in the place of a depth.
    channels: of the stages.  width: of the embedding.  size: side of the crop, a multiple of 16.
    dropout: before the last linear layer.  Raises UsageError for any other layout.

    >>> sum(parameter.numel() for parameter in iresnet(18).parameters())
    24025600
    >>> small = iresnet(blocks=(1, 1, 1, 1), channels=(16, 32, 64, 128), width=128, size=96)
    >>> sum(parameter.numel() for parameter in small.parameters())
    898800
    """
    if blocks is None and depth not in DEPTHS:
        raise UsageError(f"iresnet: depth {depth} does not exist; there are {', '.join(map(str, DEPTHS))}, or blocks=.")
    blocks = DEPTHS[depth] if blocks is None else blocks
    if len(blocks) != 4 or len(channels) != 4 or min(*blocks, *channels, width) < 1:
        raise UsageError(
            f"iresnet: blocks {blocks}, channels {channels}, width {width}; four stages are needed, nothing below 1."
        )
    if size < _SHRINKS or size % _SHRINKS:
        raise UsageError(f"iresnet: size {size}; a multiple of {_SHRINKS} is needed, such as 112.")
    return IResNet(blocks, channels, width=width, size=size, dropout=dropout)


def iresnet_of(tensors: Mapping[str, Tensor], *, path: str | Path = "these weights") -> IResNet:
    """The network that the keys and shapes of these tensors tell, loaded with all of them.

    path: what an error calls the tensors.  Raises WeightsError with the first key that does not fit.

    >>> iresnet_of(iresnet(34, channels=(8, 8, 8, 8), width=16, size=32).state_dict()).blocks
    (3, 4, 6, 3)
    """
    tensors = without_module_prefix(tensors)
    blocks, channels = [], []
    for stage in range(1, 5):
        numbers = {int(match[1]) for key in tensors if (match := re.match(rf"layer{stage}\.(\d+)\.", key))}
        blocks.append(max(numbers, default=0) + 1)
        channels.append(_shape(tensors, f"layer{stage}.0.conv1.weight", 4, path)[0])
    width, inputs = _shape(tensors, "fc.weight", 2, path)
    side = math.isqrt(inputs // channels[-1])
    if not side or side**2 * channels[-1] != inputs:
        raise WeightsError(
            f"{path}: fc.weight has shape {(width, inputs)}; IResNet needs {channels[-1]} times a square in its place."
        )
    network = iresnet(blocks=tuple(blocks), channels=tuple(channels), width=width, size=side * _SHRINKS)
    load_exactly(network, tensors, path)
    return network


def _shape(tensors: Mapping[str, Tensor], key: str, dimensions: int, path: str | Path) -> tuple[int, ...]:
    if key not in tensors:
        raise WeightsError(f"{path}: {key} is missing; IResNet needs it. Are these another network's weights?")
    shape = tuple(tensors[key].shape)
    if len(shape) != dimensions:
        raise WeightsError(f"{path}: {key} has shape {shape}; IResNet needs {dimensions} dimensions in its place.")
    return shape
