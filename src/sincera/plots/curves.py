"""ROC and DET curves of several score tables on one pair of axes."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
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


def _answered(tables: Mapping[str, ScoreTable]) -> dict[str, ScoreTable]:
    """Without the clips that have no score: they lie nowhere on a curve."""
    return {name: table.select(table.answered) for name, table in tables.items()}


def _line(number: int) -> dict[str, Any]:
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[(number // len(COLOURS)) % len(LINES)]}


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
