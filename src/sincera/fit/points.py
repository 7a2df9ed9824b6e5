"""The operating points of a model: thresholds by name, from scores of people whom nothing else was tuned on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sincera.clip import ATTACK, LIVE
from sincera.errors import ScoreError, UsageError
from sincera.measures.operating import apcer_point, below, bpcer_point, equal_error, most_errors
from sincera.measures.table import SourceScores
from sincera.measures.threshold import TARGET_EER, Rule, Threshold, parse_rule
from sincera.model import Histogram

POINTS = ("eer", "bpcer=0.01", "bpcer=0.05", "apcer=0.01", "apcer=0.05")


def fitted_rule(text: str) -> Rule:
    """A rule by which a model is set: `eer`, `bpcer=RATE` or `apcer=RATE`; UsageError for any other."""
    rule = parse_rule(text)
    if rule.kind == TARGET_EER:
        raise UsageError(f"rule {TARGET_EER} is for measuring; a model is set by eer, bpcer=RATE or apcer=RATE.")
    return rule


def point(scores: SourceScores, rule: str, *, fitted_on: str | None = None) -> Threshold:
    """The threshold of a rule, from clips' scores; `bpcer=x` needs no attacks.

    fitted_on: the data in words; its domains by default.
    ScoreError where a class that the rule needs is missing; UsageError for a rule that sets no model.

    >>> point(SourceScores([0, 0, 0], [0.1, 0.3, 0.2]), "bpcer=0", fitted_on="my door").value
    0.3
    """
    parsed = fitted_rule(rule)
    clips = answered_clips(scores)
    value = threshold_value(clips.score, clips.label, clips.species, parsed)
    named = fitted_on or " ".join(filter(None, ("&".join(clips.domains), "source validation")))
    return Threshold(value, rule, named, subjects=clips.subjects, clips=clips.clips)


def threshold_value(
    scores: NDArray[np.float64], labels: NDArray[np.int8], species: NDArray[np.object_], rule: Rule
) -> float:
    """The rule's threshold for (N,) answered clips."""
    if rule.rate is None:
        return equal_error(scores, labels).threshold
    if rule.kind == "apcer":
        return apcer_point(scores, labels, species, rule.rate).threshold
    if (labels == ATTACK).any():
        return bpcer_point(scores, labels, rule.rate).threshold
    live = np.sort(scores)
    if not len(live):
        raise ScoreError("found no clip with a score; a threshold is fitted on some.")
    rejected = most_errors(rule.rate, len(live))
    return float(below(live, live) if rejected == len(live) else live[-1 - rejected])


def operating_points(scores: SourceScores, *, fitted_on: str | None = None) -> dict[str, Threshold]:
    """All of POINTS; those of BPCER alone where there are no attacks.

    >>> list(operating_points(SourceScores([0, 0], [0.1, 0.3])))
    ['bpcer=0.01', 'bpcer=0.05']
    """
    attacks = bool((scores.answered & (scores.label == ATTACK)).any())
    wanted = POINTS if attacks else [name for name in POINTS if name.startswith("bpcer")]
    return {name: point(scores, name, fitted_on=fitted_on) for name in wanted}


def histogram(scores: SourceScores) -> Histogram:
    """Of the clips' scores."""
    clips = answered_clips(scores)
    return Histogram.of(clips.score[clips.label == LIVE], clips.score[clips.label == ATTACK])


def answered_clips(scores: SourceScores) -> SourceScores:
    """One row a clip, those without a score left out."""
    clips = scores.by_clip()
    return clips if clips.answered.all() else clips.select(clips.answered)
