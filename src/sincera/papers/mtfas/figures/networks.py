"""Fig. 4, 6 and 8: FAS-DR-Light, FAS-DR with its branch, and ResNet-8, each layer read from the module itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from sincera.nets.cost import multiply_adds
from sincera.nets.detectors import detector, map_teacher
from sincera.nets.fasdr import FASDR
from sincera.nets.resnet8 import ResNet8
from sincera.papers.dtda.figures.parts import SIZE, short
from sincera.papers.figures import Bench, Drawing
from sincera.papers.grid import Variant
from sincera.papers.mtfas.figures.layers import (
    CONVOLUTION,
    GAP,
    WIDTH,
    Layer,
    below,
    draw_row,
    layer_box,
    layers_of,
    row_width,
)
from sincera.papers.mtfas.figures.teachers import FULL
from sincera.plots import Box, Diagram
from sincera.plots.picture import COLOURS, INK

HIDDEN = "numbered: a convolution with as many filters, then ReLU and batch norm but after the last"
BLOCK, JOIN, BRANCH = COLOURS[0], COLOURS[2], COLOURS[3]
LIGHT_CHOICE = "filters of all layers: the paper only draws them; these agree with the cost that it prints"
POOL_CHOICE = "means bring finer levels to the map's size: the paper says no more than that it pools"
BRANCH_CHOICE = "place and filters of the branch: the paper says only that it has stride 2 and a global mean"
RESNET_CHOICES = (
    "filters double from block to block: the paper gives the first block's 16",
    "two 3×3 convolutions a block, the shortcut added before the second norm: the first author's ResNet-12",
    "a pool after each block but the last",
)
LEVELS = ("low", "middle", "high")


def light(bench: Bench) -> Drawing:
    """Fig. 4, of the width that the recipe gives to the teacher."""
    recipe = _recipe(bench, FULL)
    network = map_teacher("fasdr_light", width=recipe.teacher.width or None)
    assert isinstance(network, FASDR)
    return _told(bench, pyramid_figure(network, "mtfas-4", "FAS-DR-Light, as teacher", (LIGHT_CHOICE, POOL_CHOICE)))


def depth_regressor(bench: Bench) -> Drawing:
    """Fig. 6: FAS-DR-BC of the paper's width, or of the one that `--set width=…` asks for."""
    asked = any(one.partition("=")[0] == "width" for one in bench.plan.sets)
    recipe = _recipe(bench, FULL)
    network = detector("fasdr_bc", width=(recipe.width or None) if asked else None)
    assert isinstance(network, FASDR)
    title = "FAS-DR, and in the dashed field what FAS-DR-BC has beside it"
    return _told(bench, pyramid_figure(network, "mtfas-6", title, (POOL_CHOICE, BRANCH_CHOICE)))


def residual(bench: Bench) -> Drawing:
    """Fig. 8, of the width that the recipe gives to the teacher."""
    recipe = _recipe(bench, FULL)
    network = map_teacher("resnet8", width=recipe.teacher.width or None)
    assert isinstance(network, ResNet8)
    return _told(bench, residual_figure(network))


def _recipe(bench: Bench, variant: Variant) -> Any:
    return bench.plan.recipes([variant])[variant.name]


def _told(bench: Bench, drawing: Drawing) -> Drawing:
    return Drawing(drawing.picture, {**bench.settings(), **drawing.numbers})


