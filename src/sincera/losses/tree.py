"""The losses of DTN's tree: a leaf learns from the attacks that reach it, a node to part those that pass it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from sincera.errors import UsageError
from sincera.nets.dtn import DTN, LEVEL_OF_NODE, MASK, DtnOutputs

WEIGHT_OF_LEVEL = {1: 1.0, 2: 0.5, 3: 0.25}
ENOUGH = 2  # visitors below which a node can tell nothing of their spread


def tree_loss(
    outputs: DtnOutputs,
    target: Tensor,
    labels: Tensor,
    *,
    active: bool,
    class_weight: float = 0.001,
    route_weight: float = 2.0,
    uniqueness_weight: float = 0.001,
    spread_scale: float = 1e-3,
    trace_weight: float = 1e-2,
) -> tuple[Tensor, dict[str, Tensor]]:
    """DTN's loss of one batch: the total, and its terms, detached, under `map`, `class`, `route`, `uniqueness`.

    outputs: of `DTN.tree` in train mode.  target: (B, 1, h, w) for channel 1, the mask, alone (an MT-FAS label), or
    (B, 2, h, w) with the depth before it.  labels: (B,) live 0, attack 1.  active: whether the tree's own two terms
    count; the owners wait 10,000 of 40,000 steps, until features mean something.  The weights are the owners'.
    total = map + 0.001 · class + [active] (2 · route + 0.001 · uniqueness).  It sees the faces of one rank.
    """
    attack = labels.to(outputs.features.dtype)
    predicted = outputs.leaf_maps[:, :, MASK:] if target.shape[1:2] == (1,) else outputs.leaf_maps
    terms = {
        "map": leaf_loss(predicted, target, outputs.routes, attack),
        "class": leaf_loss(outputs.leaf_classes, attack, outputs.routes, attack),
        "route": route_loss(outputs, attack, spread_scale=spread_scale, trace_weight=trace_weight),
        "uniqueness": uniqueness_loss(outputs, attack),
    }
    total = terms["map"] + class_weight * terms["class"]
    if active:
        total = total + route_weight * terms["route"] + uniqueness_weight * terms["uniqueness"]
    return total, {name: term.detach() for name, term in terms.items()}


def leaf_loss(predicted: Tensor, target: Tensor, routes: Tensor, labels: Tensor) -> Tensor:
    """Mean over leaves of the L1 distance, half from the attacks that reached the leaf, half from all lives.

    predicted: (B, 8, …).  target: (B, …), the same at every leaf.  routes: (B, 8) of 0 and 1.  labels: (B,) live 0,
    attack 1, floating.
    A leaf that no attack reached counts as 0 and learns nothing, from lives neither.
    """
    if predicted.shape[:1] + predicted.shape[2:] != target.shape:
        raise UsageError(
            f"leaf_loss: predictions (B, leaves, …) {tuple(predicted.shape)} and a target {tuple(target.shape)} do not "
            "fit; expected the same B, and the same shape behind the leaves."
        )
    distance = (predicted - target.unsqueeze(1)).abs().reshape(*predicted.shape[:2], -1).mean(2)
    here = routes * labels.unsqueeze(1)  # (B, 8)
    live = (1 - labels).unsqueeze(1).expand_as(here)
    reached = (here.sum(0) > 0).to(distance.dtype)
    return (reached * (_mean(distance, here) + _mean(distance, live)) / 2).mean()


def route_loss(
    outputs: DtnOutputs, labels: Tensor, *, spread_scale: float = 1e-3, trace_weight: float = 1e-2
) -> Tensor:
    """exp(-α λ) + β tr C of each node, weighted by its level: attacks spread along the node's direction, little else.

    C is the covariance (F, F) of the visiting attacks' features about the node's mean; λ = vᵀ C v is their spread
    along its direction.  Neither needs C itself: λ is the mean square of the projections, tr C that of the distances.
    α is `spread_scale`, β `trace_weight`.  A node with fewer than two visitors counts as 0.  Mean over seven nodes.
    """
    visits = outputs.visits * labels.unsqueeze(1)
    along = _mean(outputs.projections.square(), visits)
    trace = _mean((outputs.features - outputs.means).square().sum(2), visits)
    return _over_nodes((-spread_scale * along).exp() + trace_weight * trace, visits)


def uniqueness_loss(outputs: DtnOutputs, labels: Tensor) -> Tensor:
    """Mean square projection of all other faces of the batch less that of a node's own attacks, weighted by level.

    Lives, and attacks that went elsewhere, should lie near a node's mean, its own attacks far to either side.
    A node with fewer than two visitors counts as 0.  Mean over seven nodes; it may be negative.
    Departs from the owners' code, which gets NaN where all faces are a node's own: the others' mean counts as 0 there.
    """
    visits = outputs.visits * labels.unsqueeze(1)
    squared = outputs.projections.square()
    return _over_nodes(_mean(squared, 1 - visits) - _mean(squared, visits), visits)


def _same(tensor: Tensor) -> Tensor:
    return tensor


@torch.no_grad()
def follow_means(
    network: DTN,
    outputs: DtnOutputs,
    labels: Tensor,
    *,
    rate: float = 1e-3,
    total: Callable[[Tensor], Tensor] = _same,
) -> None:
    """Move each node's running mean towards the features of the attacks that passed it: μ ← (1 - r) μ + r mean.

    Call it once a step, after `tree_loss`.  The first batch with two visitors sets a node's mean; a batch with fewer
    leaves it.  rate: r, the owners' for 40,000 steps; a shorter training needs a greater one.  total: the sum over
    ranks of a tensor, where they are several, so that all keep the same means.
    Departs from the owners' code, whose means begin at the first batch, with 0 where nobody came.
    """
    visits = outputs.visits * labels.to(outputs.visits.dtype).unsqueeze(1)
    count = total(visits.sum(0)).unsqueeze(1)  # (7, 1)
    mean = total((visits.unsqueeze(2) * outputs.features).sum(0)) / count.clamp(min=1)
    started = network.started.unsqueeze(1)
    moved = torch.where(started, (1 - rate) * network.mu + rate * mean, mean)
    met = count >= ENOUGH
    network.mu.copy_(torch.where(met, moved, network.mu))
    network.started.copy_((started | met).squeeze(1))


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean over faces of (B, n), 0 where all weights are 0."""
    return (values * weights).sum(0) / weights.sum(0).clamp(min=1)


def _over_nodes(values: Tensor, visits: Tensor) -> Tensor:
    """Mean over all seven nodes, not only over those that count, as the owners take it."""
    levels = torch.tensor([WEIGHT_OF_LEVEL[level] for level in LEVEL_OF_NODE], device=values.device)
    counts = (visits.sum(0) >= ENOUGH).to(values.dtype)
    return (values * counts * levels.to(values.dtype)).mean()
