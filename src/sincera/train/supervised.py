"""The ordinary stage: one optimiser over the whole method, one loss; and the settings that it reads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from sincera.recipe import Recipe, Settings
from sincera.train.batch import Batch, Facts
from sincera.train.feed import Augment, Balance, Feed
from sincera.train.method import Method, Stage
from sincera.train.ranks import descend


class Schedule(Settings):
    """The learning rate as a share of its start.

    kind: `steps` multiplies by `factor` at each share of the training in `drops`; `cosine` falls to 0; `none` stays.
    warmup: share of the training over which the rate rises from 0.
    """

    kind: Literal["steps", "cosine", "none"] = "steps"
    drops: tuple[float, ...] = (1 / 2, 5 / 6)
    factor: float = Field(default=0.1, gt=0, lt=1)
    warmup: float = Field(default=0.0, ge=0, lt=1)

    def at(self, step: int, steps: int) -> float:
        """The share at a step, counted from 0.

        >>> [round(Schedule().at(step, 90), 3) for step in (0, 44, 45, 74, 75, 89)]
        [1.0, 1.0, 0.1, 0.1, 0.01, 0.01]
        """
        done = step / steps
        if self.warmup and done < self.warmup:
            return (step + 1) / (self.warmup * steps + 1)
        if self.kind == "cosine":
            return 0.5 * (1 + math.cos(math.pi * (done - self.warmup) / (1 - self.warmup)))
        passed = sum(step >= round(drop * steps) for drop in self.drops)
        return float(self.factor**passed) if self.kind == "steps" else 1.0


class Optimiser(Settings):
    """kind, rate and decay; momentum is read by sgd, betas by adam and adamw."""

    kind: Literal["sgd", "adam", "adamw"] = "sgd"
    lr: float = Field(default=0.01, gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = Field(default=5e-4, ge=0)
    schedule: Schedule = Schedule()

    def over(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The optimiser over those parameters that want a gradient."""
        wanted = [p for p in parameters if p.requires_grad]
        if self.kind == "sgd":
            return torch.optim.SGD(wanted, self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
        make = torch.optim.Adam if self.kind == "adam" else torch.optim.AdamW
        return make(wanted, self.lr, betas=self.betas, weight_decay=self.weight_decay)

    def set_rate(self, optimiser: torch.optim.Optimizer, batch: Batch) -> float:
        """Give the optimiser this step's learning rate."""
        rate = self.lr * self.schedule.at(batch.step, batch.steps)
        for group in optimiser.param_groups:
            group["lr"] = rate
        return rate


LENGTH = r"^([1-9]\d* steps|(0\.0*[1-9]\d*|[1-9]\d*(\.\d+)?) epochs)$"


def steps_of(length: str, facts: Facts, batch: int) -> int:
    """The number of steps of a length such as `400 steps` or `60 epochs` with batches of that size.

    >>> steps_of("2 epochs", Facts(("O",), (), clips=100, size=256), 96)
    4
    """
    number, unit = length.split()
    return int(number) if unit == "steps" else math.ceil(float(number) * math.ceil(facts.clips / batch))


class SupervisedRecipe(Recipe):
    """What the ordinary stage reads.

    length: of the training, such as `60 epochs` or `400 steps`; an epoch is as many steps as it takes to show as many
    faces as there are training clips.
    """

    batch: int = Field(default=96, ge=1)
    length: str = Field(default="60 epochs", pattern=LENGTH)
    sampler: Balance = "domain_class"
    unit: Literal["clip", "frame"] = "clip"
    frame_choice: Literal["random", "seventh"] = "random"
    augment: Augment = Augment()
    optimiser: Optimiser = Optimiser()

    def count(self, facts: Facts) -> int:
        """The number of steps."""
        return steps_of(self.length, facts, self.batch)

    def feed(self, *, needs: tuple[str, ...] = ()) -> Feed:
        return Feed(
            size=self.batch,
            balance=self.sampler,
            unit=self.unit,
            frame_choice=self.frame_choice,
            augment=self.augment,
            needs=needs,
        )


def supervised_stage(method: Method) -> Stage:
    """Descend `method.losses` with one optimiser over every parameter that wants a gradient."""
    recipe = method.recipe
    if not isinstance(recipe, SupervisedRecipe):
        raise TypeError(f"{type(method).__name__} has no stages, and its recipe is no SupervisedRecipe")
    optimiser = recipe.optimiser.over(method.parameters())

    def update(batch: Batch) -> Mapping[str, Tensor]:
        rate = recipe.optimiser.set_rate(optimiser, batch)
        losses = method.losses(batch)
        descend(losses.total, optimiser)
        return {"loss": losses.total, "lr": torch.tensor(rate), **(losses.logged or {})}

    return Stage(
        name="train",
        steps=recipe.count(method.facts),
        feed=recipe.feed(),
        modules={"method": method},
        update=update,
        state={"optimiser": optimiser},
        precision=recipe.precision,
        begin=method.begin,
    )