def pyramid_figure(network: FASDR, name: str, title: str, choices: Sequence[str]) -> Drawing:
    """Three blocks above, their pooled levels joined below, and from there the map, beside it the branch."""
    layers = layers_of(network, SIZE)
    pools = iter(below(layers, "pool"))
    blocks = [(*below(layers, f"blocks.{n}"), next(pools)) for n in range(len(network.blocks))]
    head = (*below(layers, "head"), *below(layers, "last"))
    branch = below(layers, "branch")
    beside = 0.55  # between the grounds of two blocks
    start = 2.35
    width = start + sum(row_width(len(block)) for block in blocks) + beside * len(blocks) + 0.1
    width = max(width, 1.0 + row_width(len(head) + 1) + (1.8 + row_width(len(branch)) if branch else 0))
    foot = 0.42 * (1 + len(choices))
    top = 9.4 + foot
    sheet = Diagram(name, width, top + 0.35)
    sheet.text(0.2, top, title, size=9, ha="left")
    sheet.text(0.2, top - 0.47, _size_of(network), size=7, ha="left")
    upper, middle, lower = top - 2.7, top - 5.25, top - 7.85
    previous = sheet.box(Box(1.05, upper, 1.4, 1.6, "face x", f"3 × {SIZE}\n× {SIZE}"), INK)
    levels, x = [], start
    for number, block in enumerate(blocks):
        wide = row_width(len(block))
        sheet.ground(x - 0.15, upper - 1.3, wide + 0.3, 3.2, BLOCK, f"{LEVELS[number]} level")
        boxes = draw_row(sheet, block, x, upper, largest=SIZE)
        sheet.arrow(previous.side("right"), boxes[0].side("left"))
        previous = boxes[-1]
        (to_size,) = below(layers, f"to_map_size.{number}")
        levels.append((boxes[-1], to_size))
        x += wide + beside
    joined = _joined(sheet, levels, middle, width)
    row = draw_row(sheet, head, 0.75, lower, largest=SIZE)
    sheet.arrow((row[0].x, joined.side("bottom")[1]), row[0].side("top"))
    end = "ReLU" if network.last.ending == "detector" else "raw: g"
    answer = Box(row[-1].x + WIDTH + GAP + 0.15, lower, 1.3, 1.3, "map", f"{_square(head[-1].size)}\n{end}")
    sheet.arrow(row[-1].side("right"), sheet.box(answer).side("left"))
    if branch:
        _branch(sheet, branch, answer.side("right")[0] + 1.1, lower, joined)
    for number, words in enumerate((HIDDEN, *(f"[choice] {one}" for one in choices))):
        sheet.text(0.3, foot - 0.17 - 0.42 * number, words, size=6.5, ha="left")
    return _drawing(sheet, network, layers, choices, title)


def _joined(sheet: Diagram, levels: Sequence[tuple[Box, Layer]], y: float, width: float) -> Box:
    """Each level's pool to the map's size, and the bar of their channels; gives the bar."""
    filters = [layer.filters for _, layer in levels]
    size = levels[-1][1].size
    words = f"joined: {' + '.join(map(str, filters))} = {sum(filters)} channels, {_square(size)}"
    low = y - 0.75
    bar = sheet.box(Box(width / 2, low, width - 0.6, 0.6, words), JOIN, fill=JOIN)
    for box, layer in levels:
        start = box.side("bottom")
        if layer.kernel > 1:
            kind = "mean" if layer.kind == "AvgPool2d" else "max"
            pool = sheet.box(
                Box(box.x, y + 0.45, 2.0, 0.62, f"{kind} {layer.kernel}×{layer.kernel}"), BLOCK, fill=BLOCK
            )
            sheet.arrow(start, pool.side("top"))
            start = pool.side("bottom")
        sheet.arrow(start, (box.x, bar.side("top")[1]))
    return bar


def _branch(sheet: Diagram, layers: Sequence[Layer], left: float, y: float, joined: Box) -> None:
    """FAS-DR-BC's branch in its dashed field, from the joined levels to the probability of an attack."""
    wide = row_width(len(layers)) + 2.4
    sheet.box(Box(left - 0.2 + wide / 2, y - 0.05, wide, 2.2, ""), BRANCH, dashed=True)
    sheet.text(left + wide - 0.35, y - 0.95, "only in FAS-DR-BC", size=6.5, ha="right")
    boxes = draw_row(sheet, layers, left, y, largest=SIZE)
    sheet.arrow((boxes[0].x, joined.side("bottom")[1]), boxes[0].side("top"))
    end = (boxes[-1].side("right")[0] + 0.35, y)
    sheet.arrow(boxes[-1].side("right"), end)
    sheet.text(end[0] + 0.1, y, "σ: P(attack)", size=7, ha="left")


