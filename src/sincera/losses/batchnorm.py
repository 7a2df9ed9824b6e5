"""Batch norm with forward-mode rules of its own, for derivatives of gradients along a direction.

torch derives batch norm along a direction by some forty passes over whole maps, half of a Hessian product's time.  Its
Jacobian is symmetric: what its backward kernel makes of a gradient, it makes of a tangent too.  With x̂ = (x - m) r,
means over a channel written ⟨·⟩, and B(v) = w r (v - ⟨v⟩ - x̂ ⟨v x̂⟩), the kernel,

    ẏ = B(ẋ) + ẇ x̂ + ḃ          ∂/∂t B(g) = B(ġ) + (ẇ - w r μ) r (g - ⟨g⟩ - x̂ ⟨g x̂⟩) - w r (x̂ ⟨g x̂̇⟩ + x̂̇ ⟨g x̂⟩)

with μ = ⟨ẋ x̂⟩ and x̂̇ = r (ẋ - ⟨ẋ⟩ - x̂ μ); the means come from the same kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

Three = tuple[Tensor, Tensor, Tensor]


class FastNorm(nn.BatchNorm2d):
    """A BatchNorm2d in training mode, of whose tensors it is made; running statistics stay as they are."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__(norm.num_features, norm.eps, track_running_stats=False, device="meta")
        self._parameters.update(norm._parameters)
        self._buffers.update(norm._buffers)  # so that the state keeps its names

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        normal: Tensor = _Norm.apply(input, self.weight, self.bias, self.eps)[0]
        return normal


@contextmanager
def fast_norms(module: nn.Module) -> Iterator[None]:
    """For a while, each plain BatchNorm2d in training mode inside the module goes by the rules here.

    Others are left: in eval mode, without weights, or of a subclass that does more.
    """
    replaced = [
        (parent, name, child)
        for parent in module.modules()
        for name, child in parent.named_children()
        if type(child) is nn.BatchNorm2d and child.training and child.affine
    ]
    for parent, name, child in replaced:
        setattr(parent, name, FastNorm(child))
    try:
        yield
    finally:
        for parent, name, child in replaced:
            setattr(parent, name, child)


class _Norm(torch.autograd.Function):
    """(B, C, H, W), weight, bias (C,), eps → the normal map, mean and inverse deviation (C,)."""

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Three:
        return torch.native_batch_norm(x, weight, bias, None, None, True, 0.0, eps)  # noqa: FBT003

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Three) -> None:
        x, weight, _, ctx.eps = inputs
        _, mean, inverse = output
        ctx.mark_non_differentiable(mean, inverse)
        ctx.save_for_backward(x, weight, mean, inverse)
        ctx.save_for_forward(x, weight, mean, inverse)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, *_: Any) -> tuple[Tensor, Tensor, Tensor, None]:
        return (*_Backward.apply(gradient, *ctx.saved_tensors, ctx.eps), None)

    @staticmethod
    def jvp(ctx: Any, x_t: Tensor, weight_t: Tensor, bias_t: Tensor, _: Any) -> tuple[Tensor, None, None]:
        x, weight, mean, inverse = ctx.saved_tensors
        moved, _, _ = _kernel(x_t, x, weight, mean, inverse, ctx.eps)
        scale = weight_t * inverse
        return moved.addcmul_(x, _wide(scale)).add_(_wide(bias_t - scale * mean)), None, None


class _Backward(torch.autograd.Function):
    """A gradient of the normal map → those of x, weight and bias."""

    @staticmethod
    def forward(g: Tensor, x: Tensor, weight: Tensor, mean: Tensor, inverse: Tensor, eps: float) -> Three:
        return _kernel(g, x, weight, mean, inverse, eps)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Three) -> None:
        *tensors, ctx.eps = inputs
        ctx.save_for_forward(*tensors, *output[1:])

    @staticmethod
    def jvp(ctx: Any, g_t: Tensor, x_t: Tensor, weight_t: Tensor, *_others: Any) -> Three:
        g, x, weight, mean, inverse, weight_g, bias_g = ctx.saved_tensors
        count = x.numel() // x.shape[1]
        found, weight_gt, bias_gt = _kernel(g_t, x, weight, mean, inverse, ctx.eps)
        _, x_t_normal, x_t_total = _kernel(x_t, x, weight, mean, inverse, ctx.eps, maps=False)
        mu, x_mean = x_t_normal / count, x_t_total / count
        ones = torch.ones_like(inverse)
        _, g_x, _ = _kernel(g, x_t, ones, torch.zeros_like(mean), ones, ctx.eps, maps=False)  # the sum of g ẋ
        g_normal, g_mean = weight_g / count, bias_g / count
        g_turned = inverse * (g_x / count - x_mean * g_mean - mu * g_normal)  # ⟨g x̂̇⟩
        steep = weight * inverse
        on_g = (weight_t - steep * mu) * inverse
        on_x_t = -steep * g_normal * inverse
        on_normal = -steep * g_turned - on_x_t * mu - on_g * g_normal
        constant = -on_x_t * x_mean - on_g * g_mean - on_normal * inverse * mean
        found.addcmul_(g, _wide(on_g)).addcmul_(x_t, _wide(on_x_t)).addcmul_(x, _wide(on_normal * inverse))
        return found.add_(_wide(constant)), weight_gt + count * g_turned, bias_gt


def _kernel(
    g: Tensor, x: Tensor, weight: Tensor, mean: Tensor, inverse: Tensor, eps: float, *, maps: bool = True
) -> Three:
    """B(g), the sum of g x̂ and that of g over each channel; the last two alone without `maps`, B(g) being mean."""
    training, wanted = True, [maps, True, True]
    found: Three = torch.ops.aten.native_batch_norm_backward(
        g, x, weight, None, None, mean, inverse, training, eps, wanted
    )
    return found if maps else (mean, *found[1:])


def _wide(channels: Tensor) -> Tensor:
    return channels.view(1, -1, 1, 1)
