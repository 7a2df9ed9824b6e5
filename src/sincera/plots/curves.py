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
_TICKS = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)


def roc(tables: Mapping[str, ScoreTable], thresholds: Mapping[str, Threshold] | None = None) -> Picture:
    """Share of attacks found against share of lives taken for attacks, with each AUC.

    tables: scores by clip under the name of their run.  thresholds: under the same names, drawn as a dot each.
    """
    with style("roc"):
        figure = Figure(figsize=(4.2, 3.9))
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
        areas = {}
        for number, (name, table) in enumerate(tables.items()):
            bpcer, found, _ = roc_points(table)
            areas[name] = auc(table.score, table.label)
            axes.plot(bpcer, found, label=f"{name} (AUC {areas[name]:.3f})", **_line(number), clip_on=False)
            _dot(axes, table, thresholds, name, number, lambda live, missed: (live, 1 - missed))
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
        for number, (name, table) in enumerate(tables.items()):
            live, found, _ = roc_points(table)
            x, y = _deviates(live, _count(table, 0)), _deviates(1 - np.asarray(found), _count(table, 1))
            axes.plot(x, y, label=name, **_line(number))
            _dot(axes, table, thresholds, name, number, lambda live, missed: (_inverse(live), _inverse(missed)))
            nearest = int(np.argmin(np.abs(np.asarray(live) - (1 - np.asarray(found)))))
            equal.append(f"{name}: both errors near {float(live[nearest]):.1%}")
        places = [_inverse(tick) for tick in _TICKS]
        labels = [f"{tick:.1%}" if tick < 0.01 else f"{tick:.0%}" for tick in _TICKS]
        axes.set_xticks(places, labels)
        axes.set_yticks(places, labels)
        limits = (_inverse(0.0005), _inverse(0.99))
        axes.set(xlim=limits, ylim=limits, aspect="equal")
        axes.set(xlabel="live taken for attack (BPCER)", ylabel="attacks missed (APCER, pooled)")
        _legend(figure, len(tables))
    return Picture(figure, "det", f"DET curves on normal-deviate axes. {'; '.join(equal)}.")


def _line(number: int) -> dict[str, Any]:
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[(number // len(COLOURS)) % len(LINES)]}


def _dot(
    axes: Any, table: ScoreTable, thresholds: Mapping[str, Threshold] | None, name: str, number: int, place: Any
) -> None:
    """A dot where the run's threshold puts it."""
    if thresholds is None or name not in thresholds:
        return
    taken = table.score > thresholds[name].value
    bpcer = float(taken[table.label == 0].mean())
    missed = float(1 - taken[table.label == 1].mean())
    x, y = place(bpcer, missed)
    axes.plot([x], [y], marker="o", markersize=6, color=COLOURS[number % len(COLOURS)], clip_on=False, zorder=3)


def _legend(figure: Figure, entries: int) -> None:
    figure.legend(loc="outside lower left", ncols=1 if entries < 5 else 2)


def _count(table: ScoreTable, label: int) -> int:
    return int(np.sum((table.label == label) & ~np.isnan(table.score)))


def _deviates(rates: Array, count: int) -> Array:
    """Normal deviates of rates; 0 and 1 become half a clip's share away from them."""
    floor = 0.5 / max(count, 1)
    return np.array([_inverse(rate) for rate in np.clip(rates, floor, 1 - floor)])


def _inverse(rate: float) -> float:
    return NormalDist().inv_cdf(min(max(float(rate), 1e-6), 1 - 1e-6))
