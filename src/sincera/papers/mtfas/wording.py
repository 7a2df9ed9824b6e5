"""What MT-FAS's tables have to say of themselves beyond what all tables say."""

from __future__ import annotations

from collections.abc import Mapping

from sincera.data.store import Store
from sincera.papers import words
from sincera.papers.grid import Grid, Plan
from sincera.papers.intervals import NOTE
from sincera.papers.published import Values
from sincera.papers.table import MISSING

OWN_DEV = (
    "ST chooses the step on the development part and keeps its equal-error threshold, as printed figures do; LE is the "
    "mean of the last ten evaluations, TT the best of all, both at the test part's own equal-error threshold."
)
UNITS = (
    "One decision a video, unless it says `by frame`. Most printed BPCERs are no share of the 120 live test videos, so "
    "they are not decided so; which unit they have is not said."
)
PARTS = "± of several parts is the sample standard deviation (n - 1) over them, each first averaged over seeds."


def notes(plan: Plan, store: Store, grid: Grid, *further: str, policies: str | None = None) -> tuple[str, ...]:
    """Settings, crops, policies, and what else holds for a table.  policies: where ST is not of other data sets."""
    how, crops, usual = words.settings(plan, store, grid)
    return (how, crops, policies or usual, *further, NOTE)


def printed_line(printed: Values, task: str, method: str, metrics: Mapping[str, str | None]) -> tuple[str, ...]:
    """One printed row.  metrics: {rate: what the published table calls it, None where it has no such column}."""
    cells = [None if metric is None else printed.get((task, method, metric)) for metric in metrics.values()]
    return (f"{method}, printed", *(MISSING if cell is None else cell.text for cell in cells))


def methods_of(printed: Values) -> tuple[str, ...]:
    """The printed rows, in the paper's order."""
    return tuple(dict.fromkeys(method for _, method, _ in printed))


def plain(printed: Values) -> list[dict[str, object]]:
    """For JSON: every printed cell, in percent."""
    return [
        {"protocol": task, "method": method, "metric": metric, "value": cell.value, "sd": cell.std}
        for (task, method, metric), cell in printed.items()
    ]


def remarks(printed: Values) -> tuple[str, ...]:
    """What the published cells say of themselves, once each; notes on how the text was read are left out."""
    noted = ((key, cell.note) for key, cell in printed.items() if cell.note)
    found = (f"{method}, {task}, {metric}: {note}." for (task, method, metric), note in noted)
    return tuple(line for line in found if 'printed "/"' not in line and "text extraction" not in line)
