"""A detector: a network that answers with a map of the face instead of one number, and how such networks begin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, NamedTuple, get_args

from torch import Tensor, nn

from sincera.errors import UsageError

Ending = Literal["detector", "teacher"]

START = 0.5  # of the last bias before a ReLU
PIXELS = 127.5  # how far AIM-FAS's pixels reach from 0


class Outputs(NamedTuple):
    """map: (B, 1, H/8, W/8).  logit: (B,) of a binary branch, rises with attack; None where there is no branch."""

    map: Tensor
    logit: Tensor | None = None


class Detector(nn.Module, ABC):
    """Crops (B, 3, H, W) in [0, 1] → a map (B, 1, H/8, W/8), rounded down: 32×32 of a crop of 256 px.

    What a map means lies in its training.  `network(crops)` gives the map alone, `outputs(crops)` also the logit of a
    binary branch, `levels(crops)` the maps inside.  Pixels are normalised inside.

    >>> import torch
    >>> from sincera.nets.detectors import detector
    >>> network = detector("fasdr_bc", width=4).eval()
    >>> shown, logit = network.outputs(torch.rand(2, 3, 64, 64))
    >>> shown.shape, logit.shape
    (torch.Size([2, 1, 8, 8]), torch.Size([2]))
    >>> [f"{name} {tuple(maps.shape[1:])}" for name, maps in network.levels(torch.rand(2, 3, 64, 64)).items()]
    ['pool1 (8, 32, 32)', 'pool2 (8, 16, 16)', 'pool3 (8, 8, 8)', 'fused (24, 8, 8)', 'map (1, 8, 8)']
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    @abstractmethod
    def levels(self, crops: Tensor) -> dict[str, Tensor]:
        """Maps (B, C, h, w) from input to output: `pool1`, `pool2`, `pool3`, `fused` where there is one, and `map`."""

    def outputs(self, crops: Tensor) -> Outputs:
        """All that the network says, from one pass."""
        return Outputs(self.levels(crops)["map"])

    def forward(self, crops: Tensor) -> Tensor:
        """(B, 3, H, W) → (B, 1, H/8, W/8).  A branch is computed too: its cost and its statistics are the network's."""
        return self.outputs(crops).map


class LastLayer(nn.Module):
    """3×3 convolution to the map, and what follows: `detector` clips it at zero, `teacher` leaves it raw."""

    def __init__(self, width: int, ending: Ending, activation: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        if ending not in get_args(Ending):
            raise UsageError(f"ending {ending!r} does not exist; there are {', '.join(get_args(Ending))}")
        self.ending: Ending = ending
        self.conv = nn.Conv2d(width, 1, 3, padding=1)
        self.activation = activation() if ending == "detector" else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        clipped: Tensor = self.activation(self.conv(maps))
        return clipped


def draw_as_xavier(network: nn.Module) -> None:
    """Xavier's uniform weights as AIM-FAS draws them, biases too: those as if a layer had as many inputs as outputs.

    The first convolution's bias is 127.5 times smaller, since AIM-FAS shows it pixels of ±127.5 and we of ±1; else one
    filter in thirteen would hardly ever be active.  A linear layer's bias is 0.  A LastLayer's bias is about the mean
    of its map where batch norm has centred its input: above a ReLU it is 0.5, since a negative one may leave no pixel
    positive, hence no gradient ever; a raw one is 0, the middle of the sigmoid that follows.
    Departs from AIM-FAS's code in these two biases alone.
    """
    first = True
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                reach = (3 / len(layer.bias)) ** 0.5 / (PIXELS if first else 1)
                nn.init.uniform_(layer.bias, -reach, reach)
            first = False
        elif isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    for layer in network.modules():
        if isinstance(layer, LastLayer) and layer.conv.bias is not None:
            nn.init.constant_(layer.conv.bias, START if layer.ending == "detector" else 0.0)
