"""MT-FAS: a meta-teacher learns, by bi-level optimisation, the pixel map that best teaches a detector.

Three stages: MT_t and a surrogate detector are pretrained on binary maps; MT_t is moved by the
gradient of what the surrogate gets wrong after learning from it, judged by MT_v, its own slow average (Algorithm 1);
then any detector learns from MT_t's maps (Eq. 13).

Departs from the paper: the outer optimiser is Adam, because plain descent hardly moves the teacher (`bilevel.outer`);
L_t and L_v are means over pixels too; the gradient goes through all inner steps; running statistics follow where the
paper is silent; and each split has a teacher of its own.  docs/mtfas.md goes equation by equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from sincera.clip import ATTACK
from sincera.errors import WeightsError
from sincera.losses.maps import LossForm
from sincera.losses.metagradient import MetaStep, meta_gradient, meta_step
from sincera.losses.supervision import Meta, Supervision, masked, pixel_labels
from sincera.methods.maps import Adam, MapMethod, MapRecipe
from sincera.nets.detectors import detector, map_teacher
from sincera.recipe import Recipe, Settings
from sincera.train import Batch, Facts, Stage, checkpoint, descend
from sincera.train.ranks import total_over_ranks, world
from sincera.train.supervised import LENGTH, steps_of

__all__ = ["MTFAS", "MTFASRecipe", "meta_gradient", "pixel_labels"]

OWN = "own"


class MetaTeacher(Settings):
    """MT_t and MT_v. origin: `own` trains them; or the checkpoint `bilevel-….pt` of another run of the same networks.

    network: `fasdr_light` or `resnet8`.  width: of its first layer; 0 stands for the paper's.
    surrogate, surrogate_width: the detector that it is tried on.
    """

    origin: str = OWN
    network: str = "fasdr_light"
    width: int = Field(default=0, ge=0)
    surrogate: str = "fasdr_light"
    surrogate_width: int = Field(default=0, ge=0)


class Pretrain(Settings):
    """MT_t and the surrogate on binary maps. on: off for the ablation without it."""

    on: bool = True
    length: str = Field(default="20000 steps", pattern=LENGTH)
    batch: int = Field(default=40, ge=2)
    optimiser: Adam = Adam()


class Bilevel(Settings):
    """Algorithm 1. train, valid: faces of Phi_t and Phi_v, half of each live.  disjoint: what the two never share.

    alpha, inner_steps: K steps of plain descent of the surrogate.  truncate: differentiate through that many of the
    last ones only; 0 stands for all.  outer: how MT_t descends, at the rate beta; `sgd` is what is printed.
    mu: weight of the maps' level, which MT_t raises.  reg_on: over which faces of Phi_t.  gamma: of MT_v's average.
    period: iterations between two replacements of the surrogate.  adapt: off for the ablation that never replaces it.
    route: how the meta-gradient is computed; all give the same.
    """

    length: str = Field(default="10000 steps", pattern=LENGTH)
    train: int = Field(default=40, ge=2)
    valid: int = Field(default=20, ge=2)
    disjoint: Literal["face", "clip", "subject"] = "face"
    alpha: float = Field(default=1e-3, ge=0)
    inner_steps: int = Field(default=2, ge=1)
    truncate: int = Field(default=0, ge=0)
    outer: Literal["adam", "sgd"] = "adam"
    beta: float = Field(default=1e-3, gt=0)
    mu: float = 1e-3
    reg_on: Literal["all", "spoof"] = "all"
    gamma: float = Field(default=0.999, ge=0, le=1)
    period: int = Field(default=10, ge=1)
    adapt: bool = True
    loss_form: LossForm = "mse"
    route: Literal["adjoint", "low_memory", "unrolled"] = "adjoint"


class MTFASRecipe(MapRecipe):
    """detector, width and what belongs to them: of the detector that learns from the finished teacher."""

    teacher: MetaTeacher = MetaTeacher()
    pretrain: Pretrain = Pretrain()
    bilevel: Bilevel = Bilevel()


class MTFAS(MapMethod):
    """A detector under the maps of a meta-teacher that was trained for the purpose."""

    recipe_type: ClassVar[type[Recipe]] = MTFASRecipe

    def __init__(self, recipe: MTFASRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.options = recipe
        chosen = recipe.teacher
        self.teacher = map_teacher(chosen.network, width=chosen.width or None)  # MT_t, ω: raw maps g
        self.average = map_teacher(chosen.network, width=chosen.width or None)  # MT_v, ω̂
        self.surrogate = detector(chosen.surrogate, width=chosen.surrogate_width or None)  # θ

    def supervision(self) -> Supervision:
        return Meta(self.teacher)

    def stages(self) -> Iterable[Stage]:
        if self.options.teacher.origin != OWN:
            return (replace(self.detector_stage(), begin=self._read_teacher),)
        first = (self._pretrain_stage(),) if self.options.pretrain.on else ()
        return (*first, self._bilevel_stage(), self.detector_stage())

    # Before: both networks on binary maps

    def _pretrain_stage(self) -> Stage:
        recipe = self.options.pretrain
        networks = {"teacher": self.teacher, "surrogate": self.surrogate}
        optimiser = recipe.optimiser.over([p for network in networks.values() for p in network.parameters()])

        def update(batch: Batch) -> Mapping[str, Tensor]:
            rate = recipe.optimiser.set_rate(optimiser, batch)
            raw, shown = self.teacher(batch.crops), self.surrogate(batch.crops)  # (B, 1, h, w)
            binary = masked(torch.ones_like(raw), batch.labels)
            losses = {"loss_teacher": mse_loss(2 * raw.sigmoid(), binary), "loss_surrogate": mse_loss(shown, binary)}
            total = losses["loss_teacher"] + losses["loss_surrogate"]
            descend(total, optimiser)
            return {"loss": total, "lr": torch.tensor(rate), **losses}

        return Stage(
            name="pretrain",
            steps=steps_of(recipe.length, self.facts, recipe.batch),
            feed=replace(self.options.feed(), size=recipe.batch, balance="class"),
            modules=networks,
            update=update,
            state={"optimiser": optimiser},
            precision=self.options.precision,
            begin=self._draw,
            settings=("teacher", "pretrain"),
        )

    def _draw(self) -> None:
        """Drawn here and not in __init__: runs of other detectors share the stages of one teacher."""
        chosen = self.options.teacher
        fresh = map_teacher(chosen.network, width=chosen.width or None)
        self.teacher.load_state_dict(fresh.state_dict())
        again = detector(chosen.surrogate, width=chosen.surrogate_width or None)
        self.surrogate.load_state_dict(again.state_dict())

    # Algorithm 1

    def _bilevel_stage(self) -> Stage:
        recipe = self.options.bilevel
        weights = list(self.teacher.parameters())
        outer: torch.optim.Optimizer = (
            torch.optim.Adam(weights, recipe.beta) if recipe.outer == "adam" else torch.optim.SGD(weights, recipe.beta)
        )
        start = _Start(self.teacher)

        def begin() -> None:
            if not self.options.pretrain.on:
                self._draw()
            self.average.load_state_dict(self.teacher.state_dict())  # MT_v starts as MT_t
            start.take()

        def update(batch: Batch) -> Mapping[str, Tensor]:
            train, valid = (batch[part] for part in batch.parts)  # Phi_t, Phi_v
            found = self._meta_step(train, valid)
            _remember_statistics(self.teacher, train.crops)
            for name, parameter in self.teacher.named_parameters():
                parameter.grad = found.gradients[name]
            outer.step()  # Eq. 12
            follow(self.average, self.teacher, recipe.gamma)  # Eq. 11
            if recipe.adapt and batch.step % recipe.period == 0:  # lines 11 and 12: θ₀ becomes θ_K
                with torch.no_grad():
                    for name, parameter in self.surrogate.named_parameters():
                        parameter.copy_(found.theta[name])
                # Departs from the paper, which is silent: the differentiated passes leave no running statistics behind.
                _remember_statistics(self.surrogate, train.crops)
            return {**found.logged, "distance": start.distance(), "maps": self._level(train)}

        return Stage(
            name="bilevel",
            steps=steps_of(recipe.length, self.facts, recipe.train + recipe.valid),
            feed=replace(
                self.options.feed(),
                size=recipe.train + recipe.valid,
                parts=(recipe.train, recipe.valid),
                disjoint=recipe.disjoint,
                balance="class",
            ),
            modules={"teacher": self.teacher, "surrogate": self.surrogate},
            update=update,
            state={"outer": outer, "average": self.average, "start": start},
            begin=begin,
            settings=("teacher", "pretrain", "bilevel"),
        )

    def _meta_step(self, train: Batch, valid: Batch) -> MetaStep:
        """J's gradient (Eq. 7 to 10 and 12), MT_v's maps of Phi_v being constants."""
        recipe = self.options.bilevel
        with torch.no_grad():
            judged = masked(2 * self.average(valid.crops).sigmoid(), valid.labels)  # Eq. 3: P of ω̂
        return meta_step(
            self.surrogate,
            self.teacher,
            (train.crops, train.labels),
            (valid.crops, judged),
            alpha=recipe.alpha,
            inner_steps=recipe.inner_steps,
            mu=recipe.mu,
            route=recipe.route,
            loss_form=recipe.loss_form,
            reg_on=recipe.reg_on,
            truncate=recipe.truncate or None,
            total=total_over_ranks,
            ranks=world(),
        )

    @torch.no_grad()
    def _level(self, train: Batch) -> Tensor:
        """The mean of MT_v's 2σ(g) on attacks: how high the slow average draws its maps."""
        shown: Tensor = self.average(train.crops[train.labels == ATTACK])
        return 2 * shown.sigmoid().mean()

    # A teacher of another run

    def _read_teacher(self) -> None:
        path = Path(self.options.teacher.origin)
        payload = checkpoint.load(path)
        try:
            self.teacher.load_state_dict(payload["modules"]["teacher"])
        except (KeyError, RuntimeError) as error:
            line = str(error).splitlines()[0]
            raise WeightsError(
                f"{path}: holds no meta-teacher {self.options.teacher.network} of this width ({line}). Give the "
                "checkpoint bilevel-….pt of a run with the same teacher.network and teacher.width."
            ) from None


