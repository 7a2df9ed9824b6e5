"""Points in the plane, several panels of the same points: a colour for each group, filled or hollow by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sincera.plots.picture import COLOURS, FAINT, INK, Picture, style

MARKERS = ("o", "s", "^", "D", "v", "P")


def points(
    panels: Mapping[str, NDArray[np.floating]],
    groups: Sequence[str],
    attack: Sequence[bool],
    *,
    name: str,
    alt: str,
    notes: Mapping[str, str] | None = None,
    emphasised: str | None = None,
) -> Picture:
    """A panel for each title with (N, 2) places.

    groups: (N,) such as the domain, told by colour and marker.  attack: (N,); an attack is filled, a live one hollow.
    notes: a line below a panel's title.  emphasised: a group drawn last, larger and with a dark edge.
    """
    names = sorted(set(groups), key=lambda group: (group == emphasised, group))
    look = {group: (COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]) for i, group in enumerate(names)}
    group_of, filled = np.asarray(groups), np.asarray(attack, bool)
    with style(name):
        figure = Figure(figsize=(3.5 * len(panels), 4.1))
        for axes, (title, places) in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
        ):
            for group in names:
                for is_attack in (False, True):
                    mine = (group_of == group) & (filled == is_attack)
                    _scatter(axes, np.asarray(places)[mine], *look[group], filled=is_attack, strong=group == emphasised)
            axes.set_title(f"{title}\n{(notes or {}).get(title, '')}".rstrip("\n"), linespacing=1.5)
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            for spine in axes.spines.values():
                spine.set(visible=True, color=FAINT)
        keys = [_key(group, *look[group]) for group in names]
        keys += [
            Line2D([], [], linestyle="", marker="o", markerfacecolor="none", markeredgecolor=INK, label="hollow: live"),
            Line2D([], [], linestyle="", marker="o", color=INK, label="filled: attack"),
        ]
        figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), columnspacing=1.2, handletextpad=0.2)
    return Picture(figure, name, alt)


def _scatter(axes: Any, places: NDArray[Any], colour: str, marker: str, *, filled: bool, strong: bool) -> None:
    axes.scatter(
        places[:, 0],
        places[:, 1],
        s=26 if strong else 15,
        marker=marker,
        facecolors=colour if filled else "none",
        edgecolors="black" if strong and filled else colour,
        linewidths=1.1 if strong and not filled else 0.7,
        alpha=1.0 if strong else 0.75,
        zorder=3 if strong else 2,
    )


def _key(group: str, colour: str, marker: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, color=colour, label=group)
