"""DANN: features that a domain discriminator cannot read, by a reversed gradient.

Ganin et al. 2016; what DTDA's attack on the pixels claims to replace (its Fig. 1a): domain and class are learned at
once, the trunk against the discriminator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sincera.clip import ATTACK
from sincera.errors import RecipeError
from sincera.losses.reversal import reverse_gradient
from sincera.nets import Norm, initialise, student
from sincera.recipe import Recipe
from sincera.train import Batch, Facts, Losses, Method, Scores, SupervisedRecipe

__all__ = ["DANN", "DANNRecipe"]


class DANNRecipe(SupervisedRecipe):
    """network, norm, weights: of the student.  domain_weight: λ_d of the domain loss, both classes' features.

    hidden, dropout: of the discriminator's middle layer.  steepness: of the reversal's rise from 0 to 1 over the
    training, 2 / (1 + exp(-steepness · done)) - 1.
    """

    network: str = "resnet18"
    norm: Norm = "imagenet"
    weights: str = "none"
    domain_weight: float = Field(default=0.1, ge=0)
    hidden: int = Field(default=512, ge=1)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    steepness: float = Field(default=10.0, gt=0)


class DANN(Method):
    """Cross-entropy on live and attack, and on domains through a reversed gradient.

    RecipeError where there is one domain only.
    """

    recipe_type: ClassVar[type[Recipe]] = DANNRecipe

    def __init__(self, recipe: DANNRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        if len(facts.domains) < 2:
            raise RecipeError(
                f"dann: one source domain, {', '.join(facts.domains)}; a discriminator of domains needs two or more. "
                "Train the baseline, which is what would be left."
            )
        self.options = recipe
        self.network = student(recipe.network, {"fas": 2}, norm=recipe.norm)
        self.discriminator = nn.Sequential(
            nn.Linear(self.network.feature_width, recipe.hidden),
            nn.ReLU(),
            nn.Dropout(recipe.dropout),
            nn.Linear(recipe.hidden, len(facts.domains)),
        )

    def begin(self) -> None:
        initialise(self.network, self.options.weights)

    def coefficient(self, step: int, steps: int) -> float:
        """How strongly the trunk goes against the discriminator, from 0 towards 1.

        >>> round(DANN.coefficient(DANN(DANNRecipe(network="small"), Facts(("O", "C"), (), 9, 96)), 50, 100), 4)
        0.9866
        """
        return 2 / (1 + math.exp(-self.options.steepness * step / steps)) - 1

    def losses(self, batch: Batch) -> Losses:
        features = self.network.features(batch.crops)
        logits = self.network.heads["fas"](features)
        against = reverse_gradient(features, self.coefficient(batch.step, batch.steps))
        domains = self.discriminator(against)
        fas, domain = cross_entropy(logits, batch.labels), cross_entropy(domains, batch.domains)
        logged: Mapping[str, Tensor] = {
            "loss_fas": fas,
            "loss_domain": domain,
            "accuracy": (logits.argmax(1) == batch.labels).float().mean(),
            "domain_accuracy": (domains.argmax(1) == batch.domains).float().mean(),
            "reversal": torch.tensor(self.coefficient(batch.step, batch.steps)),
        }
        return Losses(fas + self.options.domain_weight * domain, logged)

    def score(self, crops: Tensor) -> Scores:
        """(B, 3, H, W) → probability of an attack (B,), and the pooled features."""
        features = self.network.features(crops)
        return Scores(self.network.heads["fas"](features).softmax(1)[:, ATTACK], features=features)
