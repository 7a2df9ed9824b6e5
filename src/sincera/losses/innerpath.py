"""The surrogate's inner steps, and what its loss after them says about the maps that it learned from: three routes.

    θ₀ → θ₁ → … → θ_K      θ_{k+1} = θ_k - α ∇_θ L_t(f(θ_k), P)                                       (MT-FAS, Eq. 6)

The teacher's parameters enter only by its maps P, so each route gives ∂L_v(θ_K)/∂P, which whoever calls pulls back
through the teacher once.  With λ_K = ∇L_v(θ_K) and J_k the Jacobian of the whole batch's maps (batch norm couples
faces), the adjoint recursion is

    u_k = J_k λ_{k+1}       λ_k = λ_{k+1} - α H(θ_k) λ_{k+1}       ∂L_v/∂P = -α Σ_k ∂_P⟨∂_f L_t(f(θ_k), P), u_k⟩

which keeps K sets of parameters and no graph of more than one step.  All routes give the same number.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, jvp

from sincera.losses.batchnorm import fast_norms
from sincera.losses.maps import LossForm, map_loss

Values = tuple[Tensor, ...]
Total = Callable[[Tensor], Tensor]


class Network:
    """A module as a function of its parameters, in the mode it is in, that leaves no trace in it."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.names = tuple(name for name, _ in module.named_parameters())
        self.values: Values = tuple(parameter.detach() for parameter in module.parameters())

    def __call__(self, values: Sequence[Tensor], faces: Tensor) -> Tensor:
        """(B, 3, H, W) → maps.  Batch norm writes its running statistics into clones that nobody keeps."""
        state = {name: buffer.clone() for name, buffer in self.module.named_buffers()}
        maps: Tensor = functional_call(self.module, state | dict(zip(self.names, values, strict=True)), (faces,))
        return maps

    def leaves(self) -> Values:
        """Its parameters as the beginning of a graph of one's own."""
        return tuple(value.clone().requires_grad_() for value in self.values)


class Walked(NamedTuple):
    """theta: θ_K.  pull: ∂L_v/∂P, shaped as P, of this rank's faces.  train: L_t(θ₀).  valid: L_v(θ_K)."""

    theta: Values
    pull: Tensor
    train: Tensor
    valid: Tensor


@dataclass(frozen=True)
class Inner:
    """One problem: the surrogate, what it learns from, how it learns, and what judges it.

    maps: P of the training faces, a constant here.  valid: faces and the maps to compare with.  through: how many of
    the last of `steps` are differentiated.  total: the sum over `ranks`, each of which holds equally many faces: losses
    are divided by all faces, gradients and Hessian products summed.
    """

    surrogate: Network
    faces: Tensor
    maps: Tensor
    valid: tuple[Tensor, Tensor]
    alpha: float
    steps: int
    through: int
    form: LossForm
    total: Total
    ranks: int

    def loss(self, shown: Tensor, maps: Tensor) -> Tensor:
        """This rank's share of L_t or L_v."""
        return map_loss(shown, maps, self.form) / self.ranks

    def gradient(self, theta: Values, maps: Tensor, *, graph: bool = False) -> tuple[Tensor, Values]:
        """L_t and ∇_θ L_t over all ranks; every route calls this, so that all walk the same path to the last bit."""
        loss = self.loss(self.surrogate(theta, self.faces), maps)
        return loss.detach(), self.summed(_slope(loss, theta, graph=graph))

    def judged(self, theta: Values) -> Tensor:
        """This rank's share of L_v."""
        faces, maps = self.valid
        return self.loss(self.surrogate(theta, faces), maps)

    def moved(self, theta: Values, along: Values) -> Values:
        return tuple(value - self.alpha * change for value, change in zip(theta, along, strict=True))

    def summed(self, values: Sequence[Tensor]) -> Values:
        """Over ranks, by one call."""
        flat = self.total(torch.cat([value.reshape(-1) for value in values]))
        pieces = torch.split(flat, [value.numel() for value in values])
        return tuple(piece.view_as(value).to(value) for piece, value in zip(pieces, values, strict=True))

    def walk(self) -> tuple[list[Values], Tensor]:
        """θ₀ … θ_K without graphs, and L_t(θ₀)."""
        path, losses = [self.surrogate.values], []
        for _ in range(self.steps):
            loss, along = self.gradient(_fresh(path[-1]), self.maps)
            losses.append(loss)
            path.append(self.moved(path[-1], along))
        return path, losses[0]

    def arrived(self, theta: Values) -> tuple[Tensor, Values]:
        """L_v(θ_K) and λ_K = ∇L_v(θ_K) over all ranks."""
        theta = _fresh(theta)
        valid = self.judged(theta)
        return valid.detach(), self.summed(_slope(valid, theta))


