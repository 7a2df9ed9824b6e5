"""DTN, the deep tree of zero-shot anti-spoofing (Liu et al., CVPR 2019): attacks find their own kinds of leaf."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, normalize

from sincera.nets.detector import Detector, Outputs

LEVEL_OF_NODE = (1, 2, 2, 3, 3, 3, 3)  # node n leads to 2n + 1 and 2n + 2; numbers from 7 on are the leaves
LEAVES = len(LEVEL_OF_NODE) + 1
ROUTED = 8  # side of the map that a node projects
CLASSED = 4  # side of the map that a leaf's class is told from
DEPTH, MASK = 0, 1  # channels of a leaf's map


class DtnOutputs(NamedTuple):
    """What one pass through the whole tree gives; nodes are numbered by level, leaves from left to right.

    map: (B, 1, h, w) in [0, 1], the spoof mask of the leaf that a face comes to.  logit: (B,) that leaf's class, which
    is trained towards 0 for live and 1 for attack.  leaf_maps: (B, 8, 2, h, w), channel 0 depth, 1 spoof mask.
    leaf_classes: (B, 8).  routes: (B, 8), 1 at the face's leaf, else 0.  visits: (B, 7), 1 at the nodes that it passed.
    features: (B, 7, F) that the nodes project, less `means` (7, F), on `directions` (7, F) of length 1, giving
    projections (B, 7); 0 or more goes to the left child.
    """

    map: Tensor
    logit: Tensor
    leaf_maps: Tensor
    leaf_classes: Tensor
    routes: Tensor
    visits: Tensor
    projections: Tensor
    features: Tensor
    directions: Tensor
    means: Tensor


class Residual(nn.Module):
    """Two blocks of convolution, batch norm, leaky ReLU, convolution, batch norm, the input added, leaky ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(
                *_layer(width, width), nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
            )
            for _ in range(2)
        )
        self.activation = nn.LeakyReLU(0.2)

    def forward(self, maps: Tensor) -> Tensor:
        for block in self.blocks:
            maps = self.activation(maps + block(maps))
        return maps


