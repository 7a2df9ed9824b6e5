"""All measures of one table at one threshold, with intervals: what is printed, reported and written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sincera.clip import ATTACK, LIVE
from sincera.errors import ScoreError
from sincera.measures.arrays import Floats, require_both
from sincera.measures.bootstrap import LEVEL, units_of
from sincera.measures.columns import coded
from sincera.measures.estimates import RECALLS, SPECIES, estimate
from sincera.measures.intervals import Plan, resample
from sincera.measures.table import ScoreTable
from sincera.measures.threshold import Threshold
from sincera.progress import Track, silent

Unit = Literal["clip", "frame"]
Intervals = Mapping[str, tuple[float, float]]
MOST_GROUPS = 200
_APCERS = ("apcer_max", "apcer_mean", "apcer_pooled")
_SINGLE_RATES = ("auc", "eer", "hter", *_APCERS, "bpcer", "acer", "acer_pooled", "non_response")


@dataclass(frozen=True, slots=True)
class Group:
    """Error rates of one group of rows at the threshold of the whole; None where a class is missing in it.

    n_live, n_attack: decisions, those without a score included; the rates are of the answered ones.
    """

    n_live: int
    n_attack: int
    non_response: float
    bpcer: float | None
    apcer: Mapping[str, float]
    apcer_max: float | None
    apcer_mean: float | None
    apcer_pooled: float | None
    hter: float | None
    acer: float | None
    auc: float | None
    intervals: Intervals

    def to_dict(self) -> dict[str, Any]:
        """For JSON; the keys are the fields' names."""
        return {name: getattr(self, name) for name in Group.__slots__} | {
            "apcer": dict(self.apcer),
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
        }


class Resampling(NamedTuple):
    """How the intervals came about: `units` of kind `subjects`, `clips` or `rows` were drawn `rounds` times."""

    kind: str
    units: int
    rounds: int
    seed: int
    level: float = LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What scores are worth at one threshold; rates in [0, 1].

    auc, eer: need no threshold (the EER is for diagnosis: its threshold would be fitted on these very labels).
    hter, apcer…, bpcer, acer…: at `threshold`; apcer by species, the worst first; acer with the worst species,
    acer_pooled with all attacks.  threshold: None in a mean over several.  n_live, n_attack: decisions, those without
    a score included; non_response: their share; every other rate is of the answered ones.
    intervals: {name: (low, high)}; `apcer:SPECIES` and `recall_at_fpr:RATE` name one of several.
    """

    auc: float
    eer: float
    hter: float
    apcer: Mapping[str, float]
    apcer_max: float
    apcer_mean: float
    apcer_pooled: float
    bpcer: float
    acer: float
    acer_pooled: float
    threshold: Threshold | None
    rule: str
    n_live: int
    n_attack: int
    n_species: Mapping[str, int]
    non_response: float
    recall_at_fpr: Mapping[str, float]
    unit: Unit
    intervals: Intervals = field(default_factory=dict)
    by: Mapping[str, Group] = field(default_factory=dict)
    resampling: Resampling
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the fields' names, `threshold` as a number with its origin beside it."""
        plain = {name: getattr(self, name) for name in Measures.__slots__}
        return plain | {
            "threshold": None if self.threshold is None else self.threshold.value,
            "origin": None if self.threshold is None else self.threshold.to_dict(),
            "apcer": dict(self.apcer),
            "n_species": dict(self.n_species),
            "recall_at_fpr": dict(self.recall_at_fpr),
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "by": {name: group.to_dict() for name, group in self.by.items()},
            "resampling": self.resampling._asdict(),
            "notes": list(self.notes),
        }

    def rates(self) -> dict[str, float]:
        """Every rate under the name that it has in `intervals`."""
        flat = {name: float(getattr(self, name)) for name in _SINGLE_RATES}
        flat |= {f"apcer:{name}": rate for name, rate in self.apcer.items()}
        return flat | {f"recall_at_fpr:{name}": rate for name, rate in self.recall_at_fpr.items()}


