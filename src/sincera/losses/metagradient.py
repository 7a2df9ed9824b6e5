"""MT-FAS's meta-gradient: how a teacher's maps should change so that who learns from them does better (Eq. 6 to 12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from sincera.clip import ATTACK
from sincera.errors import UsageError
from sincera.losses.innerpath import ROUTES, Inner, Network, Total, Values
from sincera.losses.maps import LossForm
from sincera.losses.supervision import masked

Route = Literal["adjoint", "low_memory", "unrolled"]
RegOn = Literal["all", "spoof"]
Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class MetaStep:
    """What one step of the outer loop needs; nothing in it has a gradient.

    gradients: dJ/dω by the teacher's parameter name, to be descended.  theta: θ_K by the detector's parameter name.
    losses: "train" is L_t(θ₀), "valid" L_v(θ_K), "level" R.
    norms: "task" of dL_v/dω, "level" of μ dR/dω, whose difference `gradients` is.
    """

    gradients: dict[str, Tensor]
    losses: dict[str, Tensor]
    theta: dict[str, Tensor]
    norms: dict[str, Tensor]

    @property
    def logged(self) -> Mapping[str, Tensor]:
        """Losses and norms under the names of a log."""
        return {
            "loss_train": self.losses["train"],
            "loss_valid": self.losses["valid"],
            "level": self.losses["level"],
            "norm_task": self.norms["task"],
            "norm_level": self.norms["level"],
        }


def meta_gradient(
    detector: nn.Module,
    teacher: nn.Module,
    train: Pair,
    valid: Pair,
    *,
    alpha: float,
    inner_steps: int,
    mu: float,
    route: Route = "adjoint",
    loss_form: LossForm = "mse",
    reg_on: RegOn = "all",
    truncate: int | None = None,
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Gradient of J(ω) = L_v(θ_K(ω)) - μ R(ω) by the teacher's parameter name, to be descended, and the losses.

    detector: f_θ, teacher: g_ω: faces (B, 3, H, W) → maps (B, 1, h, w) of one shape; any modules, in the mode given but
    with dropout off; their parameters, buffers, modes and .grad stay as they are.
    train: faces and labels (B,) of Phi_t, 1 = attack, from which the detector takes `inner_steps` steps of plain
    descent at rate `alpha` towards P = label · 2σ(g).  valid: faces and finished maps (B, 1, h, w) of Phi_v, constants.
    R is the mean of σ(g) over Phi_t (`reg_on`: `all` faces, as printed, or `spoof`), which μ > 0 raises.
    route: `adjoint`, `low_memory` (needs no layer's forward-mode rule) or `unrolled` (whose memory grows with the
    steps): the same number.  truncate: differentiate through that many of the last steps only; None is all.
    The losses are "train", L_t(θ₀), "valid", L_v(θ_K), and "level", R.

    >>> _ = torch.manual_seed(0)
    >>> detector, teacher = nn.Conv2d(3, 1, 3), nn.Conv2d(3, 1, 3)
    >>> train = torch.rand(4, 3, 8, 8), torch.tensor([0, 0, 1, 1])
    >>> valid = torch.rand(2, 3, 8, 8), torch.rand(2, 1, 6, 6)
    >>> gradients, losses = meta_gradient(detector, teacher, train, valid, alpha=1e-3, inner_steps=2, mu=1e-3)
    >>> sorted(gradients), sorted(losses)
    (['bias', 'weight'], ['level', 'train', 'valid'])
    """
    found = meta_step(
        detector,
        teacher,
        train,
        valid,
        alpha=alpha,
        inner_steps=inner_steps,
        mu=mu,
        route=route,
        loss_form=loss_form,
        reg_on=reg_on,
        truncate=truncate,
    )
    return found.gradients, found.losses


def itself(tensor: Tensor) -> Tensor:
    """The sum over one rank."""
    return tensor


