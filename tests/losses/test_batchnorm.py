"""Batch norm's own rules against torch's, and that no module keeps them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, jvp
from torch.nn.functional import batch_norm

from sincera.losses.batchnorm import FastNorm, fast_norms

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch's, at its first tangent


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_gradient_along_a_direction_is_torchs(layout: torch.memory_format) -> None:
    norm = nn.BatchNorm2d(3).double()
    fast = FastNorm(norm)
    x, weight, bias = random(4, 3, 5, 6).contiguous(memory_format=layout), random(3, seed=1), random(3, seed=2)
    weight[0] = 0  # which nothing may divide by
    along = tuple(random(*value.shape, seed=3 + n) for n, value in enumerate((x, weight, bias)))
    against = random(4, 3, 5, 6, seed=9)

    def by_rules(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return (functional_call(fast, {"weight": weight, "bias": bias}, (x,)).sin() * against).sum()

    def by_torch(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return (batch_norm(x, None, None, weight, bias, training=True, eps=norm.eps).sin() * against).sum()

    ours, theirs = (
        jvp(grad_and_value(loss, argnums=(0, 1, 2)), (x, weight, bias), along) for loss in (by_rules, by_torch)
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def test_a_norm_may_be_the_first_layer() -> None:
    """Its input then has no direction to go in."""
    network = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 1, 3)).double()
    theta = dict(network.named_parameters())
    along = {name: random(*value.shape) for name, value in theta.items()}
    images = random(4, 3, 5, 5)

    def loss(values: dict[str, Tensor]) -> Tensor:
        return functional_call(network, values, (images,)).square().mean()

    found = []
    for fast in (True, False):
        if fast:
            with fast_norms(network):
                found.append(jvp(grad_and_value(loss), (theta,), (along,)))
        else:
            network[0] = nn.BatchNorm2d(3, track_running_stats=False).double()
            found.append(jvp(grad_and_value(loss), (theta,), (along,)))
    torch.testing.assert_close(found[0], found[1])


def test_norms_are_changed_for_a_while_and_where_the_rules_hold() -> None:
    class Own(nn.BatchNorm2d):
        """Does more."""

    frozen = nn.BatchNorm2d(2).eval()
    network = nn.Sequential(nn.BatchNorm2d(2), frozen, nn.BatchNorm2d(2, affine=False), Own(2))
    layers, state = list(network), dict(network.named_buffers())
    with fast_norms(network):
        assert [type(layer) for layer in network] == [FastNorm, nn.BatchNorm2d, nn.BatchNorm2d, Own]
        assert list(dict(network.named_buffers())) == list(state)
        assert network[0].weight is layers[0].weight
        network(torch.rand(2, 2, 3, 3))
    assert all(now is before for now, before in zip(network, layers, strict=True))
    with pytest.raises(RuntimeError), fast_norms(network):
        network(torch.rand(2, 5, 3, 3))
    assert all(now is before for now, before in zip(network, layers, strict=True))
    assert torch.equal(layers[0].running_mean, torch.zeros(2))
