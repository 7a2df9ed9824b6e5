"""A method is a module with stages, losses and a score; the engine runs the stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from sincera.recipe import Recipe
from sincera.train.batch import Batch, Facts, Losses, Scores
from sincera.train.feed import Feed


@runtime_checkable
class Stateful(Protocol):
    """What is saved with a checkpoint and put back on resume: optimisers, averaged copies, seeded projections."""

    def state_dict(self) -> Any: ...

    def load_state_dict(self, state_dict: Any) -> Any: ...


def nothing() -> None:
    """The `begin` of a stage that needs none."""


class Stop(NamedTuple):
    """now: whether the stage has learnt enough.  logged: scalars for the log, such as what was looked at."""

    now: bool
    logged: Mapping[str, Tensor] = MappingProxyType({})


def never(batches: Iterable[Batch]) -> Stop:  # noqa: ARG001
    """The `done` of a stage that runs all its steps."""
    return Stop(now=False)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One part of a training: what is trained, on what, and one step of it.

    modules: what is trained; the engine freezes the rest of the method (eval, no gradient).
    update: one step; returns scalars for the log.  Call `descend` for the gradient step.
    state: what else is saved and resumed.  begin: called once, never on resume, with seeded generators.
    done: early stop, asked at every evaluation and at the end; sees batches of source validation only.
    settings: the recipe's keys that decide what the stage learns, such as ("domain.lr", "batch"); None stands for all.
    A finished stage is taken over from another run with equal settings (of this stage and those before it), source
    lists, seed and store; so a stage that names its settings initialises in `begin` what it trains.
    """

    name: str
    steps: int
    feed: Feed
    modules: Mapping[str, nn.Module]
    update: Callable[[Batch], Mapping[str, Tensor]]
    state: Mapping[str, Stateful] = field(default_factory=dict)
    precision: Literal["native", "bf16"] = "native"
    begin: Callable[[], None] = nothing
    done: Callable[[Iterable[Batch]], Stop] = never
    settings: tuple[str, ...] | None = None


class Method(nn.Module):
    """Base of all methods. A simple one gives `losses` and `score`; one with several stages gives `stages`.

    Everything random in __init__ is drawn from the run's seed.
    """

    recipe_type: ClassVar[type[Recipe]] = Recipe

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        super().__init__()
        self.recipe = recipe
        self.facts = facts

    def begin(self) -> None:
        """Called once before the ordinary stage, never on resume: the place to load a file of weights."""

    def stages(self) -> Iterable[Stage]:
        """One stage over `losses`, as the recipe's optimiser, schedule, sampler and epochs say."""
        from sincera.train.supervised import supervised_stage

        return (supervised_stage(self),)

    def losses(self, batch: Batch) -> Losses:  # noqa: ARG002
        """The loss of one batch."""
        raise TypeError(f"{type(self).__name__} gives neither losses nor stages")

    def score(self, crops: Tensor) -> Scores:  # noqa: ARG002
        """Scores of (B, 3, H, W) crops in [0, 1]; a method that only makes a teacher has none."""
        raise TypeError(f"{type(self).__name__} gives no score")

    def weights(self) -> list[dict[str, Any]]:
        """Name and SHA-256 of every file of weights that a network inside was loaded from, for run.json."""
        loaded: list[Any] = [getattr(module, "weights", None) for module in self.modules() if module is not self]
        return [info.to_dict() for info in loaded if hasattr(info, "to_dict")]

    @property
    def scored(self) -> bool:
        """Whether the last stage is evaluated: a teacher's is not."""
        return type(self).score is not Method.score


def build_method(cls: type[Method], recipe: Recipe, facts: Facts, *, seed: int) -> Method:
    """The method as a run begins it: what it draws depends on the seed alone, and moves no other generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return cls(recipe, facts)
