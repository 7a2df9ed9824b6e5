"""The recognition teacher: embeddings of faces by ArcFace's additive angular margin (Deng et al., 2019)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

import torch
from pydantic import Field
from torch import nn

from sincera.clip import Clip
from sincera.errors import UsageError
from sincera.evaluate.faces import Faces
from sincera.losses.margin import AngularMargin
from sincera.nets.iresnet import iresnet
from sincera.teachers.files import Kind
from sincera.teachers.training import Kept, TeacherMethod, TeacherRecipe, answers, seen
from sincera.teachers.verification import verify
from sincera.train import Batch, Facts, Losses, Optimiser, Stage, supervised_stage
from sincera.train.ranks import synchronise_dropout
from sincera.train.supervised import Schedule

Wide = Annotated[int, Field(ge=16)]


class RecognitionRecipe(TeacherRecipe):
    """blocks, channels: of the network's four stages.  width: of the embedding.  size: side of its input.
    Channels start at 16: with fewer, PyTorch's backward pass through a 1×1 convolution of stride 2 in channels-last
    layout was seen to write outside its memory on a CPU.

    scale, margin: s and m of ArcFace (its Eq. 3).  growth: share of the training over which the margin rises from 0,
    which few identities and small networks need.  dropout: before the last layer.
    """

    blocks: tuple[int, int, int, int] = (2, 2, 2, 2)
    channels: tuple[Wide, Wide, Wide, Wide] = (64, 128, 256, 512)
    width: int = Field(default=512, ge=1)
    size: int = Field(default=112, ge=16)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    scale: float = Field(default=64.0, gt=0)
    margin: float = Field(default=0.5, ge=0, lt=1.5)
    growth: float = Field(default=0.0, ge=0, le=1)
    batch: int = Field(default=128, ge=2)
    length: str = "20 epochs"
    optimiser: Optimiser = Optimiser(lr=0.1, schedule=Schedule(kind="cosine", warmup=0.05))


class Recognition(TeacherMethod):
    """An iresnet that tells people apart; the margin's class directions serve the training alone."""

    kind: ClassVar[Kind] = "recognition"
    recipe_type: ClassVar[type[TeacherRecipe]] = RecognitionRecipe

    def __init__(self, recipe: RecognitionRecipe, facts: Facts, trained: int) -> None:
        super().__init__(recipe, facts, trained)
        self.network = iresnet(
            blocks=recipe.blocks,
            channels=recipe.channels,
            width=recipe.width,
            size=recipe.size,
            dropout=recipe.dropout,
        )
        synchronise_dropout(self.network)
        self.margin = AngularMargin(recipe.width, trained, scale=recipe.scale, margin=recipe.margin)
        self.kept = Kept(self.network)
        self.size, self.growth = recipe.size, recipe.growth

    def stages(self) -> Iterable[Stage]:
        ordinary = supervised_stage(self)
        modules = {"network": self.network, "margin": self.margin}
        return (replace(ordinary, modules=modules, state={**ordinary.state, "kept": self.kept}, done=self.validate),)

    def losses(self, batch: Batch) -> Losses:
        share = min(1.0, batch.step / (self.growth * batch.steps)) if self.growth else 1.0
        loss, cosines = self.margin(self.network(self.pixels(batch.crops)), batch.subjects, share=share)
        right = (cosines.argmax(1) == batch.subjects).float().mean()
        return Losses(loss, {"accuracy": right})

    def check(self, faces: Faces, clips: Sequence[Clip]) -> None:
        _, people = seen(faces, clips)
        if len(set(people)) == len(people):
            raise UsageError(
                f"none of {len(people)} people kept aside has two pictures with a face; recognition is measured on "
                "pairs. Give data with several pictures a person."
            )

    def quality(self, batches: Sequence[Batch]) -> float:
        """Verification AUC over all pairs of validation pictures."""
        embeddings = [self.network(self.pixels(batch.crops)) for batch in batches]
        people = torch.cat([batch.subjects for batch in batches])
        return verify(torch.cat(embeddings).float().cpu().numpy(), people.cpu().numpy(), rounds=0).auc

    def measures(self, network: nn.Module, faces: Faces, clips: Sequence[Clip]) -> dict[str, Any]:
        rows, people = seen(faces, clips)
        found = verify(answers(network, faces, rows, self.size).numpy(), people)
        return {"verification": found.to_dict()}
