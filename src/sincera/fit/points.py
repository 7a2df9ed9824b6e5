"""The operating points of a model: thresholds by name, from scores of people whom nobody else was tuned on."""

from __future__ import annotations

from collections.abc import Mapping

from sincera.clip import ATTACK, LIVE
from sincera.errors import ScoreError, UsageError
from sincera.measures.operating import below, most_errors
from sincera.measures.selection import fit_threshold
from sincera.measures.table import SourceScores
from sincera.measures.threshold import TARGET_EER, Threshold, parse_rule
from sincera.model import Histogram

POINTS = ("eer", "bpcer=0.01", "bpcer=0.05", "apcer=0.01", "apcer=0.05")


def point(scores: SourceScores, rule: str, *, fitted_on: str | None = None) -> Threshold:
    """The threshold of a rule, from clips' scores; `bpcer=x` needs no attacks.

    fitted_on: the data in words; its domains by default.
    ScoreError where a class that the rule needs is missing; UsageError for an unknown rule and `target-eer`.

    >>> point(SourceScores([0, 0, 0], [0.1, 0.3, 0.2]), "bpcer=0", fitted_on="my door").value
    0.3
    """
    parsed = parse_rule(rule)
    if parsed.kind == TARGET_EER:
        raise UsageError("rule target-eer is for measuring; a model is set by eer, bpcer=RATE or apcer=RATE.")
    clips = scores.by_clip()
    clips = clips.select(clips.answered)
    if parsed.kind == "bpcer" and len(clips) and not (clips.label == ATTACK).any():
        assert parsed.rate is not None
        live = sorted(clips.score.tolist())
        rejected = most_errors(parsed.rate, len(live))
        value = below(clips.score, clips.score) if rejected == len(live) else live[-1 - rejected]
        named = fitted_on or "&".join(clips.domains) or "live clips"
        return Threshold(value, rule, named, subjects=clips.subjects, clips=clips.clips)
    if not len(clips):
        raise ScoreError("found no clip with a score; a threshold is fitted on some.")
    return fit_threshold(clips, rule, fitted_on=fitted_on)


def operating_points(scores: SourceScores, *, fitted_on: str | None = None) -> Mapping[str, Threshold]:
    """All of POINTS; those of BPCER alone where there are no attacks.

    >>> list(operating_points(SourceScores([0, 0], [0.1, 0.3])))
    ['bpcer=0.01', 'bpcer=0.05']
    """
    attacks = bool((scores.answered & (scores.label == ATTACK)).any())
    wanted = POINTS if attacks else [name for name in POINTS if name.startswith("bpcer")]
    return {name: point(scores, name, fitted_on=fitted_on) for name in wanted}


def histogram(scores: SourceScores) -> Histogram:
    """Of the clips' scores."""
    clips = scores.by_clip()
    live, attack = (clips.score[clips.answered & (clips.label == label)] for label in (LIVE, ATTACK))
    return Histogram.of(live, attack)
