"""Rows of pictures under shared columns: what several networks make of the same faces."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sincera.errors import UsageError
from sincera.plots.picture import INK, Picture, style

RED, GREEN = "#c8102e", "#1a8f3c"  # of frames only: a column's name says the same
Colours = Literal["heat", "jet"]
HEAT = "inferno"
_RANGE: Mapping[Colours, tuple[str, float]] = {"heat": (HEAT, 0.25), "jet": ("jet", 0.0)}  # a map of 0 begins there
_TILE, _GAP = 0.92, 0.06  # inches: side of a picture, between two

Pixels = NDArray[np.uint8]


def heat(crop: Pixels, map_: NDArray[np.floating]) -> Pixels:
    """A crop (H, W, 3) uint8 in grey with a map (H, W) in [0, 1] over it: the stronger, the brighter and the denser.

    >>> heat(np.full((2, 2, 3), 100, np.uint8), np.zeros((2, 2))).tolist()[0][0]
    [100, 100, 100]
    """
    grey = crop.astype(np.float64).mean(2, keepdims=True)
    strength = np.clip(np.asarray(map_, np.float64), 0, 1)[..., None]
    colour = 255 * mpl.colormaps[HEAT](0.25 + 0.75 * strength[..., 0])[..., :3]
    dense = 0.8 * np.sqrt(strength)
    blended: Pixels = np.rint((1 - dense) * grey + dense * colour).astype(np.uint8)
    return blended


def jet(map_: NDArray[np.floating], side: int = 0) -> Pixels:
    """A map (H, W) in [0, 1] alone, from blue at 0 through green to red at 1.

    side: at least so many pixels high, each of the map's a square; 0 leaves its size.

    >>> jet(np.array([[0.0, 1.0]])).tolist()
    [[[0, 0, 128], [128, 0, 0]]]
    """
    times = max(1, -(-side // map_.shape[0]))
    colour = mpl.colormaps["jet"](np.clip(np.asarray(map_, np.float64), 0, 1))[..., :3]
    pixels: Pixels = np.rint(255 * colour).astype(np.uint8).repeat(times, 0).repeat(times, 1)
    return pixels


def picture_grid(
    rows: Mapping[str, Sequence[Pixels | None]],
    columns: Sequence[str],
    *,
    name: str,
    alt: str,
    groups: Sequence[str] | None = None,
    frames: Sequence[str] | None = None,
    captions: Mapping[str, Sequence[str]] | None = None,
    scale: str = "",
    colours: Colours = "heat",
    apart: Collection[str] = (),
) -> Picture:
    """One row of pictures for each name, one column for each face.

    rows: (H, W, 3) uint8 RGB pictures, as many as columns; None leaves a place empty.  columns: what stands above each,
    in a line or two.  groups: a further line above, written once over neighbours that share it, a gap between them.
    frames: a colour for each column's pictures.  captions: texts below a row's pictures.  scale: words for a bar with
    the colours of `heat`, or of `jet` where `colours` says so.  apart: rows that a wider gap parts from the one above.
    """
    widths = {len(pictures) for pictures in rows.values()} | {len(columns)}
    if len(widths) != 1 or not rows or 0 in widths:
        raise UsageError(f"picture grid: rows of {sorted(widths)} pictures under {len(columns)} columns.")
    groups = groups or [""] * len(columns)
    left = _places(groups)
    label = 0.2 + 0.062 * max(len(line) for row in rows for line in row.splitlines())  # inches for the rows' names
    told = captions or {}
    lines = max(column.count("\n") for column in columns)
    top = 0.02 + 0.2 * any(groups) + 0.2 * any(columns) + 0.14 * lines
    heights = {row: _TILE + _GAP + (0.17 if told.get(row) else 0.0) for row in rows}
    width = label + left[-1] + _TILE + 0.05
    height = top + sum(heights.values()) + 3 * _GAP * len(apart) + (0.42 if scale else 0.04)
    with style(name):
        figure = Figure(figsize=(width, height))
        figure.set_layout_engine("none")
        _head(figure, [(label + place + _TILE / 2) / width for place in left], columns, groups, top / height)
        y = height - top
        for row, pictures in rows.items():
            y -= 3 * _GAP * (row in apart)
            figure.text((label - 0.1) / width, (y - _TILE / 2) / height, row, ha="right", va="center", fontsize=8)
            for number, pixels in enumerate(pictures):
                place = ((label + left[number]) / width, (y - _TILE) / height, _TILE / width, _TILE / height)
                words = told[row][number] if told.get(row) else ""
                if pixels is not None:
                    _draw(figure.add_axes(place), pixels, frames[number] if frames else None, words)
            y -= heights[row]
        if scale:
            _bar(figure, (label / width, 0.25 / height, 1.5 / width, 0.09 / height), scale, colours)
    return Picture(figure, name, alt)


def _head(figure: Any, middle: Sequence[float], columns: Sequence[str], groups: Sequence[str], top: float) -> None:
    """Names above the columns, and above them a group's, once over neighbours that share it; top: their height."""
    inch = figure.get_size_inches()[1]
    for x, column in zip(middle, columns, strict=True):
        figure.text(x, 1 - top + 0.07 / inch, column, ha="center", va="bottom", fontsize=8)
    for group, places in groupby(range(len(columns)), key=groups.__getitem__):
        inside = list(places)
        x = (middle[inside[0]] + middle[inside[-1]]) / 2
        figure.text(x, 1 - 0.05 / inch, group, ha="center", va="top", fontsize=9)


def _places(groups: Sequence[str]) -> list[float]:
    """Each column's left edge in inches; a change of group brings a wider gap."""
    places, x = [], 0.0
    for number, group in enumerate(groups):
        if number:
            x += _TILE + (_GAP if group == groups[number - 1] else 3 * _GAP)
        places.append(x)
    return places


def _draw(axes: Any, pixels: Pixels, colour: str | None, words: str) -> None:
    axes.imshow(pixels, interpolation="antialiased")
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(words, fontsize=7, labelpad=2)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set(visible=colour is not None, color=colour or INK, linewidth=1.6)


def _bar(figure: Any, box: tuple[float, float, float, float], words: str, colours: Colours) -> None:
    axes = figure.add_axes(box)
    name, begin = _RANGE[colours]
    axes.imshow(np.linspace(begin, 1, 128)[None], cmap=name, vmin=0, vmax=1, aspect="auto", extent=(0, 1, 0, 1))
    axes.set_xticks([0, 1], ["0", "1"])
    axes.set_yticks([])
    axes.tick_params(length=0, pad=2, labelsize=7)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.annotate(
        words, (1, 0.5), xytext=(8, 0), xycoords="axes fraction", textcoords="offset points", va="center", fontsize=8
    )
