"""The attribute teacher: StarGAN's discriminator, trained against a generator that edits faces (Choi et al., 2018)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from sincera.clip import Clip
from sincera.evaluate.faces import Faces
from sincera.nets.stargan import stargan_discriminator, stargan_generator
from sincera.teachers.files import CELEBA, Kind
from sincera.teachers.labels import Questions
from sincera.teachers.training import Kept, TeacherMethod, TeacherRecipe, answers, seen
from sincera.teachers.verification import score_attributes
from sincera.train import Batch, Facts, Optimiser, Stage, descend
from sincera.train.ranks import dealt, gathered, of_first_rank, world
from sincera.train.supervised import Schedule

NEITHER = 0.5  # what the generator is told of an attribute that nobody knows


class AttributesRecipe(TeacherRecipe):
    """attributes: what is told apart, columns of the store or CelebA's names where simulated people answer them.

    size, width, repeat: of the discriminator.  generator_width, generator_repeat: of the generator.
    classification, reconstruction, penalty: weights of the paper's losses beside the adversarial one.
    critic: steps of the discriminator for one of the generator.  decay: share at the end over which both rates fall to
    0 in a line.
    """

    attributes: tuple[str, ...] = CELEBA
    size: int = Field(default=128, ge=16)
    width: int = Field(default=64, ge=1)
    repeat: int = Field(default=6, ge=2)
    generator_width: int = Field(default=64, ge=1)
    generator_repeat: int = Field(default=6, ge=1)
    classification: float = Field(default=1.0, ge=0)
    reconstruction: float = Field(default=10.0, ge=0)
    penalty: float = Field(default=10.0, ge=0)
    critic: int = Field(default=5, ge=1)
    decay: float = Field(default=0.5, ge=0, le=1)
    batch: int = Field(default=16, ge=2)
    length: str = "200000 steps"
    optimiser: Optimiser = Optimiser(
        kind="adam", lr=1e-4, betas=(0.5, 0.999), weight_decay=0.0, schedule=Schedule(kind="none")
    )


class Attributes(TeacherMethod):
    """Discriminator (real or edited, and which attributes) against generator; the discriminator becomes the teacher."""

    kind: ClassVar[Kind] = "attributes"
    recipe_type: ClassVar[type[TeacherRecipe]] = AttributesRecipe
    needs: ClassVar[tuple[str, ...]] = ("attributes",)

    def __init__(self, recipe: AttributesRecipe, facts: Facts, trained: int) -> None:
        super().__init__(recipe, facts, trained)
        count = len(recipe.attributes)
        self.questions = Questions(recipe.attributes, facts.attributes)
        self.network = stargan_discriminator(
            size=recipe.size, width=recipe.width, repeat=recipe.repeat, attributes=count
        )
        self.generator = stargan_generator(
            width=recipe.generator_width, repeat=recipe.generator_repeat, attributes=count
        )
        self.kept = Kept(self.network)
        self.size, self.settings = recipe.size, recipe

    def stages(self) -> Iterable[Stage]:
        settings = self.settings
        judge, editor = (settings.optimiser.over(one.parameters()) for one in (self.network, self.generator))

        def update(batch: Batch) -> Mapping[str, Tensor]:
            share = min(1.0, (batch.steps - batch.step) / max(settings.decay * batch.steps, 1.0))
            rate = 0.0
            for optimiser in (judge, editor):
                rate = settings.optimiser.set_rate(optimiser, batch) * share
                for group in optimiser.param_groups:
                    group["lr"] = rate
            real, labels = self.pixels(batch.crops), self.questions(batch.extra["attributes"])
            wished = exchanged(labels)
            loss, logged = self.judged(real, labels, wished)
            descend(loss, judge)
            logged |= {"lr": torch.tensor(rate)}
            if (batch.step + 1) % settings.critic == 0:
                self.network.requires_grad_(requires_grad=False)  # its own gradient would be computed for nothing
                loss, edits = self.edited(real, labels, wished)
                descend(loss, editor)
                self.network.requires_grad_(requires_grad=True)
                logged |= edits
            return logged

        return (
            Stage(
                name="stargan",
                steps=settings.count(self.facts),
                feed=settings.feed(needs=self.needs),
                modules={"discriminator": self.network, "generator": self.generator},
                update=update,
                state={"judge": judge, "editor": editor, "kept": self.kept},
                precision=settings.precision,
                done=self.validate,
            ),
        )

    def judged(self, real: Tensor, labels: Tensor, wished: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The discriminator's loss (Eq. 5): L_adv, Wasserstein with gradient penalty, and L_cls of real faces.

        real: (B, 3, size, size) in [-1, 1].  labels, wished: (B, A) of 1, 0 or NaN.
        """
        with torch.no_grad():
            fake = self.generator(real, wished.nan_to_num(NEITHER))
        truth, logits = self.network(real)
        lie = self.network(fake)[0]
        distance = truth.mean() - lie.mean()
        known = classification_loss(logits, labels)
        steep = gradient_penalty(self.network, real, fake)
        loss = -distance + self.settings.classification * known + self.settings.penalty * steep
        return loss, {"distance": distance, "classification": known, "penalty": steep}

    def edited(self, real: Tensor, labels: Tensor, wished: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The generator's loss (Eq. 6): L_adv, L_cls of its faces, and the way back to the face that it was given."""
        fake = self.generator(real, wished.nan_to_num(NEITHER))
        lie, logits = self.network(fake)
        back = self.generator(fake, labels.nan_to_num(NEITHER))
        obeyed = classification_loss(logits, wished)
        returned = (real - back).abs().mean()
        settings = self.settings
        loss = -lie.mean() + settings.classification * obeyed + settings.reconstruction * returned
        return loss, {"obeyed": obeyed, "reconstruction": returned}

    def quality(self, batches: Sequence[Batch]) -> float:
        """Mean AUC of the attributes on validation people."""
        logits = torch.cat([self.network(self.pixels(batch.crops))[1] for batch in batches])
        labels = torch.cat([self.questions(batch.extra["attributes"]) for batch in batches])
        people = torch.cat([batch.subjects for batch in batches])
        scores = score_attributes(
            logits.float().cpu().numpy(), labels.cpu().numpy(), people.cpu().numpy(), self.questions.names, rounds=0
        )
        areas = [score.auc for score in scores if score.auc is not None]
        return float(np.mean(areas)) if areas else 0.0

    def measures(self, network: nn.Module, faces: Faces, clips: Sequence[Clip]) -> dict[str, Any]:
        rows, people = seen(faces, clips)
        labels = self.questions(torch.from_numpy(faces.extra("attributes", rows)))
        logits = answers(network, faces, rows, self.size)
        scores = score_attributes(logits.numpy(), labels.numpy(), people, self.questions.names)
        return {"attributes": [score.to_dict() for score in scores]}

    def described(self) -> dict[str, Any]:
        return {"attributes": list(self.questions.names)}


def exchanged(labels: Tensor) -> Tensor:
    """(B, A) labels of this rank's faces → (B, A) of other faces: one order drawn over the faces of all ranks."""
    everyone = gathered(labels)
    order = of_first_rank(torch.randperm(len(everyone), device="cpu").to(labels.device))
    return dealt(everyone[order])


def classification_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy summed over the attributes that are known, mean over faces (the owner's code; Eq. 2 and 3).

    >>> logits = torch.zeros(2, 2)
    >>> labels = torch.tensor([[1.0, torch.nan], [0.0, 1.0]])
    >>> round(classification_loss(logits, labels).item(), 4)  # 3 · ln 2 / 2
    1.0397
    """
    known = ~labels.isnan()
    loss = binary_cross_entropy_with_logits(logits, labels.nan_to_num(0.0), reduction="none")
    return loss.masked_fill(~known, 0.0).sum() / len(logits)


def gradient_penalty(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """Mean of (‖∇D(x̂)‖ - 1)² at random points x̂ between real and edited faces (WGAN-GP; Eq. 8).

    The points of all ranks' faces are drawn at once.
    """
    places = torch.rand(len(real) * world(), 1, 1, 1, dtype=real.dtype, device="cpu").to(real.device)
    place = dealt(of_first_rank(places))
    between = (place * real + (1 - place) * fake).detach().requires_grad_()
    verdict = discriminator(between)[0]
    (slope,) = torch.autograd.grad(verdict.sum(), between, create_graph=True)
    penalty: Tensor = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    return penalty
