"""Losses between maps of faces, and maps made smaller."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from sincera.errors import UsageError

LossForm = Literal["mse", "l2", "sumsq"]


def map_loss(prediction: Tensor, target: Tensor, form: LossForm = "mse") -> Tensor:
    """How far maps lie from their targets, as a mean over faces (MT-FAS, Eq. 1 and 3).

    prediction, target: (B, 1, h, w).  Returns a scalar ≥ 0.
    form: `mse` is the mean over pixels too, as the paper's text says; `l2` each face's distance ‖f - P‖, as Eq. 1
    prints it; `sumsq` its square.  Gradients are larger in this order, which enters the meta-gradient twice.
    Departs from Eq. 1 and 3 as printed unless `l2` is asked for.
    Where a face agrees exactly, the gradient of its `l2` is 0 and not the limit, which does not exist.

    >>> shown, wanted = torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2)
    >>> [float(map_loss(shown, wanted, form)) for form in ("mse", "l2", "sumsq")]
    [1.0, 2.0, 4.0]
    """
    _check("map_loss", prediction, target)
    squares = (prediction - target).square()  # torch's own mse_loss lacks a derivative along a tangent of one side
    if form == "mse":
        return squares.mean()
    squares = squares.flatten(1).sum(1)
    if form == "sumsq":
        return squares.mean()
    if form != "l2":
        raise UsageError(f"loss form {form!r} does not exist; there are {', '.join(get_args(LossForm))}.")
    apart = squares > 0
    # the root sees no zero, whose infinite slope would turn into NaN: a dead last ReLU agrees exactly with a live map
    return torch.where(apart, torch.where(apart, squares, 1.0).sqrt(), 0.0).mean()


def contrast_depth_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean square difference of two maps' contrasts: each inner pixel's eight neighbours less itself (CDCN).

    prediction, target: (B, 1, h, w), 3 pixels or more on a side.  Returns a scalar ≥ 0; no level counts.

    >>> ramp = torch.arange(16.0).view(1, 1, 4, 4)
    >>> float(contrast_depth_loss(ramp, ramp + 7)), float(contrast_depth_loss(ramp, torch.zeros(1, 1, 4, 4)))
    (0.0, 12.75)
    """
    _check("contrast_depth_loss", prediction, target)
    if min(prediction.shape[-2:]) < 3:
        raise UsageError(f"contrast_depth_loss wants maps of 3 pixels or more; found {tuple(prediction.shape)}.")
    kernels = torch.eye(9, dtype=prediction.dtype, device=prediction.device).view(9, 1, 3, 3)
    kernels = kernels - kernels[4]  # one neighbour less the centre; the centre's own row is nothing
    contrast = conv2d(prediction - target, kernels[[0, 1, 2, 3, 5, 6, 7, 8]])
    return contrast.square().mean()


def shrink(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps of another size, each pixel the mean over the area that it covers.

    maps: (B, h, w) or (B, 1, h, w).  size: height and width.  Returns (B, 1, *size); the mean of a map stays.

    >>> shrink(torch.tensor([[[0.0, 2.0, 4.0, 4.0]]]), (1, 2)).flatten().tolist()
    [1.0, 4.0]
    """
    maps = maps if maps.ndim == 4 else maps.unsqueeze(1)
    if maps.ndim != 4 or maps.shape[1] != 1 or min(size) < 1:
        raise UsageError(f"shrink wants maps (B, h, w) or (B, 1, h, w) and a size; found {tuple(maps.shape)}, {size}.")
    height, width = maps.shape[-2:]
    if (height, width) == tuple(size):
        return maps
    return _shares(height, size[0], maps) @ maps @ _shares(width, size[1], maps).T


def _shares(inputs: int, outputs: int, like: Tensor) -> Tensor:
    """(outputs, inputs): what share of an output pixel's side each input pixel covers."""
    new = torch.arange(outputs, dtype=like.dtype, device=like.device)[:, None] * (inputs / outputs)
    old = torch.arange(inputs, dtype=like.dtype, device=like.device)[None]
    overlap = torch.minimum(new + inputs / outputs, old + 1) - torch.maximum(new, old)
    return overlap.clamp(min=0) * (outputs / inputs)


def _check(what: str, prediction: Tensor, target: Tensor) -> None:
    if prediction.shape != target.shape or prediction.ndim != 4 or prediction.shape[1] != 1:
        raise UsageError(
            f"{what} wants maps of one shape (B, 1, h, w); found prediction {tuple(prediction.shape)}, target "
            f"{tuple(target.shape)}. Maps are an eighth of the crops on a side; `shrink` makes stored ones fit."
        )
