"""ROC and DET curves of several score tables on one pair of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sincera.measures.curves import roc as roc_points
from sincera.measures.rates import auc
from sincera.plots.picture import COLOURS, FAINT, LINES, Picture, style

if TYPE_CHECKING:
    from sincera.measures.table import ScoreTable
    from sincera.measures.threshold import Threshold

Array = NDArray[np.float64]
POINTS = 1000  # of a long curve; more cannot be seen and would swell the page
_TICKS = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8)


def roc(tables: Mapping[str, ScoreTable], thresholds: Mapping[str, Threshold] | None = None) -> Picture:
    """Share of attacks found against share of lives taken for attacks, with each AUC.

    tables: scores by clip under the name of their run.  thresholds: under the same names, drawn as a dot each.
    """
    with style("roc"):
        figure = Figure(figsize=(4.2, 3.9))
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
        areas = {}
        for number, (name, table) in enumerate(_answered(tables).items()):
            bpcer, found, _ = roc_points(table, points=POINTS)
            areas[name] = auc(table.score, table.label)
            axes.plot(bpcer, found, label=f"{name} (AUC {areas[name]:.3f})", **_line(number), clip_on=False)
            if thresholds and name in thresholds:
                live, missed = _errors_at(table, thresholds[name])
                axes.plot([live], [1 - missed], **_dot(number))
        axes.set(
            xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="live taken for attack (BPCER)", ylabel="attacks found"
        )
        _legend(figure, len(tables))
    listed = "; ".join(f"{name}: AUC {area:.3f}" for name, area in areas.items())
    return Picture(figure, "roc", f"ROC curves. {listed}.")


def det(tables: Mapping[str, ScoreTable], thresholds: Mapping[str, Threshold] | None = None) -> Picture:
    """Attacks missed (all species pooled) against lives taken for attacks, both axes in normal deviates.

    Where no clip errs, the curve ends at half a clip's share, since the normal deviate of 0 is infinite.
    """
    with style("det"):
        figure = Figure(figsize=(4.2, 3.9))
        axes = figure.add_subplot()
        equal = []
        for number, (name, table) in enumerate(_answered(tables).items()):
            bpcer, found, _ = roc_points(table, points=POINTS)
            live, missed = np.asarray(bpcer), 1 - np.asarray(found)
            lives, attacks = _count(table, 0), _count(table, 1)
            axes.plot(_deviates(live, lives), _deviates(missed, attacks), label=name, **_line(number))
            if thresholds and name in thresholds:
                at = _errors_at(table, thresholds[name])
                axes.plot(_deviates(at[0], lives), _deviates(at[1], attacks), **_dot(number))
            nearest = int(np.argmin(np.abs(live - missed)))
            equal.append(f"{name}: both errors near {(live[nearest] + missed[nearest]) / 2:.1%}")
        places = _deviates(np.array(_TICKS), 1000)
        labels = [f"{tick:.1%}" if tick < 0.01 else f"{tick:.0%}" for tick in _TICKS]
        axes.set_xticks(places, labels)
        axes.set_yticks(places, labels)
        low, high = (NormalDist().inv_cdf(rate) for rate in (0.0005, 0.9))
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
        axes.set(xlabel="live taken for attack (BPCER)", ylabel="attacks missed (APCER, pooled)")
        _legend(figure, len(tables))
    return Picture(figure, "det", f"DET curves on normal-deviate axes. {'; '.join(equal)}.")


def roc_panels(panels: Mapping[str, Mapping[str, Sequence[ScoreTable]]], *, name: str = "roc-panels") -> Picture:
    """ROC curves side by side: {title: {curve: its score tables, one a seed}}; the mean over seeds at each BPCER.

    Each curve's mean AUC stands in its panel, curves under the same colours everywhere.  An attack's species do not
    count apart.
    """
    names = list(dict.fromkeys(curve for curves in panels.values() for curve in curves))
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    told = []
    with style(name):
        figure = Figure(figsize=(3.3 * columns, 3.25 * rows + 0.15 + 0.17 * -(-len(names) // 3)))
        every = iter(figure.subplots(rows, columns, squeeze=False).flat)
        for title, curves in panels.items():
            axes = next(every)
            axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
            areas = {}
            for curve, tables in curves.items():
                answered = _answered({str(i): table for i, table in enumerate(tables)}).values()
                areas[curve] = float(np.mean([auc(table.score, table.label) for table in answered]))
                axes.plot(*_mean_roc(list(answered)), label=curve, **_apart(names.index(curve)), clip_on=False)
            axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title=title)
            axes.set(xlabel="live taken for attack (BPCER)", ylabel="attacks found")
            for place, (curve, area) in enumerate(reversed(areas.items())):
                axes.annotate(
                    f"{area:.3f}", (0.98, 0.03 + 0.065 * place), xycoords="axes fraction", ha="right", fontsize=8,
                    color=COLOURS[names.index(curve) % len(COLOURS)],
                )  # fmt: skip
            axes.annotate("AUC", (0.98, 0.03 + 0.065 * len(areas)), xycoords="axes fraction", ha="right", fontsize=8)
            told.append(f"{title}: " + ", ".join(f"{curve} AUC {area:.3f}" for curve, area in areas.items()))
        for axes in every:  # a panel without a task
            axes.axis("off")
        lines = [Line2D([], [], label=curve, **_apart(number)) for number, curve in enumerate(names)]
        figure.legend(handles=lines, loc="outside lower center", ncols=min(3, len(names)))
    return Picture(figure, name, f"ROC curves. {'; '.join(told)}.")


def _mean_roc(tables: Sequence[ScoreTable]) -> tuple[Array, Array]:
    """The mean share of attacks found at each BPCER: steps stay steps, and the area is the mean of the areas."""
    curves = [roc_points(table, points=POINTS) for table in tables]
    grid = np.unique(np.concatenate([curve.fpr for curve in curves]))
    found = np.mean([_both_sides(np.asarray(curve.fpr), np.asarray(curve.tpr), grid) for curve in curves], axis=0)
    return np.repeat(grid, 2), found.ravel()


def _both_sides(fpr: Array, tpr: Array, grid: Array) -> Array:
    """A curve where it arrives at each BPCER of the grid and where it leaves it, (G, 2): it may climb there.

    >>> _both_sides(np.array([0.0, 0, 1]), np.array([0, 0.5, 1]), np.array([0, 0.5, 1])).tolist()
    [[0.0, 0.5], [0.75, 0.75], [1.0, 1.0]]
    """
    places, first = np.unique(fpr, return_index=True)
    arrives, leaves = tpr[first], tpr[np.r_[first[1:], len(fpr)] - 1]
    before = np.searchsorted(places, grid, side="right") - 1
    after = np.minimum(before + 1, len(places) - 1)
    share = (grid - places[before]) / np.maximum(places[after] - places[before], 1e-300)
    between = leaves[before] + share * (arrives[after] - leaves[before])
    there = places[before] == grid
    return np.stack([np.where(there, arrives[before], between), np.where(there, leaves[before], between)], 1)


def _answered(tables: Mapping[str, ScoreTable]) -> dict[str, ScoreTable]:
    """Without the clips that have no score: they lie nowhere on a curve."""
    return {name: table.select(table.answered) for name, table in tables.items()}


def _line(number: int) -> dict[str, Any]:
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[(number // len(COLOURS)) % len(LINES)]}


def _apart(number: int) -> dict[str, Any]:
    """A colour and a line style of its own, for curves that cross often."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)]}


def _dot(number: int) -> dict[str, Any]:
    return {"marker": "o", "markersize": 6, "color": COLOURS[number % len(COLOURS)], "clip_on": False, "zorder": 3}


def _errors_at(table: ScoreTable, threshold: Threshold) -> tuple[float, float]:
    """(BPCER, pooled APCER): attack where the score exceeds the threshold."""
    attack = table.label == 1
    taken = table.score > threshold.value
    return float(taken[~attack].mean()), float((~taken)[attack].mean())


def _legend(figure: Figure, entries: int) -> None:
    figure.legend(loc="outside lower left", ncols=1 if entries < 5 else 2)


def _count(table: ScoreTable, label: int) -> int:
    return int(np.sum(table.label == label))


def _deviates(rates: float | Array, count: int) -> Array:
    """Normal deviates of rates; 0 and 1 become half a clip's share away from them.

    >>> _deviates(np.array([0.0, 0.5, 1.0]), 50).round(2).tolist()
    [-2.33, 0.0, 2.33]
    """
    floor = 0.5 / max(count, 1)
    return np.array([NormalDist().inv_cdf(float(rate)) for rate in np.clip(np.atleast_1d(rates), floor, 1 - floor)])
