"""A contact sheet: crops in named groups, each with a line of text below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sincera.errors import UsageError
from sincera.plots.picture import ATTACK_COLOUR, LIVE_COLOUR, Picture, style


@dataclass(frozen=True, slots=True)
class Tile:
    """One crop (H, W, 3) uint8 RGB with its caption, such as a score."""

    crop: NDArray[np.uint8]
    caption: str = ""


def contact_sheet(groups: Mapping[str, Sequence[Tile]], *, rows: int | None = None, name: str = "sheet") -> Picture:
    """Groups side by side, each `rows` high and as wide as it needs; the group `live` is framed in its own colour.

    >>> grey = np.full((8, 8, 3), 128, np.uint8)
    >>> contact_sheet({"live": [Tile(grey, "0.02")], "print/1": [Tile(grey), Tile(grey)]}, rows=1).alt
    'Contact sheet of face crops. live: 1; print/1: 2.'
    """
    filled = {group: tiles for group, tiles in groups.items() if tiles}
    if not filled:
        raise UsageError("contact sheet: no crops to show")
    rows = rows or max(1, round(sum(map(len, filled.values())) ** 0.5 / 1.5))
    columns = {group: -(-len(tiles) // rows) for group, tiles in filled.items()}
    with style(name):
        figure = Figure(figsize=(1.05 * sum(columns.values()) + 0.2 * len(columns), 0.35 + 1.2 * rows))
        parts = figure.subfigures(1, len(filled), width_ratios=list(columns.values()), squeeze=False)[0]
        for part, (group, tiles) in zip(parts, filled.items(), strict=True):
            part.suptitle(group, fontsize=9)
            for axes in (grid := part.subplots(rows, columns[group], squeeze=False)).flat:
                axes.axis("off")
            for axes, tile in zip(grid.T.flat, tiles, strict=False):
                _draw(axes, tile, LIVE_COLOUR if group == "live" else ATTACK_COLOUR)
    listed = "; ".join(f"{group}: {len(tiles)}" for group, tiles in filled.items())
    return Picture(figure, name, f"Contact sheet of face crops. {listed}.")


def _draw(axes: Any, tile: Tile, colour: str) -> None:
    axes.axis("on")
    axes.imshow(tile.crop, interpolation="antialiased")
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(tile.caption, fontsize=8, labelpad=2)
    for spine in axes.spines.values():
        spine.set(visible=True, color=colour, linewidth=1.5)
