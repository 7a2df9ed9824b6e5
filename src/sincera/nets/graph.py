"""Graph attention (Veličković et al. 2018) over the few nodes of each face."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, elu, leaky_relu

from sincera.errors import UsageError

Graph = Literal["direct", "dense"]


def adjacency(nodes: int, graph: Graph) -> Tensor:
    """(nodes, nodes) of bool: `direct` links each node to the next, `dense` all; a node is linked to itself.

    >>> adjacency(3, "direct").int().tolist()
    [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
    """
    if graph not in ("direct", "dense"):
        raise UsageError(f"graph {graph!r} does not exist; there are direct, dense.")
    place = torch.arange(nodes)
    apart = (place[:, None] - place[None, :]).abs()
    return apart <= (1 if graph == "direct" else nodes)


class GraphAttention(nn.Module):
    """One head: (B, N, inputs) → (B, N, outputs), each node a weighted mean of those it is linked to.

    `mix` and `pair` are bare parameters, W and a of the paper: a profiler that counts by layers misses them.
    """

    def __init__(self, inputs: int, outputs: int, *, slope: float, chance: float) -> None:
        super().__init__()
        self.slope, self.chance = slope, chance
        self.mix = nn.Parameter(torch.empty(inputs, outputs))
        self.pair = nn.Parameter(torch.empty(2 * outputs, 1))
        gain = nn.init.calculate_gain("relu")
        nn.init.xavier_uniform_(self.mix, gain)
        nn.init.xavier_uniform_(self.pair, gain)

    def forward(self, nodes: Tensor, linked: Tensor) -> Tensor:
        mixed = nodes @ self.mix  # (B, N, outputs)
        here, there = (mixed @ self.pair.view(2, -1).T).unbind(-1)  # a is split: a node's own part, its neighbour's
        energy = leaky_relu(here[:, :, None] + there[:, None, :], self.slope)  # (B, N, N)
        share = energy.masked_fill(~linked, -torch.inf).softmax(-1)
        return dropout(share, self.chance, self.training) @ mixed


class GraphNetwork(nn.Module):
    """(B, N, width) → (B, N, width): several heads side by side, ELU, one more head over them, ELU."""

    linked: Tensor

    def __init__(self, linked: Tensor, width: int, *, heads: int, slope: float, chance: float) -> None:
        super().__init__()
        self.chance = chance
        self.register_buffer("linked", linked, persistent=False)
        self.heads = nn.ModuleList(GraphAttention(width, width, slope=slope, chance=chance) for _ in range(heads))
        self.joint = GraphAttention(heads * width, width, slope=slope, chance=chance)

    def forward(self, nodes: Tensor) -> Tensor:
        nodes = dropout(nodes, self.chance, self.training)
        nodes = torch.cat([elu(head(nodes, self.linked)) for head in self.heads], -1)
        nodes = dropout(nodes, self.chance, self.training)
        return elu(self.joint(nodes, self.linked))