class Leaf(nn.Module):
    """Supervised at each leaf: maps (B, width, h, w) → depth and mask (B, 2, h, w), class (B,)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.map = nn.Sequential(Residual(width), nn.Conv2d(width, 2, 3, padding=1, bias=False), nn.Sigmoid())
        self.down = nn.Sequential(
            *_layer(width, width, stride=2), *_layer(width, width, stride=2), *_layer(width, 2 * width, stride=2)
        )
        self.classify = nn.Sequential(
            nn.Conv2d(2 * width, 4 * width, CLASSED, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(4 * width, 8 * width, bias=False),
            nn.BatchNorm1d(8 * width),
            nn.LeakyReLU(0.2),
            nn.Linear(8 * width, 1, bias=False),
            nn.Flatten(0),
        )

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        return self.map(maps), self.classify(adaptive_avg_pool2d(self.down(maps), CLASSED))


class DTN(Detector):
    """A binary tree of seven nodes and eight leaves; every branch is evaluated, and masks choose among them.

    A node halves its maps (CRU), and projects what it sees of a face on one direction (TRU): on the side of the mean
    where that lies the face goes on.  directions `v` are learnt, the means `mu` follow the attacks of the training
    batches (`losses.tree.follow_means`); `started` tells which nodes have met any.
    Departs from the owners' TensorFlow: stride-2 convolutions are padded on both sides, and batch norms move by 0.1.
    At sizes other than 256 px a node averages its 16×16 map, whatever it is then, to 8×8, a leaf its 4×4 likewise.
    """

    mu: Tensor
    started: Tensor

    def __init__(self, width: int) -> None:
        super().__init__("dtn")
        features = width * ROUTED**2
        self.root = nn.Sequential(nn.Conv2d(3, width, 5, padding=2, bias=False), nn.LeakyReLU(0.2))
        # up to the border and not beyond: sizes are halved and rounded down
        self.crus = nn.ModuleList(
            nn.Sequential(Residual(width), nn.MaxPool2d(3, stride=2, ceil_mode=True)) for _ in LEVEL_OF_NODE
        )
        self.trus = nn.ModuleList(
            nn.Sequential(*(part for _ in range(4 - level) for part in _layer(width, width, stride=2)))
            for level in LEVEL_OF_NODE
        )
        self.pool = nn.AvgPool2d(3, stride=2, ceil_mode=True)
        self.leaves = nn.ModuleList(Leaf(width) for _ in range(LEAVES))
        self.v = nn.Parameter(torch.empty(len(LEVEL_OF_NODE), features))
        self.register_buffer("mu", torch.zeros(len(LEVEL_OF_NODE), features))
        self.register_buffer("started", torch.zeros(len(LEVEL_OF_NODE), dtype=torch.bool))
        for parameter in self.parameters():
            if parameter.ndim > 1:  # the owners' start; batch norms keep theirs
                nn.init.normal_(parameter, std=0.02)

    def tree(self, crops: Tensor) -> DtnOutputs:
        """All that training needs, from one pass."""
        return self._pass(crops)[1]

    def outputs(self, crops: Tensor) -> Outputs:
        """The mask and the class of the leaf that each face comes to."""
        outputs = self.tree(crops)
        return Outputs(outputs.map, outputs.logit)

    def levels(self, crops: Tensor) -> dict[str, Tensor]:
        """The maps on each face's own way: `pool1` of the root's node, `pool2`, `pool3`, and `map`."""
        nodes, outputs = self._pass(crops)
        chosen = [_chosen(torch.stack(nodes[a:b], 1), outputs.visits[:, a:b]) for a, b in ((0, 1), (1, 3), (3, 7))]
        return dict(zip(("pool1", "pool2", "pool3"), chosen, strict=True)) | {"map": outputs.map}

    def _pass(self, crops: Tensor) -> tuple[list[Tensor], DtnOutputs]:
        nodes: list[Tensor] = []
        for number, cru in enumerate(self.crus):
            nodes.append(cru(nodes[(number - 1) // 2] if number else self.root(crops)))
        features = torch.stack([self._seen(tru(maps)) for tru, maps in zip(self.trus, nodes, strict=True)], 1)
        directions = normalize(self.v)  # only the direction of v is learnt
        # Departs from the owners' code, which centres a training batch by its own visitors: a face goes its way alone.
        projections = ((features - self.mu) * directions).sum(2)
        visits, routes = ways(projections)
        told = [leaf(nodes[3 + number // 2]) for number, leaf in enumerate(self.leaves)]
        leaf_maps, leaf_classes = (torch.stack(parts, 1) for parts in zip(*told, strict=True))
        outputs = DtnOutputs(
            map=_chosen(leaf_maps[:, :, MASK:], routes),
            logit=_chosen(leaf_classes, routes),
            leaf_maps=leaf_maps,
            leaf_classes=leaf_classes,
            routes=routes,
            visits=visits,
            projections=projections,
            features=features,
            directions=directions,
            means=self.mu,
        )
        return nodes, outputs

    def _seen(self, maps: Tensor) -> Tensor:
        """Maps → (B, F): overlapping averages of a 16×16 map as the owners take them, else adaptive ones."""
        fits = maps.shape[2] == maps.shape[3] == 2 * ROUTED
        return (self.pool(maps) if fits else adaptive_avg_pool2d(maps, ROUTED)).flatten(1)


def ways(projections: Tensor) -> tuple[Tensor, Tensor]:
    """Projections (B, 7) → nodes passed (B, 7) and leaf reached (B, 8), both of 0 and 1, without gradient.

    >>> visits, routes = ways(torch.tensor([[1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0]]))  # left, right, left
    >>> visits.tolist(), routes.tolist()
    ([[1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    """
    left = (projections >= 0).to(projections.dtype)
    reached = [torch.ones_like(left[:, 0])]
    for number in range(len(LEVEL_OF_NODE)):
        reached += [reached[number] * left[:, number], reached[number] * (1 - left[:, number])]
    return torch.stack(reached[: len(LEVEL_OF_NODE)], 1), torch.stack(reached[len(LEVEL_OF_NODE) :], 1)


def _chosen(stack: Tensor, weights: Tensor) -> Tensor:
    """(B, n, …) and (B, n) of a single 1 a face → (B, …)."""
    return (stack * weights.reshape(*weights.shape, *(1 for _ in stack.shape[2:]))).sum(1)


def _layer(inputs: int, outputs: int, stride: int = 1) -> tuple[nn.Module, ...]:
    """3×3 convolution without bias, batch norm, leaky ReLU."""
    return (
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.2),
    )


def dtn(width: int = 32) -> DTN:
    """DTN with `width` filters in every convolution but the last of a leaf, which have more in proportion.

    >>> sum(parameter.numel() for parameter in dtn().parameters())
    2296096
    """
    return DTN(width)
