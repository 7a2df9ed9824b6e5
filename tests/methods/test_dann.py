"""DANN: its loss written out, the reversal's rise, and what it cannot do with one domain."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from sincera.errors import RecipeError
from sincera.methods.dann import DANN, DANNRecipe
from sincera.recipe import load_recipe
from sincera.train import Batch, Facts, build_method

SIDE = 64
SMALL = ["network=small", "batch=6", "hidden=16", "dropout=0", "domain_weight=0.3"]


def build(*domains: str) -> DANN:
    facts = Facts(domains, ("A/0",), clips=9, size=SIDE)
    method = build_method(DANN, load_recipe(DANNRecipe, sets=SMALL), facts, seed=0)
    assert isinstance(method, DANN)
    return method.eval().double()


def faces(step: int, steps: int = 100) -> Batch:
    crops = torch.rand(6, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    each = torch.arange(6)
    numbers = {"labels": each % 2, "domains": each % 3, "subjects": each, "rows": each, "flipped": each < 0}
    return Batch(crops=crops, extra={}, parts=(), step=step, steps=steps, seed=0, **numbers)


@pytest.mark.parametrize("step", [0, 20, 100])
def test_the_trunk_climbs_the_domain_loss_that_the_discriminator_descends(step: int) -> None:
    method, batch = build("A", "B", "C"), faces(step)
    total, logged = method.losses(batch)
    total.backward()
    assert logged is not None
    features = method.network.features(batch.crops)
    fas = cross_entropy(method.network.heads["fas"](features), batch.labels)
    domain = cross_entropy(method.discriminator(features), batch.domains)
    torch.testing.assert_close(total, fas + 0.3 * domain)
    torch.testing.assert_close((logged["loss_fas"], logged["loss_domain"]), (fas, domain))
    trunk, judge = list(method.network.trunk.parameters()), list(method.discriminator.parameters())
    rise = 2 / (1 + math.exp(-10 * step / 100)) - 1
    for parameter, ours, theirs in zip(
        trunk,
        torch.autograd.grad(fas, trunk, retain_graph=True),
        torch.autograd.grad(domain, trunk, retain_graph=True),
        strict=True,
    ):
        torch.testing.assert_close(parameter.grad, ours - rise * 0.3 * theirs, rtol=1e-6, atol=1e-10)
    for parameter, theirs in zip(judge, torch.autograd.grad(domain, judge), strict=True):
        torch.testing.assert_close(parameter.grad, 0.3 * theirs)


def test_one_domain_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"one source domain, A; .* two or more"):
        build("A")
