"""Choosing thresholds and checkpoints, and the three policies under which a training is reported.

    ST  source-tuned, the headline: step and threshold from source validation; the target is measured once
    LE  last epochs: nothing is chosen; mean ± sample sd over the last ten evaluations, each at the target's own EER
    TT  target-tuned, as the papers do: the best of all evaluations by the target's own EER; optimistic

What chooses for ST takes `SourceScores` and nothing else: mypy refuses the rest, and so does a check when it runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from sincera.clip import ATTACK, LIVE
from sincera.errors import ScoreError, UsageError
from sincera.measures.arrays import Floats, require_both
from sincera.measures.bootstrap import percentiles
from sincera.measures.intervals import Plan
from sincera.measures.operating import Point, apcer_point, bpcer_point, equal_error
from sincera.measures.summary import Measures, Unit, measure_with_replicates
from sincera.measures.table import ScoreTable, SourceScores, TargetScores
from sincera.measures.threshold import TARGET_EER, Rule, Threshold, parse_rule

Policy = Literal["ST", "LE", "TT"]
LAST_EVALUATIONS = 10
S = TypeVar("S", bound=ScoreTable)


class Evaluation(NamedTuple):
    """One evaluation of a training: at which step, source validation (None where a run has none) and target."""

    step: int
    source: SourceScores | None
    target: TargetScores


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What one policy reports.

    steps: those measured; one for ST and TT.  evaluations: how many there were to choose from (TT looked at the
    target that often).  threshold: None for LE, where each evaluation has its own.  sd: sample standard deviation over
    `steps` by flat name (`Measures.rates`); None where there is only one.
    """

    policy: Policy
    steps: tuple[int, ...]
    evaluations: int
    threshold: Threshold | None
    measures: Measures
    sd: Mapping[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON; the keys are the fields' names."""
        return {
            "policy": self.policy,
            "steps": list(self.steps),
            "evaluations": self.evaluations,
            "threshold": None if self.threshold is None else self.threshold.to_dict(),
            "measures": self.measures.to_dict(),
            "sd": None if self.sd is None else dict(self.sd),
        }


def fit_threshold(
    scores: SourceScores, rule: str = "eer", *, unit: Unit = "clip", fitted_on: str | None = None
) -> Threshold:
    """A threshold from source scores: `eer`, `bpcer=x` (the lowest with BPCER ≤ x) or `apcer=x` (the fewest rejected
    lives with no species' APCER above x).

    fitted_on: the data in words; its domains by default.  ScoreError for anything but SourceScores, and where a class
    is missing; UsageError for an unknown rule and for `target-eer`, which is `target_threshold`.

    >>> fit_threshold(SourceScores([0, 0, 1, 1], [0.1, 0.3, 0.2, 0.9], domain=["C"] * 4), "bpcer=0")
    Threshold(value=0.3, rule='bpcer=0', fitted_on='C source validation', subjects=None, clips=4)
    """
    _require(SourceScores, scores)
    parsed = parse_rule(rule)
    if parsed.kind == TARGET_EER:
        raise UsageError("rule target-eer looks at the target's labels; it is target_threshold(), named TT.")
    return _fit(scores, parsed, rule, unit, fitted_on or _named(scores, "source validation"))


def target_threshold(scores: TargetScores, *, unit: Unit = "clip", fitted_on: str | None = None) -> Threshold:
    """The target's own equal-error threshold, rule `target-eer`: what the papers print; nobody has it in use.

    >>> target_threshold(TargetScores([0, 0, 1, 1], [0.1, 0.3, 0.2, 0.9], domain=["M"] * 4)).rule
    'target-eer'
    """
    _require(TargetScores, scores)
    return _fit(scores, Rule("eer"), TARGET_EER, unit, fitted_on or _named(scores, "target"))


def source_hter(scores: SourceScores, *, unit: Unit = "clip") -> float:
    """Mean over domains of the HTER at the pooled equal-error threshold: what ST chooses a step by.

    A domain that has one class only counts with that class's error rate.

    >>> source_hter(SourceScores([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.05], domain=["O", "O", "C", "C"]))
    0.5
    """
    _require(SourceScores, scores)
    rows = _answered(scores, unit)
    value = _point(rows, Rule("eer")).threshold
    wrong = (rows.score > value) != (rows.label == ATTACK)
    domain = np.full(len(rows), "", dtype=object) if rows.domain is None else rows.domain
    errors = []
    for name in sorted(set(domain.tolist())):
        own = domain == name
        classes = [own & (rows.label == label) for label in (LIVE, ATTACK)]
        errors.append(float(np.mean([wrong[one].mean() for one in classes if one.any()])))
    return math.fsum(errors) / len(errors)


def choose(evaluations: Sequence[tuple[int, SourceScores]]) -> int:
    """ST's step: the lowest `source_hter`, the earliest on ties.

    >>> good = SourceScores([0, 1], [0.1, 0.9]); bad = SourceScores([0, 1], [0.9, 0.1])
    >>> choose([(100, bad), (200, good), (300, good)])
    200
    """
    if not evaluations:
        raise ScoreError("found no evaluation with source validation, expected at least one to choose from.")
    errors = {step: source_hter(scores) for step, scores in evaluations}
    return min(sorted(errors), key=errors.__getitem__)


def policies(
    evaluations: Sequence[Evaluation], *, rounds: int = 1000, seed: int = 0, unit: Unit = "clip"
) -> dict[Policy, PolicyResult]:
    """ST, LE and TT from one training's evaluations; ST is absent where no evaluation has source validation.

    ScoreError: no evaluation, a step that stands twice, a class missing.
    """
    ordered = sorted(evaluations, key=lambda one: one.step)
    if not ordered:
        raise ScoreError("found no evaluation of this training, expected at least one.")
    if len({one.step for one in ordered}) < len(ordered):
        raise ScoreError("found two evaluations of one step, expected each step once.")
    plan = Plan(rounds, seed)
    results: dict[Policy, PolicyResult] = {}
    with_source = [(one.step, one.source) for one in ordered if one.source is not None]
    if with_source:
        results["ST"] = _source_tuned(ordered, with_source, plan, unit)
    results["LE"] = _last_epochs(ordered, plan, unit)
    results["TT"] = _target_tuned(ordered, plan, unit)
    return results


def _source_tuned(
    evaluations: Sequence[Evaluation], with_source: Sequence[tuple[int, SourceScores]], plan: Plan, unit: Unit
) -> PolicyResult:
    step = choose(with_source)
    threshold = fit_threshold(dict(with_source)[step], "eer", unit=unit)
    target = next(one.target for one in evaluations if one.step == step)
    measures, _ = measure_with_replicates(target, threshold, plan, unit=unit)
    return PolicyResult("ST", (step,), len(with_source), threshold, measures)


def _target_tuned(evaluations: Sequence[Evaluation], plan: Plan, unit: Unit) -> PolicyResult:
    errors = {one.step: _point(_answered(one.target, unit), Rule("eer")).hter for one in evaluations}
    best = min(evaluations, key=lambda one: (errors[one.step], one.step))
    threshold = target_threshold(best.target, unit=unit)
    measures, _ = measure_with_replicates(best.target, threshold, plan, unit=unit)
    return PolicyResult("TT", (best.step,), len(evaluations), threshold, measures)


def _last_epochs(evaluations: Sequence[Evaluation], plan: Plan, unit: Unit) -> PolicyResult:
    last = evaluations[-LAST_EVALUATIONS:]
    # The same people in each evaluation's resample, so that the mean of resamples is a resample of the mean.
    plan = plan._replace(one_by_one=True)
    pairs = [
        measure_with_replicates(one.target, target_threshold(one.target, unit=unit), plan, unit=unit) for one in last
    ]
    rates = [measures.rates() for measures, _ in pairs]
    # A species that never answered in one of them has no mean.
    shared = [name for name in rates[-1] if all(name in one for one in rates)]
    mean = {name: math.fsum(one[name] for one in rates) / len(rates) for name in shared}
    sd = {name: float(np.std([one[name] for one in rates], ddof=1)) for name in mean} if len(rates) > 1 else None
    steps = tuple(one.step for one in last)
    measures = _mean_measures([measures for measures, _ in pairs], mean, [drawn for _, drawn in pairs])
    return PolicyResult("LE", steps, len(evaluations), None, measures, sd)


def _mean_measures(
    several: Sequence[Measures], mean: Mapping[str, float], replicates: Sequence[Mapping[str, Floats]]
) -> Measures:
    """The last one's counts with the mean of all rates; intervals of the mean where all drew the same people."""
    intervals = {}
    for name in set(several[-1].intervals) & set(mean):
        found = percentiles(np.mean([drawn[name] for drawn in replicates], axis=0))
        # Where no evaluation saw a case, neither did any resample: the rule of three's bound of each holds.
        ends = [one.intervals[name] for one in several]
        constant = all(one.rates()[name] == mean[name] and mean[name] in (0, 1) for one in several)
        if found is not None:
            found = (min(found[0], mean[name]), max(found[1], mean[name]))
            intervals[name] = (min(low for low, _ in ends), max(high for _, high in ends)) if constant else found
    intervals = {name: intervals[name] for name in mean if name in intervals}

    def nested(prefix: str) -> dict[str, float]:
        found = {name.removeprefix(prefix): rate for name, rate in mean.items() if name.startswith(prefix)}
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0]))) if prefix == "apcer:" else found

    changed: dict[str, Any] = {name: rate for name, rate in mean.items() if ":" not in name}
    changed |= {"apcer": nested("apcer:"), "recall_at_fpr": nested("recall_at_fpr:")}
    return replace(several[-1], **changed, intervals=intervals, threshold=None)


