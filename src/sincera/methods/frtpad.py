"""FRT-PAD: what an attribute-editing network sees in a face, passed to a detector through a graph (Zhang et al. 2021).

DTDA's predecessor and its rival in Table VII. Departs from the owner's code: attention works on each face alone, and
the teacher stays in eval mode, because the code's answer to a face hangs on the rest of its batch and its teacher's
statistics drift; the dropout before the classifier is used, because the code computes it and throws it away (preset
`code` sets it to 0).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sincera.clip import ATTACK
from sincera.errors import WeightsError
from sincera.nets import Norm, StarganDiscriminator, WeightsInfo, initialise, stargan_discriminator
from sincera.nets.frtpad import frtpad
from sincera.nets.graph import Graph
from sincera.recipe import Recipe, Settings
from sincera.teachers import TeacherNorm
from sincera.teachers.files import packaged, read_teacher
from sincera.teachers.frozen import PACKAGED, RANDOM
from sincera.train import Batch, Facts, Losses, Method, Optimiser, Schedule, Scores, SupervisedRecipe

__all__ = ["FRTPAD", "FRTPADRecipe"]


class EditingTeacher(Settings):
    """T_fa. teacher: `packaged`, `random`, or the file of a StarGAN discriminator (ours or an official one).

    size, width, repeat: the layout of a random teacher and of a file: side of its input, channels of its first map,
    number of convolutions; the run keeps the teacher's weights, so the file is needed only once.  The packaged one
    brings its layout.  norm: `native` shows it [-1, 1], `frtpad` the [0, 1] of the owner's code.
    seed: of the three projecting layers, and of a random teacher.
    """

    teacher: str = PACKAGED
    size: int = Field(default=128, ge=16)
    width: int = Field(default=64, ge=1)
    repeat: int = Field(default=6, ge=4)
    norm: TeacherNorm = "native"
    seed: int = Field(default=0, ge=0, lt=2**63)


class Adapter(Settings):
    """The graph attention. graph: `direct` links each node to the next, `dense` links all.

    heads: side by side.  slope: of its leaky ReLU.  dropout: of nodes and of attention.
    """

    graph: Graph = "direct"
    heads: int = Field(default=2, ge=1)
    slope: float = Field(default=0.2, ge=0)
    dropout: float = Field(default=0.6, ge=0, lt=1)


class Amsgrad(Optimiser):
    """As everywhere, but `adam` is its AMSGrad form, as published."""

    kind: Literal["sgd", "adam", "adamw"] = "adam"
    lr: float = Field(default=1e-4, gt=0)
    weight_decay: float = Field(default=5e-5, ge=0)
    schedule: Schedule = Schedule(kind="none")

    def over(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        if self.kind != "adam":
            return super().over(parameters)
        wanted = [p for p in parameters if p.requires_grad]
        return torch.optim.Adam(wanted, self.lr, betas=self.betas, weight_decay=self.weight_decay, amsgrad=True)


class FRTPADRecipe(SupervisedRecipe):
    """network, norm, weights: of the student.  dropout: before the classifier."""

    network: str = "resnet18"
    norm: Norm = "imagenet"
    weights: str = "none"
    dropout: float = Field(default=0.5, ge=0, lt=1)
    editing: EditingTeacher = EditingTeacher()
    adapter: Adapter = Adapter()
    batch: int = Field(default=32, ge=1)
    optimiser: Amsgrad = Amsgrad()

    def files(self) -> dict[str, Path]:
        """The package's own teacher is a file too."""
        ours = {"editing.teacher": packaged("attributes")} if self.editing.teacher == PACKAGED else {}
        return super().files() | ours


class FRTPAD(Method):
    """Cross-entropy on a student's features joined with what a graph makes of a frozen teacher's maps."""

    recipe_type: ClassVar[type[Recipe]] = FRTPADRecipe

    def __init__(self, recipe: FRTPADRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.options = recipe
        discriminator, found = _begun(recipe.editing)
        self.network = frtpad(
            recipe.network,
            discriminator,
            norm=recipe.norm,
            teacher_norm="symmetric" if recipe.editing.norm == "native" else "none",
            graph=recipe.adapter.graph,
            heads=recipe.adapter.heads,
            slope=recipe.adapter.slope,
            attention_dropout=recipe.adapter.dropout,
            dropout=recipe.dropout,
            generator=torch.Generator().manual_seed(recipe.editing.seed),
        )
        self.network.teacher.weights = found

    def begin(self) -> None:
        initialise(self.network.student, self.options.weights)
        origin = self.options.editing.teacher
        if origin not in (PACKAGED, RANDOM):
            discriminator, self.network.teacher.weights = _read(Path(origin))
            _check_layout(discriminator, self.options.editing)
            self.network.teacher.main.load_state_dict(discriminator.main.state_dict())

    def losses(self, batch: Batch) -> Losses:
        logits = self.network(batch.crops)  # (B, 2)
        right = (logits.argmax(1) == batch.labels).float().mean()
        return Losses(cross_entropy(logits, batch.labels), {"accuracy": right})

    def score(self, crops: Tensor) -> Scores:
        """(B, 3, H, W) → probability of an attack (B,), and the joined features."""
        features = self.network.features(crops)
        return Scores(self.network.classify(features).softmax(1)[:, ATTACK], features=features)


def _begun(editing: EditingTeacher) -> tuple[StarganDiscriminator, WeightsInfo | None]:
    """The packaged teacher, or one drawn from its seed, into which a file is loaded when the training begins."""
    if editing.teacher == PACKAGED:
        return _read(packaged("attributes"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(editing.seed)
        return stargan_discriminator(size=editing.size, width=editing.width, repeat=editing.repeat), None


def _read(path: Path) -> tuple[StarganDiscriminator, WeightsInfo]:
    if path.suffix.lower() == ".onnx":
        raise WeightsError(
            f"{path}: an ONNX file shows no maps, which FRT-PAD reads; give a .safetensors or .ckpt file."
        )
    network, facts = read_teacher(path)
    if not isinstance(network, StarganDiscriminator):
        raise WeightsError(f"{path}: a teacher of {facts.kind}; FRT-PAD needs a StarGAN discriminator.")
    # its two heads are read with the rest, but the projection leaves them aside
    return network, WeightsInfo(
        path.name, facts.sha256, len(network.main.state_dict()), ("conv1.weight", "conv2.weight")
    )


def _check_layout(found: StarganDiscriminator, editing: EditingTeacher) -> None:
    layout = (found.size, found.width, found.repeat)
    if layout != (editing.size, editing.width, editing.repeat):
        settings = " ".join(
            f"--set editing.{name}={value}" for name, value in zip(("size", "width", "repeat"), layout, strict=True)
        )
        raise WeightsError(
            f"{editing.teacher}: size {layout[0]}, width {layout[1]}, repeat {layout[2]}; the recipe says "
            f"{editing.size}, {editing.width}, {editing.repeat}. Give {settings}."
        )