def residual_figure(network: ResNet8) -> Drawing:
    """(a) four blocks, their pools and the map; (b) what is inside a block."""
    layers = layers_of(network, SIZE)
    *_, last = layers
    pools = [layer for layer in layers if layer.path == "pool"]
    sheet = Diagram("mtfas-8", 17.0, 9.7)
    sheet.text(0.2, 9.35, "ResNet-8, as teacher", size=9, ha="left")
    sheet.text(0.2, 8.88, _size_of(network), size=7, ha="left")
    previous = sheet.box(Box(1.0, 7.45, 1.3, 1.6, "face x", f"3 × {SIZE}\n× {SIZE}"))
    x = 2.15
    for number in range(len(network.blocks)):
        inside = below(layers, f"blocks.{number}")
        block = Box(
            x + 0.85, 7.45, 1.7, 1.7, f"block {number + 1}", f"{inside[0].filters} filters\n{inside[0].size} px"
        )
        sheet.box(block, CONVOLUTION, fill=CONVOLUTION)
        sheet.arrow(previous.side("right"), block.side("left"))
        previous, x = block, x + 1.7 + GAP
        if number < len(pools):
            (previous,) = draw_row(sheet, pools[number : number + 1], x, 7.45, largest=SIZE)
            sheet.arrow(block.side("right"), previous.side("left"))
            x += WIDTH + GAP
    (final,) = draw_row(sheet, [last], x, 7.45, largest=SIZE)
    sheet.arrow(previous.side("right"), final.side("left"))
    end = "raw: g" if network.last.ending == "teacher" else "ReLU"
    shown = sheet.box(Box(final.x + 1.5, 7.45, 1.3, 1.3, "map", f"{_square(last.size)}\n{end}"))
    sheet.arrow(final.side("right"), shown.side("left"))
    _inside(sheet, below(layers, "blocks.0"))
    for number, words in enumerate(RESNET_CHOICES):
        sheet.text(0.3, 1.25 - 0.42 * number, f"[choice] {words}", size=6.5, ha="left")
    return _drawing(sheet, network, layers, RESNET_CHOICES, "ResNet-8")


def _inside(sheet: Diagram, layers: Sequence[Layer]) -> None:
    """(b) the first block: two convolutions, and the shortcut that is added between the second and its norm."""
    by_name = {layer.path.removeprefix("blocks.0."): layer for layer in layers}
    first, second, shortcut = by_name["first.0"], by_name["second"], by_name["shortcut"]
    sheet.ground(0.35, 1.7, 16.2, 4.3, BLOCK, "inside the first block")
    y, low = 4.35, 2.55
    start = (1.5, y)
    one = sheet.box(_flat(first, 3.3, y), CONVOLUTION, fill=CONVOLUTION)
    norm = sheet.box(Box(5.5, y, 1.7, 0.9, "BN, ReLU"))
    two = sheet.box(_flat(second, 7.7, y), CONVOLUTION, fill=CONVOLUTION)
    added = sheet.box(Box(10.1, y, 0.9, 0.9, "+"), JOIN, fill=JOIN)
    out = sheet.box(Box(12.5, y, 1.7, 0.9, "BN, ReLU"))
    beside = sheet.box(_flat(shortcut, 5.5, low), CONVOLUTION, fill=CONVOLUTION)
    for begin, end in ((one, norm), (norm, two), (two, added), (added, out)):
        sheet.arrow(begin.side("right"), end.side("left"))
    sheet.arrow(start, one.side("left"))
    sheet.arrow(start, beside.side("left"))
    sheet.text(2.1, 3.0, "shortcut", size=6.5)
    sheet.arrow(beside.side("right"), added.side("bottom"))
    sheet.arrow(out.side("right"), (15.2, y))


def _flat(layer: Layer, x: float, y: float) -> Box:
    return replace(layer_box(layer, x, y, largest=SIZE), height=1.3)


def _size_of(network: nn.Module) -> str:
    count = _count(network)
    branch = getattr(network, "branch", None)
    without = "" if branch is None else f" ({count - _count(branch):,} without the branch)"
    return f"{count:,} parameters{without}, {multiply_adds(network, SIZE) / 1e6:,.1f} M multiply-adds at {SIZE} px"


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _square(side: int) -> str:
    return f"{side} × {side}"


def _drawing(
    sheet: Diagram, network: nn.Module, layers: Sequence[Layer], choices: Sequence[str], title: str
) -> Drawing:  # fmt: skip
    count = _count(network)
    convolutions = [layer for layer in layers if layer.kind == "Conv2d"]
    told = ", ".join(f"{layer.path} {layer.filters}" for layer in convolutions)
    numbers = {
        "parameters": count,
        "multiply_adds": multiply_adds(network, SIZE),
        "size": SIZE,
        "parts": [layer.to_dict() for layer in layers],
        "choices": list(choices),
    }
    alt = f"{title}. {count:,} parameters ({short(count)}). Filters of its convolutions: {told}."
    return Drawing(sheet.picture(alt), numbers)
