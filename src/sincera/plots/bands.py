"""Curves with the spread of several seeds around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from numpy.typing import NDArray

from sincera.errors import UsageError
from sincera.plots.picture import COLOURS, FAINT, INK, LINES, Picture, style


@dataclass(frozen=True, slots=True)
class Band:
    """x (P,) and one row of values a seed: (S, P), NaN where a seed has none.  joined: False draws its points alone."""

    x: Sequence[float]
    values: NDArray[np.float64]
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves over one pair of axes. rate: values are shares, shown in percent.  level: a line with its name.

    logarithmic: the values' axis.
    """

    title: str
    bands: Mapping[str, Band]
    rate: bool = False
    level: tuple[float, str] | None = None
    logarithmic: bool = False


def bands(
    panels: Sequence[Panel],
    *,
    name: str,
    alt: str,
    x_label: str,
    ticks: Mapping[float, str] | None = None,
    spread: Literal["range", "curves"] = "range",
    markers: bool = True,
) -> Picture:
    """Panels one above the other over one x axis; each curve is the mean over seeds.

    spread: `range` shades from lowest to highest seed, `curves` draws each seed thin.  ticks: places and words on x.
    """
    if not any(panel.bands for panel in panels):
        raise UsageError(f"{name}: no curve to draw.")
    names = list(dict.fromkeys(curve for panel in panels for curve in panel.bands))
    with style(name):
        figure = Figure(figsize=(5.2, 0.75 + 2.0 * len(panels)))
        every = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axes, panel in zip(every, panels, strict=True):
            for curve, band in panel.bands.items():
                _curve(axes, band, names.index(curve), curve, spread, markers=markers)
            if panel.level:
                axes.axhline(panel.level[0], color=INK, linewidth=0.9, linestyle=":")
                axes.annotate(panel.level[1], (1, panel.level[0]), xycoords=("axes fraction", "data"), xytext=(0, 2),
                              textcoords="offset points", ha="right", va="bottom", fontsize=8)  # fmt: skip
            axes.set_title(panel.title)
            if panel.rate:
                axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
                axes.set_ylim(bottom=0)
            if panel.logarithmic:
                axes.set_yscale("log")
        if ticks:
            every[-1].set_xticks(list(ticks), list(ticks.values()))
        else:
            every[-1].xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        every[-1].set_xlabel(x_label)
        handles = {label: line for axes in every for line, label in zip(*axes.get_legend_handles_labels(), strict=True)}
        if len(handles) > 1:
            figure.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=min(3, len(handles)))
    return Picture(figure, name, alt)


def _curve(axes: Any, band: Band, number: int, label: str, spread: str, *, markers: bool) -> None:
    colour, line = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
    values = np.atleast_2d(band.values)
    known = np.isfinite(values).any(0)
    x, values = np.asarray(band.x)[known], values[:, known]
    if not len(x):
        return
    marker = {"marker": "o" if markers or not band.joined else "", "markersize": 3 if band.joined else 5}
    drawn = line if band.joined else "none"
    axes.plot(x, np.nanmean(values, 0), linestyle=drawn, color=colour, label=label, **marker)
    if len(values) < 2:
        return
    if spread == "range":
        axes.fill_between(x, np.nanmin(values, 0), np.nanmax(values, 0), color=colour, alpha=0.16, linewidth=0)
    else:
        for one in values:
            axes.plot(x, one, color=colour, linewidth=0.6, alpha=0.55)
    axes.spines["bottom"].set_color(FAINT)
