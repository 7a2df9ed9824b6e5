"""The baseline: a student and cross-entropy."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import cross_entropy

from sincera.clip import ATTACK
from sincera.nets import Norm, initialise, student
from sincera.recipe import Recipe
from sincera.train import Batch, Facts, Losses, Method, Scores, SupervisedRecipe


class BaselineRecipe(SupervisedRecipe):
    """network: a student's name.  norm: what its pixels are shifted and scaled by.

    weights: `none` (from scratch), `imagenet` (downloaded by torchvision) or a file for the trunk.
    """

    network: str = "resnet18"
    norm: Norm = "imagenet"
    weights: str = "none"


class Baseline(Method):
    """Cross-entropy on live and attack: the baseline that every other method must beat."""

    recipe_type: ClassVar[type[Recipe]] = BaselineRecipe

    def __init__(self, recipe: BaselineRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.network = student(recipe.network, {"fas": 2}, norm=recipe.norm)
        self.origin = recipe.weights

    def begin(self) -> None:
        initialise(self.network, self.origin)

    def losses(self, batch: Batch) -> Losses:
        logits = self.network(batch.crops)  # (B, 2)
        right = (logits.argmax(1) == batch.labels).float().mean()
        return Losses(cross_entropy(logits, batch.labels), {"accuracy": right})

    def score(self, crops: Tensor) -> Scores:
        """(B, 3, H, W) → probability of an attack (B,), and the pooled features."""
        features = self.network.features(crops)
        logits = self.network.heads["fas"](features)
        return Scores(logits.softmax(1)[:, ATTACK], features=features)
