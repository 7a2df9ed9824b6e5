"""Grad-CAM (Selvaraju et al. 2017): where in a picture the evidence for a class lies, as a student sees it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from sincera.errors import UsageError
from sincera.nets import Student

FINEST = 1e-12  # a map below this everywhere holds no evidence


def grad_cam(
    network: Student,
    crops: Tensor,
    *,
    level: str = "stride32",
    head: str | None = None,
    target: Tensor | int | None = None,
) -> Tensor:
    """ReLU(Σ_k α_k A^k), α_k the mean gradient of the class's logit over map A^k: (B, 3, H, W) → (B, H, W) in [0, 1].

    crops: in [0, 1].  level: whose map A is taken, a name of `network.levels`.  head: the network's main head by
    default.  target: the class of all pictures, or (B,) one for each; the predicted class where None.
    Each map is enlarged bilinearly to the picture and divided by its maximum; one without any evidence for the class
    stays 0.  No parameter's gradient changes.  UsageError for an unknown level or head, and for a network in training
    mode, where a picture's map would depend on its neighbours in the batch.

    >>> from sincera.nets import student
    >>> maps = grad_cam(student("small").eval(), torch.rand(2, 3, 64, 64))
    >>> maps.shape, bool(maps.min() >= 0), bool(maps.max() <= 1)
    (torch.Size([2, 64, 64]), True, True)
    """
    head = network.main_head if head is None else head
    if head not in network.heads:
        raise UsageError(f"Grad-CAM: no head {head!r} in {network.name}; there are {', '.join(network.heads)}.")
    if network.training:
        raise UsageError(
            "Grad-CAM wants a network in eval mode: in training, batch norm mixes the pictures of a batch."
        )
    with torch.enable_grad():
        # A frozen network has no gradient of its own to follow: the pixels start the graph.
        levels = network.levels(crops.detach().requires_grad_())
        if level not in levels or levels[level].ndim != 4:
            maps = ", ".join(name for name, values in levels.items() if values.ndim == 4)
            raise UsageError(f"Grad-CAM: no map {level!r} in {network.name}; there are {maps}.")
        logits: Tensor = network.heads[head](levels["features"])  # (B, C)
        (gradient,) = torch.autograd.grad(logits.gather(1, _classes(target, logits)).sum(), levels[level])
    activations = levels[level].detach()
    weights = gradient.mean((2, 3), keepdim=True)
    coarse = (weights * activations).sum(1, keepdim=True).relu()  # (B, 1, h, w)
    fine = interpolate(coarse, crops.shape[-2:], mode="bilinear", align_corners=False)[:, 0]
    peak = fine.amax((1, 2), keepdim=True)
    return torch.where(peak > FINEST, fine / peak.clamp_min(FINEST), torch.zeros_like(fine))


def _classes(target: Tensor | int | None, logits: Tensor) -> Tensor:
    """(B, 1) indices of the classes asked for."""
    if target is None:
        return logits.detach().argmax(1, keepdim=True)
    if isinstance(target, Tensor):
        return target.to(logits.device).view(-1, 1)
    return torch.full((len(logits), 1), target, device=logits.device)