def adjoint(inner: Inner) -> Walked:
    """Forward over reverse: H λ is the derivative of ∇L_t along λ, and brings u = J λ with it, as the tangent of f."""
    path, train = inner.walk()
    valid, lam = inner.arrived(path[-1])
    pull = torch.zeros_like(inner.maps)
    first = inner.steps - inner.through
    for k in range(inner.steps - 1, first, -1):

        def loss(theta: Values) -> tuple[Tensor, Tensor]:
            shown = inner.surrogate(theta, inner.faces)
            return inner.loss(shown, inner.maps), shown

        (_, (_, shown)), (curved, (_, along)) = _along(inner, grad_and_value(loss, has_aux=True), path[k], lam)
        pull += _pulled(inner, shown, along)
        lam = inner.moved(lam, inner.summed(curved))
    with torch.no_grad():
        shown, along = _along(inner, lambda theta: inner.surrogate(theta, inner.faces), path[first], lam)
    pull += _pulled(inner, shown, along)
    return Walked(path[-1], -inner.alpha * pull, train, valid)


def low_memory(inner: Inner) -> Walked:
    """Reverse over reverse, one step at a time: the graph of ⟨∇L_t, λ⟩ leads to θ_k and to P at once.

    It needs no forward-mode rule of any layer; a step's graph is freed before the next is built.
    """
    path, train = inner.walk()
    valid, lam = inner.arrived(path[-1])
    pull = torch.zeros_like(inner.maps)
    first = inner.steps - inner.through
    for k in range(inner.steps - 1, first - 1, -1):
        theta, maps = _fresh(path[k]), inner.maps.detach().requires_grad_()
        along = _slope(inner.loss(inner.surrogate(theta, inner.faces), maps), theta, graph=True)
        product = sum((a * b).sum() for a, b in zip(along, lam, strict=True))
        assert isinstance(product, Tensor)
        *curved, step = _slope(product, (*(theta if k > first else ()), maps))
        pull += step
        lam = inner.moved(lam, inner.summed(curved)) if curved else lam
    return Walked(path[-1], -inner.alpha * pull, train, valid)


def unrolled(inner: Inner) -> Walked:
    """One graph through all steps: what one would write first, and what the other routes are tested against."""
    theta, maps = inner.surrogate.leaves(), inner.maps.detach().requires_grad_()
    losses = []
    for k in range(inner.steps):
        kept = k >= inner.steps - inner.through
        loss, along = inner.gradient(theta, maps, graph=kept)
        losses.append(loss)
        theta = inner.moved(theta, along) if kept else _fresh(inner.moved(theta, along))
    valid = inner.judged(theta)
    (pull,) = _slope(valid, (maps,))
    return Walked(tuple(value.detach() for value in theta), pull, losses[0], valid.detach())


ROUTES: dict[str, Callable[[Inner], Walked]] = {"adjoint": adjoint, "low_memory": low_memory, "unrolled": unrolled}


def _along(inner: Inner, function: Callable[[Values], Any], theta: Values, lam: Values) -> tuple[Any, Any]:
    """What a function of the surrogate's parameters gives, and its derivative along λ."""
    with fast_norms(inner.surrogate.module), warnings.catch_warnings():  # torch's, when it loads its forward-mode rules
        warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated", FutureWarning)
        value, tangent = jvp(function, (theta,), (lam,))  # type: ignore[misc]  # three values with has_aux alone
    return value, tangent


def _pulled(inner: Inner, shown: Tensor, along: Tensor) -> Tensor:
    """∂_P⟨∂_f L_t(f, P), u⟩: of maps alone, so it costs nothing."""
    shown, maps = shown.detach().requires_grad_(), inner.maps.detach().requires_grad_()
    (slope,) = torch.autograd.grad(inner.loss(shown, maps), shown, create_graph=True)
    return _slope((slope * along.detach()).sum(), (maps,))[0]


def _slope(value: Tensor, inputs: Values, *, graph: bool = False) -> Values:
    """Gradients, 0 where the value does not depend on an input, as on a binary branch's weights."""
    return torch.autograd.grad(value, inputs, create_graph=graph, materialize_grads=True)


def _fresh(values: Values) -> Values:
    return tuple(value.detach().requires_grad_() for value in values)
