"""What all methods share whose detector learns a map a face: settings, and the stage that trains it on target maps.

A new supervision is a class in `losses/supervision.py`; a new detector a function in `nets/`, and where it learns
otherwise than by its map alone, a procedure in `procedures/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from sincera.losses.maps import LossForm
from sincera.losses.supervision import Supervision, flat_share
from sincera.methods.procedures import procedure
from sincera.nets.detectors import detector
from sincera.nets.rfmetafas import Faithful
from sincera.recipe import Settings
from sincera.train import Batch, Facts, Losses, Method, Optimiser, Schedule, Scores, Stage, SupervisedRecipe, descend
from sincera.train.supervised import LENGTH

nobody: Mapping[str, nn.Module] = MappingProxyType({})


class Adam(Optimiser):
    """The optimiser of both papers' detectors: Adam at a constant rate."""

    kind: Literal["sgd", "adam", "adamw"] = "adam"
    lr: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.0, ge=0)
    schedule: Schedule = Schedule(kind="none")


class TreeSettings(Settings):
    """Of DTN. start: share of the training after which the tree's own losses count.

    classes: weight of the leaves' class loss.  route, unique: of the two losses of the routing units.
    memory: share by which a step moves their running means; 0 stands for 40 / steps, the owners' of 40,000.
    """

    start: float = Field(default=0.25, ge=0, le=1)
    classes: float = Field(default=1e-3, ge=0)
    route: float = Field(default=2.0, ge=0)
    unique: float = Field(default=1e-3, ge=0)
    memory: float = Field(default=0.0, ge=0, le=1)


class EpisodeSettings(Settings):
    """Of RFMetaFAS. rate: of the inner step on the embedder.  map_weight: of the map's loss beside cross-entropy.

    faithful: how fast the embedder's batch norms move; `code` keeps the owners' statistics of the last batch alone.
    """

    rate: float = Field(default=1e-3, gt=0)
    map_weight: float = Field(default=10.0, ge=0)
    faithful: Faithful = "paper"


class MapRecipe(SupervisedRecipe):
    """detector: its name.  width: filters of its first layer, the others in proportion; 0 stands for the paper's.

    loss_form: of the map: `mse` over faces and pixels, `l2` of each face's distance, `sumsq` its square.
    branch_weight: of cross-entropy on a binary branch.  contrast_weight: of CDCN's contrast loss.
    """

    detector: str = "fasdr"
    width: int = Field(default=0, ge=0)
    loss_form: LossForm = "mse"
    branch_weight: float = Field(default=1.0, ge=0)
    contrast_weight: float = Field(default=1.0, ge=0)
    tree: TreeSettings = TreeSettings()
    episode: EpisodeSettings = EpisodeSettings()
    batch: int = Field(default=32, ge=1)
    length: str = Field(default="40000 steps", pattern=LENGTH)
    optimiser: Adam = Adam()


class MapMethod(Method):
    """A detector that learns from maps; a subclass says which.

    `flat` in the log is the share of attacks whose target is flat, as a binary label is.
    """

    def __init__(self, recipe: MapRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.maps = recipe
        self.detector = detector(recipe.detector, width=recipe.width or None)
        self.procedure = procedure(recipe.detector, self.detector, recipe)

    def supervision(self) -> Supervision:
        """Where the target maps come from."""
        raise TypeError(f"{type(self).__name__} names no supervision")

    def targets(self, batch: Batch) -> Tensor:
        """(B, 1, H/8, W/8), without gradient."""
        size = (batch.crops.shape[-2] // 8, batch.crops.shape[-1] // 8)
        return self.supervision()(batch.crops, batch.labels, batch.extra, size)

    def losses(self, batch: Batch) -> Losses:
        maps, live_high = self.targets(batch), self.supervision().live_high
        losses = self.procedure.losses(batch, maps, live_high=live_high)
        if live_high:
            return losses
        return Losses(losses.total, {**(losses.logged or {}), "flat": flat_share(maps, batch.labels)})

    def score(self, crops: Tensor) -> Scores:
        return self.procedure.score(crops, live_high=self.supervision().live_high)

    def stages(self) -> Iterable[Stage]:
        return (self.detector_stage(),)

    def detector_stage(
        self, *, steps: int | None = None, needs: tuple[str, ...] = (), beside: Mapping[str, nn.Module] = nobody
    ) -> Stage:
        """The last stage of all of them: the detector on its targets, and what learns beside it."""
        recipe = self.maps
        modules = {"detector": self.detector, **beside}
        optimiser = recipe.optimiser.over([p for module in modules.values() for p in module.parameters()])

        def update(batch: Batch) -> Mapping[str, Tensor]:
            rate = recipe.optimiser.set_rate(optimiser, batch)
            total, logged = self.losses(batch)
            descend(total, optimiser)
            self.procedure.after(batch)
            return {"loss": total, "lr": torch.tensor(rate), **(logged or {})}

        return Stage(
            name="train",
            steps=recipe.count(self.facts) if steps is None else steps,
            feed=recipe.feed(needs=needs),
            modules=modules,
            update=update,
            state={"optimiser": optimiser},
            precision=recipe.precision,
        )
