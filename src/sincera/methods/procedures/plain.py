"""FAS-DR's procedure: the map's mean square distance from its target, and cross-entropy on a branch where there is one.

Base of the others.  A map is live-high under depth supervision and attack-high under every other; scores always rise
with attack (docs/mtfas.md, Supervisions).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from sincera.losses.maps import map_loss
from sincera.nets.detector import Detector, Outputs
from sincera.train import Batch, Losses, Scores

if TYPE_CHECKING:
    from sincera.methods.maps import MapRecipe


class Procedure(ABC):
    """detector: gives maps (B, 1, h, w).  What a subclass changes is the loss, what follows a step, and the score."""

    def __init__(self, detector: Detector, recipe: MapRecipe) -> None:
        self.detector, self.recipe = detector, recipe

    @abstractmethod
    def losses(self, batch: Batch, maps: Tensor, *, live_high: bool) -> Losses:
        """The loss of a batch whose targets are `maps` (B, 1, h, w)."""

    def after(self, batch: Batch) -> None:  # noqa: B027  # most have nothing to do
        """What follows a gradient step without being one."""

    @abstractmethod
    def score(self, crops: Tensor, *, live_high: bool) -> Scores:
        """(B, 3, H, W) in [0, 1] → (B,) that rises with attack, and the map, attack-high too."""


class Plain(Procedure):
    """FAS-DR of any width, FAS-DR-Light, ResNet-8, and FAS-DR-BC with its branch."""

    def losses(self, batch: Batch, maps: Tensor, *, live_high: bool) -> Losses:  # noqa: ARG002
        return self.of(self.detector.outputs(batch.crops), batch.labels, maps)

    def of(self, outputs: Outputs, labels: Tensor, maps: Tensor) -> Losses:
        """The loss of what the detector gave."""
        loss = map_loss(outputs.map, maps, self.recipe.loss_form)
        logged = {"loss_map": loss, "map_mean": outputs.map.mean()}
        if outputs.logit is None:
            return Losses(loss, logged)
        branch = binary_cross_entropy_with_logits(outputs.logit, labels.to(outputs.logit.dtype))
        return Losses(loss + self.recipe.branch_weight * branch, logged | {"loss_branch": branch})

    def score(self, crops: Tensor, *, live_high: bool) -> Scores:
        """The mean of the map; with a branch, half of it and half the branch's probability of an attack."""
        outputs = self.detector.outputs(crops)
        # Departs from the paper's score under depth alone: the halves would oppose each other.
        shown = 1 - outputs.map if live_high else outputs.map
        score = shown.mean((1, 2, 3))
        if outputs.logit is not None:
            score = 0.5 * score + 0.5 * outputs.logit.sigmoid()
        return Scores(score, map=shown)