def _fit(scores: ScoreTable, rule: Rule, typed: str, unit: Unit, fitted_on: str) -> Threshold:
    rows = _answered(scores, unit)
    point = _point(rows, rule)
    return Threshold(point.threshold, typed, fitted_on, subjects=rows.subjects, clips=rows.clips)


def _answered(scores: S, unit: Unit) -> S:
    rows = scores.by_clip() if unit == "clip" else scores
    return rows.select(rows.answered) if not rows.answered.all() else rows


def _point(rows: ScoreTable, rule: Rule) -> Point:
    attacks = int((rows.label == ATTACK).sum())
    require_both(len(rows) - attacks, attacks, _named(rows, "scores to fit a threshold on"))
    if rule.rate is None:
        return equal_error(rows.score, rows.label)
    if rule.kind == "bpcer":
        return bpcer_point(rows.score, rows.label, rule.rate)
    return apcer_point(rows.score, rows.label, rows.species, rule.rate)


def _named(scores: ScoreTable, what: str) -> str:
    return " ".join(filter(None, ("&".join(scores.domains), what)))


def _require(kind: type[ScoreTable], scores: ScoreTable) -> None:
    if not isinstance(scores, kind):
        raise ScoreError(
            f"found {type(scores).__name__}, expected {kind.__name__}: "
            + (
                "a threshold or step is chosen on source validation, never on what is measured."
                if kind is SourceScores
                else "the target's own threshold is read from the target."
            )
        )
