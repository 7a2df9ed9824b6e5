"""A detector under one supervision: `Detector(Label)` of the MT-FAS paper, with every teacher it is compared with.

Binary, depth and mask maps need no teacher.  Distill, Distill_Light, BANs and FitNet first train one on binary maps and
then show its answer, stretched face by face (Eq. 14); FitNet also has the detector match the teacher's middle layer.
docs/mtfas.md tells each rival and what in it is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import ClassVar, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from sincera.losses.supervision import Binary, Depth, Mask, Supervision, Teacher
from sincera.methods.maps import Adam, MapMethod, MapRecipe
from sincera.nets.detectors import detector
from sincera.recipe import Recipe, Settings
from sincera.train import Batch, Facts, Losses, Stage, descend
from sincera.train.supervised import LENGTH, steps_of

__all__ = ["Pixel", "PixelRecipe"]

WITHOUT_TEACHER: Mapping[str, Callable[[], Supervision]] = {"binary": Binary, "depth": Depth, "mask": Mask}
# what each rival's teacher is; BANs' is the detector itself, or what remains of it without its branch
NETWORKS = {"distill": "fasdr_deep", "distill_light": "fasdr_light", "fitnet": "fasdr_deep", "bans": ""}


class Rival(Settings):
    """The teacher of distill, distill_light, bans and fitnet. width: 0 stands for the detector's own, or the paper's.

    length, batch, optimiser: its training on binary maps.
    """

    width: int = Field(default=0, ge=0)
    length: str = Field(default="10 epochs", pattern=LENGTH)
    batch: int = Field(default=32, ge=2)
    optimiser: Adam = Adam()


class Hint(Settings):
    """FitNet's. mode: `two_stage` spends `share` of the steps on the hint alone, `joint` adds it at `weight`.

    level: the layer whose output is the hint, in both networks.
    """

    mode: Literal["two_stage", "joint"] = "two_stage"
    share: float = Field(default=0.1, gt=0, lt=1)
    weight: float = Field(default=1.0, ge=0)
    level: Literal["pool1", "pool2", "pool3"] = "pool2"


class PixelRecipe(MapRecipe):
    """supervision: where the target maps come from."""

    supervision: Literal["binary", "depth", "mask", "distill", "distill_light", "bans", "fitnet"] = "binary"
    rival: Rival = Rival()
    hint: Hint = Hint()

    @model_validator(mode="after")
    def _has_middle(self) -> PixelRecipe:
        if self.supervision == "fitnet" and not self.detector.startswith("fasdr"):
            raise ValueError(f"supervision=fitnet needs a detector with FAS-DR's levels; {self.detector} has others")
        return self


class Pixel(MapMethod):
    """PixelSupervised(detector, supervision) for any pair."""

    recipe_type: ClassVar[type[Recipe]] = PixelRecipe

    def __init__(self, recipe: PixelRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.options = recipe
        self.rival: nn.Module | None = None
        self.regressor: nn.Module | None = None
        if recipe.supervision in NETWORKS:
            self.rival = self._fresh_rival()
        if recipe.supervision == "fitnet":
            self.regressor = self._fresh_regressor()

    def supervision(self) -> Supervision:
        if self.rival is not None:
            return Teacher(self.rival)
        return WITHOUT_TEACHER[self.options.supervision]()

    def stages(self) -> Iterable[Stage]:
        steps, needs = self.maps.count(self.facts), self.supervision().needs
        if self.rival is None:
            return (self.detector_stage(needs=needs),)
        first: tuple[Stage, ...] = (self._rival_stage(self.rival),)
        hint = self.options.hint
        if self.regressor is not None and hint.mode == "two_stage":
            early = min(steps - 1, max(1, round(steps * hint.share)))
            first, steps = (*first, self._hint_stage(self.regressor, early)), steps - early
        joint = {} if self.regressor is None or hint.mode == "two_stage" else {"regressor": self.regressor}
        return (*first, self.detector_stage(steps=steps, beside=joint))

    def losses(self, batch: Batch) -> Losses:
        losses = super().losses(batch)
        if self.regressor is None or self.options.hint.mode != "joint":
            return losses
        hint = self._hint(batch, self.regressor)
        return Losses(losses.total + self.options.hint.weight * hint, {**(losses.logged or {}), "loss_hint": hint})

    # The teacher, on binary maps

    def _rival_stage(self, rival: nn.Module) -> Stage:
        recipe = self.options.rival
        optimiser = recipe.optimiser.over(rival.parameters())

        def update(batch: Batch) -> Mapping[str, Tensor]:
            rate = recipe.optimiser.set_rate(optimiser, batch)
            shown = rival(batch.crops)
            loss = mse_loss(shown, batch.labels.view(-1, 1, 1, 1).to(shown.dtype).expand_as(shown))
            descend(loss, optimiser)
            return {"loss": loss, "lr": torch.tensor(rate)}

        return Stage(
            name="teacher",
            steps=steps_of(recipe.length, self.facts, recipe.batch),
            feed=replace(self.options.feed(), size=recipe.batch),
            modules={"rival": rival},
            update=update,
            state={"optimiser": optimiser},
            precision=self.options.precision,
            begin=lambda: _copy(self._fresh_rival(), rival),
            settings=("supervision", "detector", "width", "rival", "augment", "sampler", "unit"),
        )

    def _fresh_rival(self) -> nn.Module:
        recipe = self.options
        name = NETWORKS[recipe.supervision] or recipe.detector.removesuffix("_bc")
        light = name == "fasdr_light" and recipe.detector != "fasdr_light"
        width = recipe.rival.width or (0 if light else recipe.width)
        return detector(name, width=width or None)

    # FitNet's hint

    def _fresh_regressor(self) -> nn.Module:
        """1×1, from the detector's width at the hint's level to the teacher's; dropped after training."""
        assert self.rival is not None
        tiny = torch.zeros(1, 3, 32, 32)
        with torch.no_grad():
            ours, theirs = (_level(one.eval(), tiny, self.options.hint.level) for one in (self.detector, self.rival))
        self.detector.train()
        self.rival.train()
        return nn.Conv2d(ours.shape[1], theirs.shape[1], 1)

    def _hint(self, batch: Batch, regressor: nn.Module) -> Tensor:
        assert self.rival is not None
        level = self.options.hint.level
        with torch.no_grad():
            wanted = _level(self.rival, batch.crops, level)
        return mse_loss(regressor(_level(self.detector, batch.crops, level)), wanted)

    def _hint_stage(self, regressor: nn.Module, steps: int) -> Stage:
        recipe = self.maps
        modules = {"detector": self.detector, "regressor": regressor}
        optimiser = recipe.optimiser.over([p for one in modules.values() for p in one.parameters()])

        def update(batch: Batch) -> Mapping[str, Tensor]:
            rate = recipe.optimiser.set_rate(optimiser, batch)
            loss = self._hint(batch, regressor)
            descend(loss, optimiser)
            return {"loss": loss, "lr": torch.tensor(rate)}

        return Stage(
            name="hint",
            steps=steps,
            feed=recipe.feed(),
            modules=modules,
            update=update,
            state={"optimiser": optimiser},
            precision=recipe.precision,
        )


def _level(network: nn.Module, crops: Tensor, name: str) -> Tensor:
    levels: Mapping[str, Tensor] = network.levels(crops)  # type: ignore[operator]  # every Detector has it
    return levels[name]


def _copy(source: nn.Module, target: nn.Module) -> None:
    target.load_state_dict(source.state_dict())
