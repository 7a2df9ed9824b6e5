"""OKDDip: peers that teach each other and a leader that learns from all of them, with nobody trained before.

Chen et al. 2020 in the form of regression.  Each peer's target is a mean of the peers' maps, weighted face by face by
attention over their pooled features; the leader's is their plain mean.  The leader alone is scored.

Departs from the owners' code: maps stand for softened logits, mean squares for divergences, and networks of their own
for branches of one trunk, since MT-FAS has FAS-DR for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import ClassVar

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from sincera.losses.maps import map_loss
from sincera.losses.supervision import Binary, Supervision
from sincera.methods.maps import MapMethod, MapRecipe
from sincera.methods.procedures import Plain
from sincera.nets.detectors import detector
from sincera.recipe import Recipe
from sincera.train import Batch, Facts, Losses, Stage

__all__ = ["OKDDip", "OKDDipRecipe"]


class OKDDipRecipe(MapRecipe):
    """detector, width: the leader; its peers are the same without a branch.

    peers: their number.  squeeze: the attention's width is the features' by this.  weight: of what they teach.
    ramp: share of the training over which that weight rises to its full size.
    """

    peers: int = Field(default=2, ge=2)
    squeeze: int = Field(default=8, ge=1)
    weight: float = Field(default=1.0, ge=0)
    ramp: float = Field(default=0.4, gt=0, le=1)

    @model_validator(mode="after")
    def _has_levels(self) -> OKDDipRecipe:
        if not self.detector.startswith("fasdr"):
            raise ValueError(f"okddip pools FAS-DR's fused levels; {self.detector} has none")
        return self


class OKDDip(MapMethod):
    """A detector led by the mean of its peers."""

    recipe_type: ClassVar[type[Recipe]] = OKDDipRecipe

    def __init__(self, recipe: OKDDipRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.options = recipe
        assert isinstance(self.procedure, Plain)
        self.plain = self.procedure
        name = recipe.detector.removesuffix("_bc")
        self.peers = nn.ModuleList(detector(name, width=recipe.width or None) for _ in range(recipe.peers))
        width = _pooled(self.peers[0].eval(), torch.zeros(1, 3, 32, 32))[1].shape[1]
        self.peers.train()
        self.query = nn.Linear(width, max(1, width // recipe.squeeze), bias=False)
        self.key = nn.Linear(width, max(1, width // recipe.squeeze), bias=False)

    def supervision(self) -> Supervision:
        return Binary()

    def stages(self) -> Iterable[Stage]:
        return (self.detector_stage(beside={"peers": self.peers, "query": self.query, "key": self.key}),)

    def ramped(self, step: int, steps: int) -> float:
        """How much the peers' word counts by now, from e⁻⁵ to 1."""
        return math.exp(-5 * (1 - min(1.0, step / (self.options.ramp * steps))) ** 2)

    def losses(self, batch: Batch) -> Losses:
        truth = self.targets(batch)
        form = self.maps.loss_form
        leader = self.detector.outputs(batch.crops)
        led = self.plain.of(leader, batch.labels, truth)
        maps, features = zip(*(_pooled(peer, batch.crops) for peer in self.peers), strict=True)
        wanted = self.aggregated(torch.stack(maps, 1), torch.stack(features, 1))  # (B, m, 1, h, w)
        alone = sum((map_loss(one, truth, form) for one in maps), truth.new_zeros(()))
        mutual = sum((map_loss(one, wanted[:, n], form) for n, one in enumerate(maps)), truth.new_zeros(()))
        mean = torch.stack(maps).mean(0).detach()  # Departs from the owners' code: the leader moves no peer
        lead = map_loss(leader.map, mean, form)
        weight = self.options.weight * self.ramped(batch.step, batch.steps)
        logged = {**(led.logged or {}), "loss_peers": alone, "loss_mutual": mutual, "loss_lead": lead}
        return Losses(led.total + alone + weight * (mutual + lead), logged)

    def aggregated(self, maps: Tensor, features: Tensor) -> Tensor:
        """(B, m, 1, h, w) and (B, m, F) → each peer's target, gradients kept: Σ_b A_ab map_b of each face."""
        attention = (self.query(features) @ self.key(features).transpose(1, 2)).softmax(2)  # (B, m, m)
        return torch.einsum("bmn,bnchw->bmchw", attention, maps)


def _pooled(network: nn.Module, crops: Tensor) -> tuple[Tensor, Tensor]:
    """The map and the pooled features of its fused levels."""
    levels: Mapping[str, Tensor] = network.levels(crops)  # type: ignore[operator]  # every Detector has it
    return levels["map"], levels["fused"].mean((2, 3))
