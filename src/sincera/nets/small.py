"""A student for two cores: residual blocks with plain 3×3 convolutions, narrow where the maps are large.

Plain convolutions, since depthwise ones save multiply-adds that a processor core then spends waiting for memory.
"""

from __future__ import annotations

from torch import Tensor, nn

from sincera.nets.student import Trunk


def conv_bn(inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    """Convolution without bias, batch norm; the padding keeps the size at stride 1."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Residual(nn.Module):
    """Two 3×3 convolutions beside a 1×1 shortcut, halving height and width."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = conv_bn(inputs, outputs, stride=2)
        self.second = conv_bn(outputs, outputs)
        self.shortcut = conv_bn(inputs, outputs, stride=2, kernel=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.relu(self.second(self.relu(self.first(x))) + self.shortcut(x))
        return out


class SmallTrunk(Trunk):
    """Five halvings to 96 features; about 0.27 million parameters, trained from scratch at 96 to 128 px."""

    width = 96

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_bn(3, 16, stride=2), nn.ReLU())
        self.stage1 = Residual(16, 20)
        self.stage2 = Residual(20, 40)
        self.stage3 = Residual(40, 80)
        self.stage4 = Residual(80, 96)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        levels = {"stride4": self.stage1(self.stem(pixels))}
        levels["stride8"] = self.stage2(levels["stride4"])
        levels["stride16"] = self.stage3(levels["stride8"])
        levels["stride32"] = self.stage4(levels["stride16"])
        return levels | {"features": levels["stride32"].mean((2, 3))}
