"""How scores lie: one row for the lives and one for each species, over one axis of scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from sincera.plots.picture import ATTACK_COLOUR, FAINT, INK, LINES, LIVE_COLOUR, Picture, style

if TYPE_CHECKING:
    from sincera.measures.table import ScoreTable
    from sincera.measures.threshold import Threshold

BINS = 40


def histogram(
    table: ScoreTable, thresholds: Mapping[str, Threshold] | None = None, *, name: str = "histogram", title: str = ""
) -> Picture:
    """Shares of clips by score, lives first, then each species, the least separated first.

    thresholds: under the name that is written at their line; attack lies to its right.  Clips without a score are
    counted in the row's name.  Scores beyond the 0.2nd and 99.8th percentile fall into the outermost bins.
    """
    thresholds = thresholds or {}
    rows = _rows(table)
    low, high = _range(table.score[table.answered], thresholds)
    edges = np.linspace(low, high, BINS + 1)
    with style(name):
        layout = ConstrainedLayoutEngine(h_pad=0.01, hspace=0.02)
        figure = Figure(figsize=(4.2, 0.75 + 0.55 * len(rows)), layout=layout)
        all_axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (row, scores) in zip(all_axes, rows.items(), strict=True):
            _draw_row(axes, scores, edges, row)
            for number, threshold in enumerate(thresholds.values()):
                axes.axvline(threshold.value, color=INK, linewidth=1, linestyle=LINES[number % len(LINES)])
        _name_thresholds(all_axes[0], thresholds)
        all_axes[-1].tick_params(bottom=True, labelbottom=True)
        all_axes[-1].set_xlabel("score (rises with attack)")
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    return Picture(figure, name, _alt(rows, thresholds))


def _rows(table: ScoreTable) -> dict[str, NDArray[np.float64]]:
    """Lives, then species by their median score, lowest first: those are the hardest."""
    attack = table.label == 1
    rows = {"live": table.score[~attack]}
    found = {name: table.score[table.species == name] for name in sorted(set(table.species[attack].tolist()))}
    return rows | dict(sorted(found.items(), key=lambda item: _median(item[1])))


def _draw_row(axes: Any, scores: NDArray[np.float64], edges: NDArray[np.float64], row: str) -> None:
    answered = scores[~np.isnan(scores)]
    shares, _ = np.histogram(np.clip(answered, edges[0], edges[-1]), edges)
    colour = LIVE_COLOUR if row == "live" else ATTACK_COLOUR
    axes.stairs(shares / max(len(answered), 1), edges, fill=True, color=colour, alpha=0.85)
    axes.set(yticks=[], xlim=(edges[0], edges[-1]))
    axes.margins(y=0.05)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(bottom=False, labelbottom=False)
    silent = len(scores) - len(answered)
    count = f"{len(scores)}" + (f", {silent} without score" if silent else "")
    axes.set_ylabel(f"{row}\n({count})", rotation=0, ha="right", va="center", fontsize=8)
    axes.axhline(0, color=FAINT, linewidth=0.8)


def _range(answered: NDArray[np.float64], thresholds: Mapping[str, Threshold]) -> tuple[float, float]:
    """The axis: [0, 1] where all scores lie there, else what all but the outliers and every threshold need."""
    values = [threshold.value for threshold in thresholds.values()]
    if len(answered) == 0 or (answered.min() >= 0 and answered.max() <= 1):
        return min(0.0, *values, 0.0), max(1.0, *values, 1.0)
    low, high = np.percentile(answered, [0.2, 99.8])
    low, high = min(low, *values, low), max(high, *values, high)
    margin = 0.02 * (high - low) or 0.5
    return float(low - margin), float(high + margin)


def _name_thresholds(axes: Any, thresholds: Mapping[str, Threshold]) -> None:
    """Names above the first row, right of their lines; one that would overlap its neighbour goes a line higher."""
    left, right = axes.get_xlim()
    last, height = -np.inf, 0
    for name, threshold in sorted(thresholds.items(), key=lambda item: item[1].value):
        place = (threshold.value - left) / (right - left)
        height = height + 1 if place - last < 0.05 + 0.025 * len(name) else 0
        last = place
        axes.annotate(
            name,
            (min(max(place, 0.0), 1.0), 1.0),
            xycoords="axes fraction",
            xytext=(0, 2 + 10 * height),
            textcoords="offset points",
            ha="left" if place < 0.8 else "right",
            fontsize=8,
        )


def _median(scores: NDArray[np.float64]) -> float:
    answered = scores[~np.isnan(scores)]
    return float(np.median(answered)) if len(answered) else np.inf


def _alt(rows: Mapping[str, NDArray[np.float64]], thresholds: Mapping[str, Threshold]) -> str:
    medians = "; ".join(f"{row}: {len(scores)} clips, median {_median(scores):.3g}" for row, scores in rows.items())
    lines = "; ".join(f"{name} at {threshold.value:.3g}" for name, threshold in thresholds.items())
    return f"Histograms of scores. {medians}." + (f" Thresholds: {lines}." if lines else "")
