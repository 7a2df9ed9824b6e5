"""The reversed gradient: the identity on the way there, the opposite on the way back."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from sincera.losses.reversal import reverse_gradient


def test_the_trunk_gets_the_opposite_gradient_and_the_discriminator_its_own() -> None:
    torch.manual_seed(0)
    trunk, head = nn.Linear(4, 5), nn.Linear(5, 3)
    x, domains = torch.randn(8, 4), torch.arange(8) % 3

    def gradients(*, coefficient: float | None) -> tuple[torch.Tensor, torch.Tensor]:
        for layer in (trunk, head):
            layer.zero_grad()
        features = trunk(x)
        features = features if coefficient is None else reverse_gradient(features, coefficient)
        cross_entropy(head(features), domains).backward()
        return trunk.weight.grad.clone(), head.weight.grad.clone()

    plain, reversed_ = gradients(coefficient=None), gradients(coefficient=0.25)
    assert torch.allclose(reversed_[0], -0.25 * plain[0])
    assert torch.equal(reversed_[1], plain[1])


def test_values_pass_unchanged() -> None:
    x = torch.randn(3, 2)
    assert torch.equal(reverse_gradient(x, 0.7), x)
