"""What the papers' tables have to say of themselves: how they were trained, on what, and how to read them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sincera.data.protocols.protocol import Convention
from sincera.data.store import Store
from sincera.papers.grid import Grid, Plan
from sincera.papers.measured import Measured
from sincera.papers.table import people

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


def figures(measured: Measured, rates: Iterable[str]) -> dict[str, Any]:
    """For JSON: {"runs", "simulated", "counts", "policies": {ST: {rate: {"mean", "sd", "values"} or None}}}."""
    return {
        "runs": [str(run.folder) for run in measured.runs],
        "simulated": all(info["simulated"] for info in measured.infos),
        "counts": measured.counts,
        "policies": {
            policy: {rate: plain(measured.figure(policy, rate)) for rate in rates} for policy in measured.policies
        },
    }


def plain(figure: Any) -> Mapping[str, Any] | None:
    """A figure for JSON; None where it is unknown."""
    return None if figure is None else figure.to_dict()


def _joined(texts: Iterable[str]) -> str:
    distinct: Sequence[str] = list(dict.fromkeys(texts))
    return "; ".join(distinct)
