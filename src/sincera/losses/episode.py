"""RFMetaFAS's episode: some sources teach the embedder a step, and the step must help on a source held back."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from sincera.errors import UsageError
from sincera.nets.rfmetafas import RFMetaFAS


def episode_loss(
    network: RFMetaFAS,
    crops: Tensor,
    labels: Tensor,
    domains: Tensor,
    target: Tensor,
    *,
    seed: int,
    inner_rate: float = 1e-3,
    map_weight: float = 10.0,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of one episode, and its four sums under `class_train`, `map_train`, `class_test`, `map_test`, detached.

    crops: (B, 3, H, W) in [0, 1].  labels: (B,) live 0, attack 1.  domains: (B,) of at least two sources.  target:
    (B, 1, h, w) for the map: depth with zeros for attacks, or an MT-FAS label.  seed: that of the batch, which decides
    on the source held back.  With e_φ the embedder, f the last level, CE binary cross-entropy, over the other sources i
    and the one held back j:

        φᵢ = φ - inner_rate · ∇_φ CE(e_φ(fᵢ), yᵢ)
        total = Σᵢ [CE(e_φ(fᵢ), yᵢ) + map_weight · MSEᵢ] + Σᵢ CE(e_φᵢ(fⱼ), yⱼ) + map_weight · MSEⱼ

    Its gradient goes through φᵢ, to second order.  Each source is a batch of its own for batch norm; passes with φᵢ
    leave no running statistics behind.  It sees the faces of one rank: several ranks take their steps φᵢ apart.
    """
    train, test = divide_sources(domains, seed)
    terms = dict.fromkeys(("class_train", "map_train", "class_test", "map_test"), crops.new_zeros(()))
    adapted = []
    for source in train:
        mine = domains == source
        levels = network.levels(crops[mine])
        truth = labels[mine].to(crops.dtype)
        loss = binary_cross_entropy_with_logits(network.embedder(levels["pool3"]), truth)
        terms["class_train"] = terms["class_train"] + loss
        terms["map_train"] = terms["map_train"] + mse_loss(levels["map"], target[mine])
        adapted.append(stepped(network.embedder, loss, inner_rate))
    held = domains == test
    levels = network.levels(crops[held])
    terms["map_test"] = mse_loss(levels["map"], target[held])
    truth = labels[held].to(crops.dtype)
    for weights in adapted:
        logit = answer(network.embedder, weights, levels["pool3"])
        terms["class_test"] = terms["class_test"] + binary_cross_entropy_with_logits(logit, truth)
    maps = terms["map_train"] + terms["map_test"]
    total = terms["class_train"] + terms["class_test"] + map_weight * maps
    return total, {name: term.detach() for name, term in terms.items()}


def divide_sources(domains: Tensor, seed: int) -> tuple[list[int], int]:
    """The domains of a batch in an order drawn from `seed`: all but one to teach, and the one held back.

    >>> divide_sources(torch.tensor([0, 0, 2, 2, 5]), seed=1)
    ([2, 5], 0)
    """
    present: list[int] = sorted(set(domains.tolist()))
    if len(present) < 2:
        raise UsageError(
            f"an episode holds one source back; found {len(present)} in the batch, at least 2 are needed. "
            "Choose a protocol with several sources, and a feed balanced over them."
        )
    order = torch.randperm(len(present), generator=torch.Generator().manual_seed(seed)).tolist()
    *train, test = (present[place] for place in order)
    return train, test


def stepped(network: nn.Module, loss: Tensor, rate: float) -> dict[str, Tensor]:
    """Weights of `network` after a step down `loss`, by name; they keep the graph, for a gradient through the step."""
    weights = dict(network.named_parameters())
    gradients = torch.autograd.grad(loss, tuple(weights.values()), create_graph=True)
    return {name: value - rate * slope for (name, value), slope in zip(weights.items(), gradients, strict=True)}


def answer(network: nn.Module, weights: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    """What `network` says with other weights, on copies of its buffers: batch norm would move its own."""
    buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
    told: Tensor = functional_call(network, {**weights, **buffers}, (inputs,))
    return told
