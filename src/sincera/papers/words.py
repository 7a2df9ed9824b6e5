"""What the papers' tables have to say of themselves: how they were trained, on what, and how to read them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sincera.data.protocols.protocol import Convention
from sincera.data.store import Store
from sincera.papers.grid import Grid, Plan, Variant
from sincera.papers.intervals import Ends, Intervals
from sincera.papers.measured import POLICIES as NAMED
from sincera.papers.measured import Figure, Measured, mean_over
from sincera.papers.table import MISSING, between, people

FEW_PEOPLE = 10
POLICIES = (
    "ST chooses step and threshold on people of the sources (the headline); LE is the mean of the last ten "
    "evaluations, TT the best of all, both at the target's own equal-error threshold: TT is what the papers print."
)
PRINTED = (
    "Printed figures do not say which lists they were measured on: compare them with lists `all` (train and test "
    "parts) and `whole` (every clip), each under its own heading. None stands beside `split`: the printed errors on C "
    "and M are whole clips of the whole sets."
)
COMPARABLE: tuple[Convention, ...] = ("all", "whole")  # lists that printed figures stand beside


def settings(plan: Plan, store: Store, grid: Grid) -> tuple[str, ...]:
    """Recipe, seeds, crops, device: one line each."""
    infos = [info for measured in grid.values() for info in measured.infos]
    how = " ".join(
        [f"preset {plan.preset}" if plan.preset else "defaults"]
        + ([f"recipe {plan.recipe}"] if plan.recipe else [])
        + [shlex.quote(text) for text in plan.sets]
    )
    seeds = ", ".join(map(str, plan.seeds))
    spread = "; ± is the sample standard deviation over seeds" if len(plan.seeds) > 1 else ""
    views = ", ".join(f"{name} {view['size']} px" for name, view in store.preparation.to_dict()["views"].items())
    kind = "simulated data" if infos and all(info["simulated"] for info in infos) else "data as given"
    return (
        f"Measured with {how}, seeds {seeds}{spread}. Percent throughout.",
        f"Crops: {views}, {kind}, store {store.digest}; {_joined(info['device'] for info in infos)}.",
        POLICIES,
    )


def named(rows: Sequence[Variant]) -> str:
    """What `--rows` and comparisons call the rows."""
    return "Rows by their short names: " + ", ".join(f"{row.name} `{row.title}`" for row in rows) + "."


def counted(measured: Measured) -> tuple[str, ...]:
    """Who trains, validates and is tested, of the first seed; and whether that is too few for an interval."""
    parts = (
        f"{part}: {people(counts)}" for part, counts in measured.counts.items() if counts["live"] + counts["attack"]
    )
    tested = measured.counts["test"]["subjects"]
    few = f" With {tested} people tested, intervals and p say little." if tested < FEW_PEOPLE else ""
    return ("; ".join(parts) + "." + few,)


def origin(plan: Plan, store: Store) -> dict[str, Any]:
    """For JSON: what decided the numbers beside variant, protocol and seed."""
    return {
        "preset": plan.preset,
        "recipe": None if plan.recipe is None else str(plan.recipe),
        "set": list(plan.sets),
        "seeds": list(plan.seeds),
        "lists": list(plan.lists),
        "store": store.digest,
    }


def figures(measured: Measured, rates: Sequence[str], ends: Intervals) -> dict[str, Any]:
    """For JSON: {"runs", "simulated", "counts", "policies"}, these as `means` gives them for a single task."""
    return {
        "runs": [str(run.folder) for run in measured.runs],
        "simulated": all(info["simulated"] for info in measured.infos),
        "counts": measured.counts,
        "policies": means([measured], rates, ends),
    }


def means(tasks: Sequence[Measured], rates: Sequence[str], ends: Intervals) -> dict[str, Any]:
    """For JSON: {ST: {rate: {"mean", "sd", "values", "interval"} or None}} of the mean over tasks.

    interval: [low, high]; None where there is none.
    """
    found: dict[str, Any] = {}
    for policy in (name for name in NAMED if all(name in task.policies for task in tasks)):
        found[policy] = {}
        for rate in rates:
            figure = mean_over([task.figure(policy, rate) for task in tasks])
            found[policy][rate] = plain(figure, ends_of(ends, policy, rate))
    return found


def ends_of(ends: Intervals, policy: str, rate: str) -> Ends | None:
    """One of the intervals; None where there is none."""
    return ends.get(policy, {}).get(rate)


def with_ends(figure: Figure | None, ends: Ends | None) -> str:
    """A figure in percent with its interval, as far as both are known.

    >>> with_ends(Figure(0.1234, 0.0123, (0.1, 0.15)), (0.05, 0.2)), with_ends(Figure(0.5, None, (0.5,)), None)
    ('12.3 ± 1.2 [5.0, 20.0]', '50.0')
    """
    return MISSING if figure is None else " ".join(filter(None, (figure.text, between(ends))))


def plain(figure: Figure | None, ends: Ends | None = None) -> Mapping[str, Any] | None:
    """A figure for JSON with its interval; None where it is unknown."""
    return None if figure is None else {**figure.to_dict(), "interval": None if ends is None else list(ends)}


def _joined(texts: Iterable[str]) -> str:
    distinct: Sequence[str] = list(dict.fromkeys(texts))
    return "; ".join(distinct)
