"""torchvision's MobileNetV2 as a trunk (Sandler et al. 2018), under torchvision's own keys."""

from __future__ import annotations

from torch import Tensor
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

from sincera.nets.student import Trunk

_ENDS = {3: "stride4", 6: "stride8", 13: "stride16", 18: "stride32"}  # the last block at each stride


class MobileNetV2Trunk(Trunk):
    """MobileNetV2 without its classifier: 2,223,872 parameters, 1280 features."""

    width = 1280
    ignored = ("classifier.",)
    imagenet = MobileNet_V2_Weights.IMAGENET1K_V1.url

    def __init__(self) -> None:
        super().__init__()
        self.features = mobilenet_v2(weights=None).features

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        levels = {}
        for position, block in enumerate(self.features):
            pixels = block(pixels)
            if position in _ENDS:
                levels[_ENDS[position]] = pixels
        return levels | {"features": pixels.mean((2, 3))}
