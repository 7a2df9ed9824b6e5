"""A student: one trunk, named linear heads, and the normalisation that the trunk wants."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import torch
from torch import Tensor, nn

from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.nets.weights import WeightsInfo

Norm = Literal["imagenet", "symmetric", "none"]

_MEAN_AND_STD: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "symmetric": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "none": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}


class Normalise(nn.Module):
    """RGB in [0, 1] → what a trunk was trained on; `symmetric` is [-1, 1], `none` leaves the pixels as they are."""

    mean: Tensor
    std: Tensor

    def __init__(self, norm: Norm) -> None:
        super().__init__()
        if norm not in _MEAN_AND_STD:
            raise UsageError(f"normalisation {norm!r} does not exist; there are {', '.join(get_args(Norm))}")
        mean, std = _MEAN_AND_STD[norm]
        # not persistent: a constant has no place among the weights of a file
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, crops: Tensor) -> Tensor:
        return (crops - self.mean) / self.std


class Trunk(nn.Module, ABC):
    """What a network computes before its heads: normalised pixels → {"stride4": map, …, "features": (B, width)}.

    width: length of the features.  ignored: key prefixes in files of weights that belong to the owner's classifier.
    imagenet: address of torchvision's ImageNet weights, None where there are none.
    """

    width: ClassVar[int]
    ignored: ClassVar[tuple[str, ...]] = ()
    imagenet: ClassVar[str | None] = None

    @abstractmethod
    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """(B, 3, H, W), normalised → maps from fine to coarse by their stride, then the pooled features."""


class Student(nn.Module):
    """A trunk with named linear heads; takes crops in [0, 1] of any size from 64 px.

    `network(crops)` gives the logits of the main head: `fas` where there is one, else the first named.
    `logits(crops)` gives all heads from one pass; `levels(crops)` the maps by their stride and the pooled features.

    >>> from sincera.nets import student
    >>> network = student("small", heads={"rec": 512, "fas": 2}).eval()
    >>> crops = torch.rand(4, 3, 96, 96)
    >>> network(crops).shape, {name: tuple(logits.shape) for name, logits in network.logits(crops).items()}
    (torch.Size([4, 2]), {'rec': (4, 512), 'fas': (4, 2)})
    >>> tuple(network.levels(crops)["stride16"].shape[2:]), network.levels(crops)["features"].shape[1]
    ((6, 6), 96)
    """

    def __init__(self, name: str, trunk: Trunk, heads: Mapping[str, int], norm: Norm) -> None:
        super().__init__()
        if not heads or any(width < 1 for width in heads.values()):
            raise UsageError(f"network {name}: heads {dict(heads)}; at least one is needed, each of one output or more")
        self.name = name
        self.norm: Norm = norm
        self.weights: WeightsInfo | None = None
        self.normalise = Normalise(norm)
        self.trunk = trunk
        self.heads = nn.ModuleDict({head: nn.Linear(trunk.width, width) for head, width in heads.items()})
        self.main_head = "fas" if "fas" in heads else next(iter(heads))

    @property
    def feature_width(self) -> int:
        """Length of the pooled features that the heads read."""
        return self.trunk.width

    def levels(self, crops: Tensor) -> dict[str, Tensor]:
        """Maps (B, C, h, w) under `stride4`, `stride8`, … from fine to coarse, then `features` (B, width)."""
        levels: dict[str, Tensor] = self.trunk(self.normalise(crops))
        return levels

    def features(self, crops: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] → (B, width), pooled, before the heads."""
        return self.levels(crops)["features"]

    def logits(self, crops: Tensor) -> dict[str, Tensor]:
        """(B, 3, H, W) in [0, 1] → {head: (B, outputs)}, one pass through the trunk for all heads."""
        features = self.features(crops)
        return {name: head(features) for name, head in self.heads.items()}

    def forward(self, crops: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] → (B, outputs) of the main head."""
        logits: Tensor = self.heads[self.main_head](self.features(crops))
        return logits

    def deployed(self) -> Student:
        """The same trunk (shared, not copied) with the main head alone: what is exported."""
        main: nn.Linear = self.heads[self.main_head]  # type: ignore[assignment]  # ModuleDict forgets the type
        alone = Student(self.name, self.trunk, {self.main_head: main.out_features}, self.norm)
        alone.heads[self.main_head] = main
        alone.weights = self.weights
        return alone.train(self.training)
