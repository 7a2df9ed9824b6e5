"""Set a model's operating point on one's own scores or clips, and say what that rests on.

The networks stay as they are; a threshold is one number, so that a few dozen clips of some people can set it, and the
interval tells how well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import ATTACK, LIVE
from sincera.errors import ScoreError
from sincera.fit.captures import captures, scored
from sincera.fit.points import answered_clips, fitted_rule, histogram, operating_points, point, threshold_value
from sincera.judge import Judge
from sincera.measures.bootstrap import percentiles, units_of
from sincera.measures.estimates import estimate
from sincera.measures.intervals import Plan, resample
from sincera.measures.rates import rule_of_three
from sincera.measures.table import SourceScores
from sincera.measures.threshold import Rule, Threshold
from sincera.model import ModelFile, ModelId, ModelSpec
from sincera.progress import Track, silent

FEW_PEOPLE = 20
ROUNDS = 1000
_FOLDS = 10
_SHOWN = ("bpcer", "apcer_max", "apcer_pooled", "hter", "auc")
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a calibration rests on, and what follows.

    model: the one that was set.  threshold, before: the new point and the one in use until now.
    people: how many are known, None where no file names any.  live, attack: clips with a score; silent: without one.
    spread: 95 % interval of the threshold itself, refitted to people drawn anew; None where there are fewer than two.
    rates: at the new threshold on these clips; intervals: over people.  rates_before: at the old threshold.
    held_out: error rates on people left out of the fit, in turns; None where that cannot be done.
    """

    model: ModelId
    threshold: Threshold
    before: Threshold
    people: int | None
    live: int
    attack: int
    silent: int
    spread: Interval | None
    rates: Mapping[str, float]
    intervals: Mapping[str, Interval]
    rates_before: Mapping[str, float]
    held_out: Mapping[str, float] | None
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the keys are the fields' names."""
        plain = {name: getattr(self, name) for name in Report.__slots__}
        return plain | {
            "model": self.model.to_dict(),
            "threshold": self.threshold.to_dict(),
            "before": self.before.to_dict(),
            "spread": None if self.spread is None else list(self.spread),
            "rates": dict(self.rates),
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "rates_before": dict(self.rates_before),
            "held_out": None if self.held_out is None else dict(self.held_out),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Calibrated:
    """spec: the model's record with the new operating points, for `write_model`.  report: what they rest on."""

    spec: ModelSpec
    report: Report


def calibrate(
    model: ModelFile,
    scores: SourceScores,
    rule: str = "bpcer=0.01",
    *,
    fitted_on: str | None = None,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Calibrated:
    """The model with the operating point of `rule` in use, fitted on these scores; nothing is written.

    scores: of this model, by clip or frame.  With attacks all operating points are fitted anew, without them those of
    BPCER; the others keep their origin.  rounds: resamples; 0 for no intervals.
    ScoreError where a class that the rule needs has no score.
    """
    parsed = fitted_rule(rule)
    clips = answered_clips(scores)
    if not (clips.label == LIVE).any():
        raise ScoreError("found no live clip with a score; an operating point needs some.")
    points = {**operating_points(clips, fitted_on=fitted_on), rule: point(clips, rule, fitted_on=fitted_on)}
    before, threshold = model.spec.operating_point, points[rule]
    units = units_of(clips)
    estimates = estimate(clips, threshold.value)
    drawn = resample(clips, threshold.value, units, estimates, Plan(rounds, seed))
    bounds, lost = _bounds(model.spec, points)
    report = Report(
        model=model.id,
        threshold=threshold,
        before=before,
        people=clips.subjects,
        live=int((clips.label == LIVE).sum()),
        attack=int((clips.label == ATTACK).sum()),
        silent=scores.by_clip().clips - clips.clips,
        spread=_spread(clips, units.codes, units.total, parsed, rounds, seed),
        rates=_shown(estimates.rates),
        intervals={name: ends for name, ends in drawn.intervals.items() if name in _shown(estimates.rates)},
        rates_before=_shown(estimate(clips, before.value).rates),
        held_out=_held_out(clips, units.codes, units.total, parsed),
        warnings=(),
    )
    report = replace(report, warnings=(*_warnings(report, parsed), *lost))
    spec = replace(
        model.spec,
        version=model.spec.version.removesuffix("+calibrated") + "+calibrated",
        points={**model.spec.points, **points},
        threshold=rule,
        bounds=bounds,
        histogram=histogram(clips),
        measures=_with_calibration(model.spec.measures, report),
    )
    return Calibrated(spec, report)


def calibrate_on(
    model: ModelFile,
    live: Path,
    attacks: Path | None = None,
    rule: str = "bpcer=0.01",
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
    judge: Judge | None = None,
    track: Track = silent,
) -> Calibrated:
    """The same on folders of pictures and videos, as `captures` reads them; each is judged as it will be in use.

    judge: of this model; one with its own settings unless told.
    """
    fitted_rule(rule)  # a mistake shows before the judging
    found = captures(live, attacks)
    scores = scored(found, (judge or Judge(model)).verdict, track=track)
    named = live.name if attacks is None else f"{live.name} and {attacks.name}"
    return calibrate(model, scores, rule, fitted_on=named, rounds=rounds, seed=seed)


def _shown(rates: Mapping[str, float]) -> dict[str, float]:
    return {name: rate for name, rate in rates.items() if name in _SHOWN or name.startswith("apcer:")}


def _spread(
    clips: SourceScores, codes: NDArray[np.int64], units: int, rule: Rule, rounds: int, seed: int
) -> Interval | None:
    """Where the threshold would lie for other people of the same kind: units drawn anew, the rule fitted again."""
    if units < 2 or rounds < 1:
        return None
    dice = np.random.default_rng(seed)
    values = np.full(rounds, np.nan)
    for number in range(rounds):
        times = np.bincount(dice.integers(units, size=units), minlength=units)[codes]
        rows = np.repeat(np.arange(len(clips)), times)
        values[number] = _refitted(clips, rows, rule)
    return percentiles(values)


def _held_out(clips: SourceScores, codes: NDArray[np.int64], units: int, rule: Rule) -> dict[str, float] | None:
    """Error rates of people whom the threshold has not seen; None where leaving some out leaves a class empty."""
    if units < 2:
        return None
    fold = np.random.default_rng(0).permutation(units)[codes] % min(_FOLDS, units)
    wrong = np.zeros(len(clips), dtype=bool)
    for number in range(min(_FOLDS, units)):
        value = _refitted(clips, np.flatnonzero(fold != number), rule)
        if np.isnan(value):
            return None
        rejected = clips.score > value
        wrong |= (fold == number) & (rejected != (clips.label == ATTACK))
    found = {"bpcer": float(wrong[clips.label == LIVE].mean())}
    attack = clips.label == ATTACK
    return found | {"apcer_pooled": float(wrong[attack].mean())} if attack.any() else found


def _refitted(clips: SourceScores, rows: NDArray[np.int64], rule: Rule) -> float:
    """The threshold on some of the clips; NaN where they lack a class that the whole has."""
    labels = clips.label[rows]
    if set(np.unique(labels)) != set(np.unique(clips.label)):
        return float("nan")
    return threshold_value(clips.score[rows], labels, clips.species[rows], rule)


def _bounds(spec: ModelSpec, points: Mapping[str, Threshold]) -> tuple[tuple[str, str] | None, tuple[str, ...]]:
    """The model's bounds where both were fitted anew: two points of different people bound nothing."""
    if spec.bounds is None:
        return None, ()
    low, high = spec.bounds
    if low not in points or high not in points:
        why = f"the model called scores between {low} and {high} uncertain; one of them could not be fitted here"
        return None, (f"{why}, so every score is now live or attack",)
    return ((low, high) if points[low].value <= points[high].value else (high, low)), ()


def _with_calibration(measures: Any, report: Report) -> Any:
    kept = measures if isinstance(measures, dict) else {} if measures is None else {"shipped": measures}
    return {**kept, "calibration": report.to_dict()}


def _warnings(report: Report, rule: Rule) -> list[str]:
    """What whoever uses the point has to know, the gravest first."""
    found = []
    if rule.rate is not None:
        answers = report.live if rule.kind == "bpcer" else report.attack
        kind = "live" if rule.kind == "bpcer" else "attack"
        if 0 < rule.rate * answers < 1:
            needed = math.ceil(3 / rule.rate)
            found.append(
                f"{rule.kind}={rule.rate:g} cannot be told from {answers} {kind} clips: none of them may err, and what "
                f"follows is a rate of at most {rule_of_three(answers):.1%} (95 %); at least {needed} are needed"
            )
    if report.people is None:
        found.append("no person is named, so each clip counts as a person of its own: the intervals are too narrow")
    elif report.people < FEW_PEOPLE:
        whom = "one person" if report.people == 1 else f"{report.people} people"
        found.append(f"rests on {whom}; others may score otherwise: take {FEW_PEOPLE} or more")
    if not report.attack:
        found.append("no attacks were given: what share of them passes at this point is not known")
    elif report.rates.get("auc", 1) < 0.5:
        found.append(
            "attacks score lower than lives here: the scores are of another model, or their labels are swapped"
        )
    elif report.rates["apcer_max"] > 0.5:
        found.append(f"at this point {report.rates['apcer_max']:.0%} of the worst attack's clips pass as live")
    if report.silent:
        found.append(f"{report.silent} clips have no score (no face, several faces, unreadable) and were left out")
    return found
