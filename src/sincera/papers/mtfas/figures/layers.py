"""A network's layers as they are called, read from the modules themselves, and rows of boxes that show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from sincera.plots import Box, Diagram
from sincera.plots.picture import COLOURS, INK

CONVOLUTION, POOL, DENSE = COLOURS[4], COLOURS[0], COLOURS[2]
WIDTH, GAP = 0.98, 0.3  # centimetres: of a layer's box, between two
_KINDS: tuple[type[nn.Module], ...] = (
    nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Linear,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """path: where it lies in its network.  filters, size: channels and side of what it gives.  kernel, stride: 0 where
    it has none.  parameters: its own."""

    path: str
    kind: str
    filters: int
    size: int
    kernel: int
    stride: int
    parameters: int

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def layers_of(network: nn.Module, size: int) -> tuple[Layer, ...]:
    """Convolutions, pools and linear layers in the order in which a crop of `size` pixels meets them.

    >>> one = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2))
    >>> [(layer.path, layer.filters, layer.size) for layer in layers_of(one, 16)]
    [('0', 8, 16), ('1', 8, 8)]
    """
    found: list[Layer] = []

    def hook(path: str) -> Any:
        return lambda module, _, out: found.append(_layer(path, module, out))

    handles = [
        module.register_forward_hook(hook(path))
        for path, module in network.named_modules()
        if isinstance(module, _KINDS)
    ]
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, 3, size, size))
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return tuple(found)


def _layer(path: str, module: Any, out: Tensor) -> Layer:
    kernel, stride = (getattr(module, name, 0) for name in ("kernel_size", "stride"))
    return Layer(
        path,
        type(module).__name__,
        out.shape[1],
        out.shape[-1] if out.ndim == 4 else 1,
        kernel[0] if isinstance(kernel, tuple) else int(kernel),
        stride[0] if isinstance(stride, tuple) else int(stride),
        sum(parameter.numel() for parameter in module.parameters()),
    )


def below(layers: Sequence[Layer], path: str) -> tuple[Layer, ...]:
    """Those of one module."""
    return tuple(layer for layer in layers if layer.path == path or layer.path.startswith(f"{path}."))


def layer_box(layer: Layer, x: float, y: float, *, largest: int) -> Box:
    """Taller the larger its maps are; a convolution's title is its number of filters, as the paper writes it."""
    height = 1.15 + 1.15 * layer.size / largest
    side = f"{layer.size} px"
    if layer.kind == "Conv2d":
        step = f" /{layer.stride}" if layer.stride > 1 else ""
        return Box(x, y, WIDTH, height, str(layer.filters), f"{layer.kernel}×{layer.kernel}{step}\n{side}")
    if layer.kind == "Linear":
        return Box(x, y, WIDTH, height, "linear", f"to {layer.filters}")
    if layer.kind == "AdaptiveAvgPool2d":
        return Box(x, y, WIDTH, height, "GAP", side)
    name = "max" if layer.kind == "MaxPool2d" else "mean"
    return Box(x, y, WIDTH, height, name, f"{layer.kernel}×{layer.kernel}\n{side}")


def draw_row(
    sheet: Diagram, layers: Sequence[Layer], left: float, y: float, *, largest: int, dashed: bool = False
) -> tuple[Box, ...]:
    """Layers from left to right with arrows between them; gives their boxes."""
    boxes = []
    for layer, x in zip(layers, _places(left), strict=False):
        colour = {"Conv2d": CONVOLUTION, "Linear": DENSE}.get(layer.kind, POOL)
        boxes.append(sheet.box(layer_box(layer, x, y, largest=largest), colour, fill=colour, dashed=dashed))
    for one, other in pairwise(boxes):
        sheet.arrow(one.side("right"), other.side("left"), colour=INK)
    return tuple(boxes)


def row_width(count: int) -> float:
    """Centimetres that so many layers take."""
    return count * WIDTH + (count - 1) * GAP


def _places(left: float) -> Iterator[float]:
    x = left + WIDTH / 2
    while True:
        yield x
        x += WIDTH + GAP
