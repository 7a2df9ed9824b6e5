"""What MT-FAS's tables have to say of themselves beyond what all tables say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sincera.data.store import Store
from sincera.papers import words
from sincera.papers.grid import Grid, Plan, Variant
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


def notes(
    plan: Plan, store: Store, grid: Grid, rows: Sequence[Variant], *further: str, policies: str
) -> tuple[str, ...]:
    """Settings, crops, rows, and what else holds for a table.  policies: what ST is where no other set is a source."""
    how, crops, _ = words.settings(plan, store, grid)
    return (how, *trained(plan, rows), crops, policies, words.named(rows), *further, NOTE)


def trained(plan: Plan, rows: Sequence[Variant]) -> tuple[str, ...]:
    """Which rows are trained by another preset, and which for other lengths: where nothing differs, nothing."""
    return (*own_presets(plan, rows), *unequal(plan, rows))


def unequal(plan: Plan, rows: Sequence[Variant]) -> tuple[str, ...]:
    """Where detectors of one name are not trained alike, their supervision is not all that differs."""
    recipes: Mapping[str, Any] = plan.recipes(rows)
    lengths: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        recipe = recipes[row.name]
        lengths[recipe.detector][f"{recipe.length} of {recipe.batch} faces"].append(row.title)
    told = [
        "; ".join(f"{', '.join(titles)} {length}" for length, titles in several.items())
        for several in lengths.values()
        if len(several) > 1
    ]
    return (f'Detectors are not trained equally long: {"; ".join(told)}. `--set "length=…"` evens it.',) if told else ()


def own_presets(plan: Plan, rows: Sequence[Variant]) -> tuple[str, ...]:
    """Which rows take another preset, as their detector's owners train it; nothing where none does."""
    others = {row.title: dict(row.presets).get(plan.preset or "") for row in rows}
    named = [f"{title} by `{preset}`" for title, preset in others.items() if preset is not None]
    return (f"Instead of preset {plan.preset}: {', '.join(named)}.",) if named else ()


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
