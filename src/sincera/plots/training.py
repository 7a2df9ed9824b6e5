"""Training curves: what was logged over the steps, one panel above the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sincera.errors import UsageError
from sincera.plots.picture import COLOURS, INK, LINES, Picture, style

_BESIDE: dict[str, Any] = {  # a mark's name: left of its line, at the panel's top
    "xycoords": ("data", "axes fraction"),
    "xytext": (-3, 0),
    "textcoords": "offset points",
    "fontsize": 8,
    "ha": "right",
    "va": "top",
}


@dataclass(frozen=True, slots=True)
class Series:
    """One curve: values over steps."""

    steps: Sequence[float]
    values: Sequence[float]


def training(
    panels: Mapping[str, Mapping[str, Series]],
    *,
    rates: Sequence[str] = (),
    marks: Mapping[str, float] | None = None,
    name: str = "training",
) -> Picture:
    """A panel for each title, with its curves by name over shared steps.

    rates: titles whose values are shares, drawn in percent from zero.  marks: steps worth a line, under their name.
    """
    if not panels or not any(panels.values()):
        raise UsageError("training curves: nothing was logged, so there is nothing to draw")
    with style(name):
        figure = Figure(figsize=(4.2, 0.5 + 1.55 * len(panels)))
        all_axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (title, curves) in zip(all_axes, panels.items(), strict=True):
            for number, (curve, series) in enumerate(curves.items()):
                line = LINES[(number // len(COLOURS)) % len(LINES)]
                marker = "o" if len(series.steps) <= 30 else ""
                colour = COLOURS[number % len(COLOURS)]
                axes.plot(series.steps, series.values, line, color=colour, label=curve, marker=marker, markersize=3)
            for mark, step in (marks or {}).items():
                axes.axvline(step, color=INK, linewidth=1, linestyle=":")
                if axes is all_axes[0]:
                    axes.annotate(mark, (step, 1), **_BESIDE)
            axes.set_title(title)
            if title in rates:
                axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
                axes.set_ylim(bottom=0)
            if len(curves) > 1:
                axes.legend(loc="best")
        all_axes[-1].set_xlabel("step")
    return Picture(figure, name, _alt(panels))


def _alt(panels: Mapping[str, Mapping[str, Series]]) -> str:
    told = [
        f"{title}, {curve}: from {series.values[0]:.3g} to {series.values[-1]:.3g}"
        for title, curves in panels.items()
        for curve, series in curves.items()
        if len(series.values)
    ]
    return f"Training curves. {'; '.join(told)}."
