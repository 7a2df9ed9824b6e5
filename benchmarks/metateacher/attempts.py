"""Other ways to the meta-gradient that were tried for `cost.py`: one thing changed in a route of the package each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import grad
from torch.utils.checkpoint import checkpoint

from sincera.losses import innerpath
from sincera.losses.innerpath import Inner, Values, Walked, adjoint, unrolled

Route = Callable[[Inner], Walked]


def torch_norm(inner: Inner) -> Walked:
    """The adjoint route with batch norm along a direction as torch derives it."""
    with _instead("fast_norms", lambda module: nullcontext()):  # noqa: ARG005
        return adjoint(inner)


def own_jvp(inner: Inner) -> Walked:
    """The adjoint route whose J λ is a pass of its own, where it comes free with H λ otherwise."""
    given = innerpath._along

    def twice(of: Inner, function: Any, theta: Values, lam: Values) -> tuple[Any, Any]:
        def maps(values: Values) -> Tensor:
            return of.surrogate(values, of.faces)

        def loss(values: Values) -> Tensor:
            return of.loss(maps(values), of.maps)

        if function.__name__ == "<lambda>":  # the first step, which needs J λ alone
            return given(of, function, theta, lam)
        _, curved = given(of, grad(loss), theta, lam)
        with torch.no_grad():
            shown, along = given(of, maps, theta, lam)
        return (None, (None, shown)), (curved, (None, along))

    with _instead("_along", twice):
        return adjoint(inner)


def shared_forward(inner: Inner) -> Walked:
    """The last step's gradient and what is derived of it share one pass: its graph is kept through the validation."""
    *path, _ = [inner.surrogate.values, *_walked(inner, inner.steps - 1)]
    theta, maps = innerpath._fresh(path[-1]), inner.maps.detach().requires_grad_()
    loss, along = inner.gradient(theta, maps, graph=True)
    last = tuple(value.detach() for value in inner.moved(theta, along))
    valid, lam = inner.arrived(last)
    product = sum((a * b).sum() for a, b in zip(along, lam, strict=True))
    assert isinstance(product, Tensor)
    *curved, pull = innerpath._slope(product, (*(theta if inner.steps > 1 else ()), maps))
    del theta, along, product
    for k in range(inner.steps - 2, -1, -1):
        lam = inner.moved(lam, curved) if k == inner.steps - 2 else lam
        pull, lam = _one_back(inner, path[k], lam, pull, first=k == 0)
    return Walked(last, -inner.alpha * pull, loss, valid)


def _walked(inner: Inner, steps: int) -> list[Values]:
    path = [inner.surrogate.values]
    for _ in range(steps):
        _, along = inner.gradient(innerpath._fresh(path[-1]), inner.maps)
        path.append(inner.moved(path[-1], along))
    return [*path[1:], path[-1]]


def _one_back(inner: Inner, theta: Values, lam: Values, pull: Tensor, *, first: bool) -> tuple[Tensor, Values]:
    def loss(values: Values) -> tuple[Tensor, Tensor]:
        shown = inner.surrogate(values, inner.faces)
        return inner.loss(shown, inner.maps), shown

    if first:
        with torch.no_grad():
            shown, along = innerpath._along(inner, lambda values: inner.surrogate(values, inner.faces), theta, lam)
        return pull + innerpath._pulled(inner, shown, along), lam
    found = innerpath._along(inner, torch.func.grad_and_value(loss, has_aux=True), theta, lam)
    (_, (_, shown)), (curved, (_, along)) = found
    return pull + innerpath._pulled(inner, shown, along), inner.moved(lam, curved)


def bf16(inner: Inner) -> Walked:
    """The adjoint route with H λ and J λ in bfloat16, the inner steps in float32."""
    given = innerpath._along

    def rough(*arguments: Any) -> tuple[Any, Any]:
        with torch.autocast("cpu", torch.bfloat16):
            return given(*arguments)

    with _instead("_along", rough):
        return adjoint(inner)


_COMPILED: dict[str, Any] = {}


def compiled(inner: Inner) -> Walked:
    """The adjoint route with the Hessian product compiled; batch norm as torch derives it, which fuses."""
    given = innerpath._along
    surrogate, buffers = inner.surrogate, dict(inner.surrogate.module.named_buffers())

    def loss(values: Values, faces: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
        state = {name: buffer.clone() for name, buffer in buffers.items()}
        state |= dict(zip(surrogate.names, values, strict=True))
        shown: Tensor = torch.func.functional_call(surrogate.module, state, (faces,))
        return (shown - maps).square().mean(), shown

    def product(theta: Values, lam: Values, faces: Tensor, maps: Tensor) -> Any:
        def at(values: Values) -> Any:
            return torch.func.grad_and_value(lambda v: loss(v, faces, maps), has_aux=True)(values)

        return torch.func.jvp(at, (theta,), (lam,))

    def fused(of: Inner, function: Any, theta: Values, lam: Values) -> tuple[Any, Any]:
        if function.__name__ == "<lambda>":
            return given(of, function, theta, lam)
        run = _COMPILED.setdefault("product", torch.compile(product))
        found: tuple[Any, Any] = run(theta, lam, of.faces, of.maps)
        return found

    with _instead("_along", fused):
        return adjoint(inner)


def checkpointed(inner: Inner) -> Walked:
    """The unrolled route that forgets what lies inside the surrogate's passes and computes it again when needed."""
    surrogate = inner.surrogate

    class Again(innerpath.Network):
        def __init__(self) -> None:
            self.module, self.names, self.values = surrogate.module, surrogate.names, surrogate.values

        def __call__(self, values: Any, faces: Tensor) -> Tensor:
            maps: Tensor = checkpoint(lambda *v: surrogate(v, faces), *values, use_reentrant=False)
            return maps

    return unrolled(Inner(**{**{f: getattr(inner, f) for f in Inner.__dataclass_fields__}, "surrogate": Again()}))


ATTEMPTS: dict[str, Route] = {
    "torch_norm": torch_norm,
    "own_jvp": own_jvp,
    "shared_forward": shared_forward,
    "bf16": bf16,
    "compiled": compiled,
    "checkpointed": checkpointed,
}


@contextmanager
def _instead(name: str, value: Callable[..., Any | AbstractContextManager[None] | nn.Module]) -> Iterator[None]:
    """Another function under a name of the package, for a while."""
    given = getattr(innerpath, name)
    setattr(innerpath, name, value)
    try:
        yield
    finally:
        setattr(innerpath, name, given)
