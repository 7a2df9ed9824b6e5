"""FRT-PAD's network (Zhang et al. 2021), attribute-editing variant: what a StarGAN discriminator sees helps a student.

Departs from the owner's code: the graph's nodes are those of one face, where the code makes the whole batch one node,
so that a prediction hangs on the other faces and only one size of batch works; and the first four nodes are averaged
for each number of a face, where the code averages them to one scalar for the whole batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from sincera.errors import UsageError
from sincera.nets.cost import parameters
from sincera.nets.graph import Graph, GraphAttention, GraphNetwork, adjacency
from sincera.nets.registry import student
from sincera.nets.resize import resized
from sincera.nets.stargan import Projection, StarganDiscriminator, stargan_projection
from sincera.nets.student import Norm, Normalise, Student

_MAPS = 4  # of the discriminator's hidden maps, each a node; its projection is the fifth


class Shrink(nn.Module):
    """(B, C, h, w) → (B, width): 3×3 convolutions that halve the map and double the channels, then the mean.

    A map that is as wide already gets one that keeps its channels.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        while channels < width or not layers:
            wide = min(2 * channels, width)
            conv = nn.Conv2d(channels, wide, 3, 2, 1, bias=False)
            nn.init.normal_(conv.weight, 0, 0.1)
            layers += [conv, nn.BatchNorm2d(wide), nn.PReLU(wide)]
            channels = wide
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        shrunk: Tensor = self.layers(x).mean((2, 3))
        return shrunk


class CrossModalAdapter(nn.Module):
    """Four maps and a vector (B, width) of another task's network → (B, width) that helps to tell attacks."""

    def __init__(
        self, channels: tuple[int, ...], width: int, *, graph: Graph, heads: int, slope: float, chance: float
    ) -> None:
        super().__init__()
        self.shrink = nn.ModuleList(Shrink(count, width) for count in channels)
        self.graph = GraphNetwork(adjacency(_MAPS + 1, graph), width, heads=heads, slope=slope, chance=chance)

    def forward(self, maps: tuple[Tensor, ...], vector: Tensor) -> Tensor:
        nodes = [shrink(level) for shrink, level in zip(self.shrink, maps, strict=True)]
        nodes = self.graph(torch.stack([*nodes, vector], 1))  # (B, 5, width)
        adapted: Tensor = nodes[:, :_MAPS].mean(1) * nodes[:, _MAPS]
        return adapted


class FrtPad(nn.Module):
    """(B, 3, H, W) in [0, 1] → logits (B, 2). The editing teacher is frozen and stays in eval mode whatever is asked.

    The classifier is a linear layer over the student's features and the adapter's vector, joined: its first half is the
    student's own head `fas`, its second half `head`.
    """

    def __init__(
        self,
        trunk: Student,
        teacher: Projection,
        *,
        teacher_norm: Norm,
        graph: Graph,
        heads: int,
        slope: float,
        chance: float,
        dropout: float,
    ) -> None:
        super().__init__()
        if len(teacher.channels) < _MAPS:
            raise UsageError(f"frtpad: a teacher of {len(teacher.channels)} convolutions; {_MAPS} or more are needed.")
        self.student = trunk
        self.teacher = teacher.requires_grad_(requires_grad=False).eval()
        self.teacher_normalise = Normalise(teacher_norm)
        self.adapter = CrossModalAdapter(
            teacher.channels[:_MAPS], teacher.width, graph=graph, heads=heads, slope=slope, chance=chance
        )
        self.dropout = dropout
        self.head = nn.Linear(teacher.width, 2, bias=False)
        own: nn.Linear = trunk.heads["fas"]  # type: ignore[assignment]  # ModuleDict forgets the type
        nn.init.normal_(own.weight, 0, 0.01)
        nn.init.zeros_(own.bias)
        nn.init.normal_(self.head.weight, 0, 0.01)

    def train(self, mode: bool = True) -> FrtPad:
        super().train(mode)
        self.teacher.eval()  # its running statistics, where it has any, must not drift on these faces
        return self

    def features(self, crops: Tensor) -> Tensor:
        """(B, feature_width + teacher.width): the student's features, then what the adapter makes of the teacher's."""
        size = self.teacher.size
        maps = tuple(level.detach() for level in self.teacher.maps(self.teacher_normalise(resized(crops, size))))
        adapted = self.adapter(maps[:_MAPS], self.teacher.project(maps))
        return torch.cat((self.student.features(crops), adapted), 1)

    def classify(self, features: Tensor) -> Tensor:
        """Logits (B, 2) of what `features` gives."""
        features = dropout(features, self.dropout, self.training)
        width = self.student.feature_width
        logits: Tensor = self.student.heads["fas"](features[:, :width]) + self.head(features[:, width:])
        return logits

    def forward(self, crops: Tensor) -> Tensor:
        return self.classify(self.features(crops))

    def printed_parameters(self) -> int:
        """All parameters but the attention's, which a profiler by layers skips: what DTDA's Table VII prints."""
        return parameters(self) - sum(parameters(one) for one in self.modules() if isinstance(one, GraphAttention))


def frtpad(
    network: str,
    discriminator: StarganDiscriminator,
    *,
    norm: Norm = "imagenet",
    teacher_norm: Norm = "symmetric",
    graph: Graph = "direct",
    heads: int = 2,
    slope: float = 0.2,
    attention_dropout: float = 0.6,
    dropout: float = 0.5,
    generator: torch.Generator | None = None,
) -> FrtPad:
    """FRT-PAD with this student and this discriminator, whose convolutions it shares and freezes.

    network, norm: a student's name and its normalisation.  teacher_norm: `symmetric` shows the discriminator [-1, 1].
    graph: `direct` (a chain) or `dense`.  heads, slope, attention_dropout: of the graph attention.  dropout: before the
    classifier.  generator: what the teacher's three random layers are drawn from.  A node has as many numbers as the
    discriminator's fourth map has channels: 512 in the official layout.

    >>> from sincera.nets import stargan_discriminator
    >>> frtpad("resnet18", stargan_discriminator()).printed_parameters()
    75559810
    """
    teacher = stargan_projection(discriminator, discriminator.width * 2 ** (_MAPS - 1), generator=generator)
    return FrtPad(
        student(network, {"fas": 2}, norm=norm),
        teacher,
        teacher_norm=teacher_norm,
        graph=graph,
        heads=heads,
        slope=slope,
        chance=attention_dropout,
        dropout=dropout,
    )