def meta_step(
    detector: nn.Module,
    teacher: nn.Module,
    train: Pair,
    valid: Pair,
    *,
    alpha: float,
    inner_steps: int,
    mu: float,
    route: Route = "adjoint",
    loss_form: LossForm = "mse",
    reg_on: RegOn = "all",
    truncate: int | None = None,
    total: Total = itself,
    ranks: int = 1,
) -> MetaStep:
    """`meta_gradient` with all that a training needs beside it, also where several ranks hold a part of each batch.

    total: the sum over ranks of a tensor, through which gradients pass.  ranks: their number; each holds equally many
    faces.  The result is the one of all faces, on every rank, where batch norms see all ranks' faces too.
    """
    faces, labels = (tensor.detach() for tensor in train)
    judge = valid[0].detach(), valid[1].detach()
    _check(train, valid, inner_steps, truncate, route, reg_on)
    surrogate, drawing = Network(detector), Network(teacher)
    with torch.enable_grad(), without_dropout(detector, teacher):
        with torch.no_grad():  # drawn again later: its graph would lie in memory all along the inner steps
            maps = masked(2 * drawing(drawing.values, faces).sigmoid(), labels)  # Eq. 2 and 4
        inner = Inner(
            surrogate=surrogate,
            faces=faces,
            maps=maps,
            valid=judge,
            alpha=alpha,
            steps=inner_steps,
            through=inner_steps if truncate is None else truncate,
            form=loss_form,
            total=total,
            ranks=ranks,
        )
        walked = ROUTES[route](inner)
        shown = (labels == ATTACK) if reg_on == "spoof" else torch.ones_like(labels, dtype=torch.bool)
        task, lift, level = _through_teacher(drawing, faces, labels, walked.pull, shown, mu=mu, total=total)
    task, lift = inner.summed(task), inner.summed(lift)
    losses = inner.summed((walked.train, walked.valid, level))
    return MetaStep(
        gradients={n: a - b for n, a, b in zip(drawing.names, task, lift, strict=True)},  # of L_v - μ R: Eq. 12
        losses=dict(zip(("train", "valid", "level"), losses, strict=True)),
        theta=dict(zip(surrogate.names, walked.theta, strict=True)),
        norms={"task": _norm(task), "level": _norm(lift)},
    )


def _through_teacher(
    drawing: Network, faces: Tensor, labels: Tensor, pull: Tensor, shown: Tensor, *, mu: float, total: Total
) -> tuple[Values, Values, Tensor]:
    """This rank's share of dL_v/dω, of μ dR/dω and of R.  shown: (B,), the faces that R counts."""
    omega = drawing.leaves()
    share = drawing(omega, faces).sigmoid()
    counted = total(shown.sum().to(share)).clamp(min=1)  # 1 of no face: R is 0 then
    level = torch.where(shown.view(-1, 1, 1, 1), share, 0.0).mean((1, 2, 3)).sum() / counted
    gradient = torch.autograd.grad
    task = gradient(masked(2 * share, labels), omega, pull, retain_graph=bool(mu), materialize_grads=True)
    if not mu:
        return task, tuple(torch.zeros_like(value) for value in omega), level.detach()
    return task, tuple(mu * value for value in gradient(level, omega, materialize_grads=True)), level.detach()


@contextmanager
def without_dropout(*modules: nn.Module) -> Iterator[None]:
    """Dropout lets everything through for a while: each pass would draw its own, and the routes would differ."""
    dropping = [one for module in modules for one in module.modules() if isinstance(one, _DropoutNd) and one.training]
    for one in dropping:
        one.training = False
    try:
        yield
    finally:
        for one in dropping:
            one.training = True


def _norm(values: Values) -> Tensor:
    return torch.cat([value.reshape(-1) for value in values]).square().sum().sqrt()


def _check(train: Pair, valid: Pair, steps: int, truncate: int | None, route: str, reg_on: str) -> None:
    for name, value, known in (("route", route, Route), ("reg_on", reg_on, RegOn)):
        if value not in get_args(known):
            raise UsageError(f"meta_gradient: {name} {value!r} does not exist; there are {', '.join(get_args(known))}.")
    if steps < 1 or not 1 <= (steps if truncate is None else truncate) <= steps:
        raise UsageError(
            f"meta_gradient: inner_steps {steps}, truncate {truncate}; one step or more is needed, and truncate is "
            "None or between 1 and their number."
        )
    if train[1].shape != train[0].shape[:1] or valid[1].ndim != 4 or len(valid[1]) != len(valid[0]):
        raise UsageError(
            "meta_gradient wants train = faces (B, 3, H, W) and labels (B,), valid = faces and maps (B, 1, h, w); "
            f"found {tuple(train[0].shape)}, {tuple(train[1].shape)} and {tuple(valid[0].shape)}, "
            f"{tuple(valid[1].shape)}."
        )
