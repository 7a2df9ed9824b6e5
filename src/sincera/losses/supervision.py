"""Where a detector's target maps come from: its label, a stored map, or a teacher (MT-FAS, Eq. 13 and 14)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from sincera.clip import ATTACK, LIVE
from sincera.errors import UsageError
from sincera.losses.maps import shrink

FLAT = 1e-4  # a map that spans less tells nothing
HOW = {  # where a stored map comes from
    "depth": "give others one by a face mesh (`sincera prepare … --depth FILE`)",
    "mask": "give others a `<stem>.truth.npz` with 'mask' beside the clip and prepare again",
}


@dataclass(frozen=True)
class Supervision(ABC):
    """Images and labels → target maps, without gradient.

    needs: the names of `Batch.extra` that are read.  live_high: whether a map is high on live faces and not on attacks.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    live_high: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, images: Tensor, labels: Tensor, extra: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:
        """(B, 3, H, W), (B,), stored maps by name, (h, w) → (B, 1, h, w)."""


@dataclass(frozen=True)
class Binary(Supervision):
    """0 all over a live face, 1 all over an attack.

    >>> Binary()(torch.rand(2, 3, 16, 16), torch.tensor([0, 1]), {}, (2, 2)).flatten(1).tolist()
    [[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]
    """

    def __call__(self, images: Tensor, labels: Tensor, extra: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:  # noqa: ARG002
        return masked(images.new_ones((len(images), 1, *size)), labels)


@dataclass(frozen=True)
class Depth(Supervision):
    """The face's depth on live faces, 1 nearest; 0 all over an attack, which is flat or not skin."""

    needs = ("depth",)
    live_high = True

    def __call__(self, images: Tensor, labels: Tensor, extra: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:
        return _stored("depth", images, labels == LIVE, extra, size)


@dataclass(frozen=True)
class Mask(Supervision):
    """1 where an attack covers the face, 0 elsewhere and all over a live face."""

    needs = ("mask",)

    def __call__(self, images: Tensor, labels: Tensor, extra: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:
        return _stored("mask", images, labels == ATTACK, extra, size)


@dataclass(frozen=True)
class Meta(Supervision):
    """The maps of a meta-teacher after its training, by `pixel_labels`."""

    teacher: nn.Module

    def __call__(self, images: Tensor, labels: Tensor, extra: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:  # noqa: ARG002
        return shrink(pixel_labels(self.teacher, images, labels), size)


@dataclass(frozen=True)
class Teacher(Supervision):
    """The maps of a detector that was trained before, by `regression_labels`."""

    network: nn.Module

    def __call__(self, images: Tensor, labels: Tensor, extra: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:  # noqa: ARG002
        return shrink(regression_labels(self.network, images, labels), size)


def pixel_labels(teacher: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """What a trained meta-teacher has detectors learn: σ(g) stretched to [0, 1] on attacks, 0 on live faces (Eq. 13).

    teacher: images (B, 3, H, W) → raw maps g (B, 1, h, w); runs in eval mode, its mode is restored.  labels: (B,),
    1 = attack.  Each attack's map has an exact 0 and an exact 1, unless it spans less than 1e-4: then it is 1 all over.
    Departs from Eq. 13 there, which would divide by nothing; and a map of zeros says live.  No gradient.
    """
    return masked(stretched(_answer(teacher, images).sigmoid()), labels)


def regression_labels(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """The same of a teacher that was trained as a detector: its map as it is, without a sigmoid (Eq. 14)."""
    return masked(stretched(_answer(network, images)), labels)


def stretched(maps: Tensor) -> Tensor:
    """(B, 1, h, w) → each face's map from its own least value 0 to its greatest 1; flat ones become 1 all over.

    >>> stretched(torch.tensor([[[[2.0, 3.0, 6.0]]], [[[5.0, 5.0, 5.0]]]])).flatten(1).tolist()
    [[0.0, 0.25, 1.0], [1.0, 1.0, 1.0]]
    """
    low, high = maps.amin((1, 2, 3), keepdim=True), maps.amax((1, 2, 3), keepdim=True)
    flat = high - low < FLAT
    return torch.where(flat, 1.0, (maps - low) / torch.where(flat, 1.0, high - low))


def flat_share(maps: Tensor, labels: Tensor) -> Tensor:
    """Share of the attacks whose map is flat: a teacher that gives the binary label. NaN where there is no attack.

    maps: (B, 1, h, w), targets or raw answers.  labels: (B,).

    >>> flat_share(torch.tensor([[[[0.0, 0.0]]], [[[0.0, 1.0]]], [[[1.0, 1.0]]]]), torch.tensor([0, 1, 1]))
    tensor(0.5000)
    """
    attacks = maps.detach()[labels == ATTACK].flatten(1)
    return (attacks.amax(1) - attacks.amin(1) < FLAT).to(maps.dtype).mean()


def masked(maps: Tensor, labels: Tensor) -> Tensor:
    """m(x) of Eq. 2: (B, 1, h, w) as they are on attacks, exactly 0 on live faces."""
    return torch.where((labels == ATTACK).view(-1, 1, 1, 1), maps, torch.zeros_like(maps))


def _stored(name: str, images: Tensor, shown: Tensor, extra: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:
    """The stored map on the faces that are `shown`, 0 on the others, whose map need not be known."""
    if name not in extra:
        raise UsageError(f"{name} supervision: the batch carries no {name!r}; name it among the feed's needs.")
    maps = shrink(extra[name].to(images.dtype), size)
    unknown = int((maps.isnan().flatten(1).any(1) & shown).sum())
    if unknown:
        kind = "live faces" if name == "depth" else "attacks"
        raise UsageError(
            f"{name} supervision: {unknown} of {int(shown.sum())} {kind} in a batch carry no {name}. Simulated clips "
            f"carry it in their sidecars; {HOW[name]}, leave those clips out, or choose another supervision."
        )
    return torch.where(shown.view(-1, 1, 1, 1), maps, torch.zeros_like(maps))


@torch.no_grad()
def _answer(network: nn.Module, images: Tensor) -> Tensor:
    with evaluating(network):
        answer: Tensor = network(images)
    return answer


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Eval mode for a while; then each module inside is again in the mode that it was in."""
    training = [module for module in network.modules() if module.training]
    network.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