@torch.no_grad()
def follow(average: nn.Module, module: nn.Module, gamma: float) -> None:
    """Eq. 11: each number γ of itself and 1 - γ of the module's; counts are copied.

    Departs from the paper, which averages weights alone: running statistics too, as MT_v judges by them.
    """
    others = module.state_dict()
    for name, value in average.state_dict().items():
        if value.dtype.is_floating_point:
            value.mul_(gamma).add_(others[name], alpha=1 - gamma)
        else:
            value.copy_(others[name])


class _Start:
    """Where MT_t set out, kept with the stage, and how far it has come since."""

    def __init__(self, teacher: nn.Module) -> None:
        self._teacher = teacher
        self._origin = self._now()

    def take(self) -> None:
        self._origin = self._now()

    def distance(self) -> Tensor:
        """||ω - ω₀||."""
        far: Tensor = (self._now() - self._origin).norm()
        return far

    def state_dict(self) -> dict[str, Any]:
        return {"origin": self._origin}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self._origin = state_dict["origin"].to(self._origin)

    def _now(self) -> Tensor:
        return torch.cat([p.detach().reshape(-1) for p in self._teacher.parameters()])


@torch.no_grad()
def _remember_statistics(module: nn.Module, crops: Tensor) -> None:
    """One pass for the running statistics of batch normalisation; the module is in train mode."""
    module(crops)
