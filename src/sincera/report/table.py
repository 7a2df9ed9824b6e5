"""The table of rates: each run under each policy, seeds together, the best trivial cue beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from sincera.report.results import Group, Result

RATES = {"hter": "HTER", "auc": "AUC", "apcer_max": "worst APCER", "bpcer": "BPCER"}
MISSING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as it is printed, and what stands small below it: an interval, a spread, a species."""

    text: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """kind: `mean` over seeds, `run`, or `cue`.  who: method, seed or cue.  cells: one for each of RATES."""

    kind: str
    who: str
    policy: str
    cells: tuple[Cell, ...]


def percent(rate: float | None) -> str:
    """A share as printed.

    >>> percent(0.12345), percent(1.0), percent(None)
    ('12.3 %', '100.0 %', '–')
    """
    return MISSING if rate is None else f"{100 * rate:.1f} %"


def figure(name: str, value: float | None) -> str:
    """AUC with three digits, every other rate in percent."""
    if name == "auc":
        return MISSING if value is None else f"{value:.3f}"
    return percent(value)


def interval(name: str, bounds: Sequence[float | None] | None) -> str:
    """The 95 % interval as printed, empty where there is none.

    >>> interval("hter", [0.081, 0.1702]), interval("auc", [0.8, 0.9]), interval("auc", None)
    ('8.1–17.0', '0.800–0.900', '')
    """
    if bounds is None or any(bound is None for bound in bounds):
        return ""
    shown = [f"{bound:.3f}" if name == "auc" else f"{100 * (bound or 0):.1f}" for bound in bounds]
    return "–".join(shown)


def worst_species(measures: Mapping[str, Any]) -> str | None:
    """The species that is taken for live most often; None where rates by species were not recorded.

    >>> worst_species({"apcer": {"print/1": 0.1, "display/2": 0.3}})
    'display/2'
    """
    rates = {species: rate for species, rate in (measures.get("apcer") or {}).items() if rate is not None}
    return max(rates, key=rates.__getitem__) if rates else None


def rows(group: Group) -> Iterator[Row]:
    """Means over seeds first, where there are several, then each run, then its best trivial cue."""
    policies = [name for name in group.first.policies if all(name in result.policies for result in group.results)]
    if len(group.results) > 1:
        for policy in policies:
            yield Row("mean", f"mean of {len(group.results)} seeds", policy, _means(group, policy))
    for result in group.results:
        who = f"seed {result.seed}" if result.seed is not None else result.run.name
        for policy, found in result.policies.items():
            yield Row("run", who, policy, _cells(found["measures"], found.get("sd")))
    best = best_cue(group.first)
    if best is not None:
        yield Row("cue", best[0], "", _cells(best[1]))


def notes(group: Group) -> list[str]:
    """What a reader must know beside the figures: clips without a score, and what the measures remark."""
    found = []
    for result in group.results:
        who = f"Seed {result.seed}: " if len(group.results) > 1 and result.seed is not None else ""
        measures = result.policies[result.headline]["measures"]
        if measures.get("non_response"):
            share = percent(measures["non_response"])
            found.append(f"{who}{share} of the clips have no score; the rates are of the others.")
        found += [f"{who}{note}" for note in measures.get("notes") or ()]
    return list(dict.fromkeys(found))


def best_cue(result: Result) -> tuple[str, Mapping[str, Any]] | None:
    """The trivial cue that measures.json names best, with its measures."""
    name = result.measures.get("best_cue")
    cues = result.measures.get("cues") or {}
    return (str(name), cues[name]) if name in cues else None


def cue_rows(result: Result) -> list[Row]:
    """Every trivial cue, the strongest first."""
    cues = result.measures.get("cues") or {}
    ranked = sorted(cues.items(), key=lambda item: -(item[1].get("auc") or 0.0))
    return [Row("cue", name, "", _cells(measures)) for name, measures in ranked]


def _cells(measures: Mapping[str, Any], sd: Mapping[str, float] | None = None) -> tuple[Cell, ...]:
    intervals = measures.get("intervals") or {}
    cells = []
    for name in RATES:
        below = interval(name, intervals.get(name))
        if sd and sd.get(name) is not None:
            below = f"± {_spread(name, sd[name])}"
        species = worst_species(measures) if name == "apcer_max" else None
        cells.append(Cell(figure(name, measures.get(name)), ", ".join(part for part in (species, below) if part)))
    return tuple(cells)


def _means(group: Group, policy: str) -> tuple[Cell, ...]:
    """Mean and sample standard deviation over seeds; a rate that one seed lacks has neither."""
    all_measures = [result.policies[policy]["measures"] for result in group.results]
    cells = []
    for name in RATES:
        values = [measures.get(name) for measures in all_measures]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            cells.append(Cell(MISSING))
        else:
            cells.append(Cell(figure(name, mean(known)), f"± {_spread(name, stdev(known))}"))
    return tuple(cells)


def _spread(name: str, value: float) -> str:
    return f"{value:.3f}" if name == "auc" else f"{100 * value:.1f}"
