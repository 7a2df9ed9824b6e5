"""Images moved against a domain classifier: DTDA's domain adversarial attack, in one step or several."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from sincera.errors import UsageError

Goal = Literal["untargeted", "uniform"]

SIGNS = 4  # to a byte


def domain_attack(
    images: Tensor,
    domains: Tensor,
    classifier: nn.Module,
    *,
    epsilon: float,
    steps: int = 1,
    step_size: float | None = None,
    goal: Goal = "untargeted",
    random_start: bool = False,
) -> Tensor:
    """Images that the classifier takes for another domain: x̃ = clip(x + ε sign ∇ₓ L_d(E_d(x), d)) (DTDA, Eq. 2).

    images: (B, 3, H, W) in [0, 1].  domains: (B,) indices.  classifier: images → logits (B, D); it runs in the mode
    given, and neither its buffers nor any gradient of its parameters change.  epsilon: greatest change of a pixel.
    steps: 1 is FGSM, more are PGD.  step_size: None is epsilon for one step, else 2.5 · epsilon / steps.
    goal: `untargeted` climbs the loss of the true domain; `uniform` descends KL(uniform ‖ prediction).
    random_start: begin anywhere within ±epsilon.  The result is detached.
    """
    if epsilon < 0 or steps < 1:
        raise UsageError(f"domain_attack: epsilon {epsilon}, steps {steps}; at least 0 and 1 are needed.")
    size = step_size if step_size is not None else (epsilon if steps == 1 else 2.5 * epsilon / steps)
    images = images.detach()
    low, high = images - epsilon, images + epsilon
    moved = images
    if random_start:
        moved = (images + epsilon * (2 * torch.rand_like(images) - 1)).clamp(0, 1)
    for _ in range(steps):
        climbed = moved + size * gradient_signs(moved, domains, classifier, goal=goal)
        moved = torch.minimum(torch.maximum(climbed, low), high).clamp(0, 1)
    return moved


def gradient_signs(images: Tensor, domains: Tensor, classifier: nn.Module, *, goal: Goal = "untargeted") -> Tensor:
    """Sign of the domain loss's gradient at each pixel, -1, 0 or 1, shaped as the images (DTDA, Eq. 1)."""
    if goal not in get_args(Goal):
        raise UsageError(f"domain attack: goal {goal!r} does not exist; there are {', '.join(get_args(Goal))}.")
    with torch.enable_grad():
        pixels = images.detach().requires_grad_()
        logits = _answer(classifier, pixels)
        if goal == "untargeted":
            climbed = cross_entropy(logits, domains, reduction="sum")  # a mean would not change the sign
        else:
            climbed = logits.log_softmax(1).mean(1).sum()
        (gradient,) = torch.autograd.grad(climbed, pixels)
    return gradient.sign()


def random_signs(images: Tensor) -> Tensor:
    """-1 or 1 at each pixel by chance: what an attack of the same size without a direction does."""
    return torch.randint(0, 2, images.shape, device=images.device).to(images.dtype).mul_(2).sub_(1)


def pack_signs(signs: Tensor) -> Tensor:
    """(B, …) of -1, 0, 1 → (B, n) uint8, four to a byte: what a cache keeps of an attack.

    >>> signs = torch.tensor([[1.0, 0.0, -1.0, 1.0, -1.0]])
    >>> unpack_signs(pack_signs(signs), signs).tolist()
    [[1.0, 0.0, -1.0, 1.0, -1.0]]
    """
    codes = signs.reshape(len(signs), -1).to(torch.int8).add_(1).to(torch.uint8)
    codes = nn.functional.pad(codes, (0, -codes.shape[1] % SIGNS)).view(len(signs), -1, SIGNS)
    return codes[..., 0] | codes[..., 1] << 2 | codes[..., 2] << 4 | codes[..., 3] << 6


def unpack_signs(packed: Tensor, like: Tensor) -> Tensor:
    """The inverse of `pack_signs`, with shape and type of `like` (B, …)."""
    codes = torch.stack([packed >> shift & 3 for shift in (0, 2, 4, 6)], -1)
    count = like[0].numel() if len(like) else 0
    return codes.view(len(like), -1)[:, :count].to(like.dtype).sub_(1).view(like.shape)


def _answer(classifier: nn.Module, pixels: Tensor) -> Tensor:
    """Logits without a trace: in train mode on copies of the buffers, which batch norm would move."""
    buffers = {name: buffer.clone() for name, buffer in classifier.named_buffers()} if classifier.training else {}
    logits: Tensor = functional_call(classifier, buffers, (pixels,)) if buffers else classifier(pixels)
    return logits