def measure(
    table: ScoreTable,
    threshold: Threshold,
    *,
    rounds: int = 1000,
    seed: int = 0,
    by: str | None = None,
    unit: Unit = "clip",
    track: Track = silent,
) -> Measures:
    """All measures of a table at a threshold, with 95 % intervals over people.

    unit: `clip` averages a clip's frames first, `frame` decides row by row.  by: a text column; error rates of each of
    its groups.  rounds: resamples; 0 for no intervals.  The threshold stays as it is in every resample.
    ScoreError: a class without an answered score, no such column, a column of more than 200 groups.

    >>> table = ScoreTable([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8], attack=["", "", "print", "mask"])
    >>> found = measure(table, Threshold(0.5, "eer", "dev.csv"), rounds=100)
    >>> found.hter, found.apcer, found.auc
    (0.5, {'print': 1.0, 'mask': 0.0}, 0.75)
    """
    plan = Plan(rounds, seed)
    return measure_with_replicates(table, threshold, plan, by=by, unit=unit, track=track)[0]


def measure_with_replicates(
    table: ScoreTable,
    threshold: Threshold,
    plan: Plan,
    *,
    by: str | None = None,
    unit: Unit = "clip",
    track: Track = silent,
) -> tuple[Measures, dict[str, Floats]]:
    """`measure`, and each rate of each resample under its flat name."""
    rows = table.by_clip() if unit == "clip" else table
    live, attack = (int((rows.answered & (rows.label == label)).sum()) for label in (LIVE, ATTACK))
    require_both(live, attack)
    estimates, units = estimate(rows, threshold.value), units_of(rows)
    rates, totals = estimates
    drawn = resample(rows, threshold.value, units, estimates, plan, track)
    mute = sorted(set(rows.species_codes[1]) - set(estimates.species))
    measures = Measures(
        **{name: rates[name] for name in _SINGLE_RATES},
        apcer={name: rates[SPECIES + name] for name in estimates.species},
        recall_at_fpr={name.partition(":")[2]: rates[name] for name in RECALLS},
        threshold=threshold,
        rule=threshold.rule,
        n_live=int((rows.label == LIVE).sum()),
        n_attack=int((rows.label == ATTACK).sum()),
        n_species={name: totals[SPECIES + name] for name in estimates.species},
        unit=unit,
        intervals=drawn.intervals,
        by={} if by is None else _groups(rows, threshold.value, by, plan),
        resampling=Resampling(units.kind, units.total, plan.rounds, plan.seed),
        notes=(*drawn.notes, *(f"no attack of species {name} has a score" for name in mute)),
    )
    return measures, drawn.replicates


def _groups(rows: ScoreTable, threshold: float, by: str, plan: Plan) -> dict[str, Group]:
    codes, names = coded(rows.column(by))
    if len(names) > MOST_GROUPS:
        raise ScoreError(
            f"column {by!r} has {len(names)} different values, expected at most {MOST_GROUPS}; "
            "group it more coarsely (age bands rather than ages)."
        )
    groups = {name: _group(rows.select(codes == code), threshold, plan) for code, name in enumerate(names)}
    # The worst group first, then by name.
    return dict(sorted(groups.items(), key=lambda one: (-max(one[1].bpcer or 0, one[1].apcer_max or 0), one[0])))


def _group(rows: ScoreTable, threshold: float, plan: Plan) -> Group:
    estimates = estimate(rows, threshold)
    optional: dict[str, Any] = {name: estimates.rates.get(name) for name in _SINGLE_RATES if name in Group.__slots__}
    return Group(
        n_live=int((rows.label == LIVE).sum()),
        n_attack=int((rows.label == ATTACK).sum()),
        apcer={name: estimates.rates[SPECIES + name] for name in estimates.species},
        intervals=resample(rows, threshold, units_of(rows), estimates, plan).intervals,
        **optional,
    )
