"""The additive angular margin of ArcFace: people lie apart on a sphere, by more than it takes to tell them apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear, normalize

from sincera.errors import UsageError

EDGE = 1e-6  # a cosine nearer to ±1 has no usable slope of its angle


class AngularMargin(nn.Module):
    """Cross-entropy over people, whose directions are learnt with it; only training needs them.

    width: of an embedding.  people: classes.  scale: s, the inverse temperature.  margin: m in radians, added to the
    angle between an embedding and its own person (Deng et al., ArcFace, Eq. 3).
    """

    def __init__(self, width: int, people: int, *, scale: float = 64.0, margin: float = 0.5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(people, width))
        nn.init.normal_(self.weight, std=0.01)
        self.scale, self.margin = scale, margin

    def forward(self, embeddings: Tensor, people: Tensor, *, share: float = 1.0) -> tuple[Tensor, Tensor]:
        """(B, width), (B,) → the loss, and the cosines (B, people).

        share: of the margin that holds now; a training may let it grow.
        """
        cosines = linear(normalize(embeddings.to(self.weight.dtype)), normalize(self.weight))
        return margin_loss(cosines, people, scale=self.scale, margin=share * self.margin), cosines


def margin_loss(cosines: Tensor, people: Tensor, *, scale: float, margin: float) -> Tensor:
    """Mean cross-entropy of s·cos θ, where the own person's angle counts as θ + m.

    cosines: (B, C) in [-1, 1].  people: (B,) indices.  Beyond θ = π - m, where cos(θ + m) would rise again, the line
    cos θ - m·sin m goes on downwards, so that a face that is far off is still drawn near.

    >>> cosines = torch.tensor([[0.9, 0.1]])
    >>> plain = margin_loss(cosines, torch.tensor([0]), scale=8.0, margin=0.0)
    >>> bool(margin_loss(cosines, torch.tensor([0]), scale=8.0, margin=0.5) > plain)
    True
    """
    if not 0 <= margin < math.pi / 2 or scale <= 0:
        raise UsageError(f"angular margin {margin}, scale {scale}; expected a margin in [0, π/2) and a scale above 0.")
    rows = torch.arange(len(people), device=cosines.device)
    own = cosines[rows, people].clamp(-1 + EDGE, 1 - EDGE)
    turned = own * math.cos(margin) - (1 - own.square()).sqrt() * math.sin(margin)  # cos(θ + m)
    turned = torch.where(own > -math.cos(margin), turned, own - margin * math.sin(margin))
    logits = cosines.index_put((rows, people), turned)
    return cross_entropy(scale * logits, people)
