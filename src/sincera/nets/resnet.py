"""torchvision's ResNet-18 as a trunk (He et al. 2016), under torchvision's own keys."""

from __future__ import annotations

from torch import Tensor
from torchvision.models import ResNet18_Weights, resnet18

from sincera.nets.student import Trunk


class ResNet18Trunk(Trunk):
    """ResNet-18 without its fc: 11,176,512 parameters, 512 features."""

    width = 512
    ignored = ("fc.",)
    imagenet = ResNet18_Weights.IMAGENET1K_V1.url

    def __init__(self) -> None:
        super().__init__()
        net = resnet18(weights=None)
        self.conv1, self.bn1, self.relu, self.maxpool = net.conv1, net.bn1, net.relu, net.maxpool
        self.layer1, self.layer2, self.layer3, self.layer4 = net.layer1, net.layer2, net.layer3, net.layer4

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        stem = self.maxpool(self.relu(self.bn1(self.conv1(pixels))))
        levels = {"stride4": self.layer1(stem)}
        levels["stride8"] = self.layer2(levels["stride4"])
        levels["stride16"] = self.layer3(levels["stride8"])
        levels["stride32"] = self.layer4(levels["stride16"])
        return levels | {"features": levels["stride32"].mean((2, 3))}
