"""Frozen teachers: crops in, numbers out, no gradient, nothing that could drift."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize as unit_length

from sincera.errors import WeightsError
from sincera.nets.iresnet import IResNet, iresnet
from sincera.nets.resize import resized
from sincera.nets.stargan import StarganDiscriminator, stargan_discriminator, stargan_projection
from sincera.teachers.files import Kind, TeacherNetwork, packaged, read_teacher

TeacherNorm = Literal["native", "frtpad"]
EditingOutput = Literal["projection", "logits"]

PACKAGED, RANDOM = "packaged", "random"
PROJECTED = 512


class Teacher(nn.Module):
    """A network that never learns again: (B, 3, H, W) crops in [0, 1] → (B, width), always in eval mode.

    name: for logs.  sha256: of its file, None where it was drawn at random.  digest: changes with weights and
    settings, so it may key a cache.  size: the side to which crops are resized (bilinear, corners aligned).
    norm: `native` shows the network the [-1, 1] that it was trained on, `frtpad` the [0, 1] of older code.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        name: str,
        size: int,
        width: int,
        sha256: str | None,
        norm: TeacherNorm,
        settings: Mapping[str, object],
    ) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(requires_grad=False)
        self.name, self.size, self.width, self.sha256, self.norm = name, size, width, sha256, norm
        self.digest = _digest(network, sha256, [name, size, norm, sorted(settings.items())])
        super().train(mode=False)

    def train(self, mode: bool = True) -> Teacher:  # noqa: ARG002 - nn.Module's signature
        """Departs from the predecessor's code, which trains: eval mode stays, as statistics must not drift."""
        return self

    def forward(self, crops: Tensor) -> Tensor:
        return self.answer(resized(crops, self.size))

    @torch.no_grad()
    def answer(self, small: Tensor) -> Tensor:
        """(B, 3, size, size) in [0, 1], already resized → (B, width)."""
        pixels = 2 * small - 1 if self.norm == "native" else small
        output: Tensor = self.network(pixels)
        return output.flatten(1)


class _Embedding(nn.Module):
    """The recognition network, its output brought to length 1 where that is asked for."""

    def __init__(self, network: nn.Module, *, unit: bool) -> None:
        super().__init__()
        self.network, self.unit = network, unit

    def forward(self, pixels: Tensor) -> Tensor:
        embedding: Tensor = self.network(pixels)
        return unit_length(embedding) if self.unit else embedding


class _Logits(nn.Module):
    """The editing discriminator's attribute logits alone: its verdict on real or made is not used."""

    def __init__(self, discriminator: nn.Module) -> None:
        super().__init__()
        self.discriminator = discriminator

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.discriminator(pixels)[1]
        return logits


def open_recognition(origin: str, *, norm: TeacherNorm = "native", normalise: bool = False, seed: int = 0) -> Teacher:
    """The face recognition teacher T_fr (DTDA, Eq. 4): embeddings.

    origin: `packaged` (the package's own, trained on simulated people), `random` (the same network, weights drawn from
    the seed) or a file: one of our own, an official iresnet checkpoint, or any ONNX file with one picture in and one
    vector out.  normalise: bring embeddings to length 1.  Raises WeightsError where the file does not fit.
    """
    network, size, width, sha256 = _opened(origin, "recognition", seed)
    return Teacher(
        _Embedding(network, unit=normalise), name=f"recognition:{Path(origin).name}", size=size, width=width,
        sha256=sha256, norm=norm, settings={"normalise": normalise},
    )  # fmt: skip


def open_editing(
    origin: str, *, output: EditingOutput = "projection", norm: TeacherNorm = "native", seed: int = 0
) -> Teacher:
    """The attribute editing teacher T_fa (DTDA, Eq. 3): a StarGAN discriminator.

    origin: as in `open_recognition`; an official StarGAN discriminator's checkpoint, or any ONNX file, whose output is
    then taken as it is.  output: `projection`, 512 numbers by a frozen random projection of the last two hidden maps,
    drawn from the seed; or `logits`, one number an attribute.
    """
    network, size, width, sha256 = _opened(origin, "attributes", seed)
    if isinstance(network, StarganDiscriminator):
        if output == "projection":
            dice = torch.Generator().manual_seed(seed)
            network, width = stargan_projection(network, width=PROJECTED, generator=dice), PROJECTED
        else:
            network = _Logits(network)
    return Teacher(
        network, name=f"editing:{Path(origin).name}", size=size, width=width, sha256=sha256, norm=norm,
        settings={"output": output},
    )  # fmt: skip


def teacher_file(origin: str, kind: Kind) -> Path:
    """The file that a teacher's origin leads to: the package's own also for `random`, which takes its layout."""
    return packaged(kind) if origin in (PACKAGED, RANDOM) else Path(origin)


def _opened(origin: str, kind: Kind, seed: int) -> tuple[nn.Module, int, int, str | None]:
    """Bare network, input side, output width, SHA-256 of the file.

    No generator outside moves: what a student draws after its teachers is the same whoever they are.
    """
    path = teacher_file(origin, kind)
    if not path.is_file():
        raise WeightsError(f"teacher {origin!r}: no such file. Expected packaged, random, none or a file.")
    if path.suffix.lower() == ".onnx":
        from sincera.teachers.onnx import OnnxTeacher

        foreign = OnnxTeacher(path)
        return foreign, foreign.size, foreign.width, foreign.sha256
    with torch.random.fork_rng(devices=[]):  # a network is drawn before it is loaded
        network, facts = read_teacher(path)
        if facts.kind != kind:
            raise WeightsError(f"{path}: a teacher of {facts.kind}, but one of {kind} is needed here.")
        if origin == RANDOM:
            return _drawn_anew(network, seed), facts.size, facts.width, None
    return network, facts.size, facts.width, facts.sha256


def _drawn_anew(like: TeacherNetwork, seed: int) -> TeacherNetwork:
    """The same layout with every parameter and statistic as at the start of a training."""
    torch.manual_seed(seed)
    if isinstance(like, IResNet):
        return iresnet(blocks=like.blocks, channels=like.channels, width=like.width, size=like.size)
    return stargan_discriminator(size=like.size, width=like.width, repeat=like.repeat, attributes=like.attributes)


def _digest(network: nn.Module, sha256: str | None, settings: Any) -> str:
    """The tensors (a projection's too), the file's hash where it holds no tensors of ours, and what is done around."""
    return hashlib.sha256(repr([tensors_digest(network), sha256, settings]).encode()).hexdigest()[:16]


def tensors_digest(module: nn.Module) -> str:
    """Changes with any parameter or buffer of a module."""
    content = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        content.update(name.encode())
        content.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return content.hexdigest()[:16]
