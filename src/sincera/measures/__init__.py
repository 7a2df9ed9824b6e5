"""Scores into rates, curves, thresholds and intervals; scores rise with attack, live = 0, attack = 1. NumPy only."""

from sincera.measures.curves import Det, Roc, det, roc
from sincera.measures.operating import Point, apcer_point, bpcer_point, equal_error
from sincera.measures.paired import Paired, paired_bootstrap
from sincera.measures.rates import (
    acer,
    apcer,
    apcer_max,
    apcer_mean,
    auc,
    bpcer,
    eer,
    far,
    frr,
    hter,
    recall_at_fpr,
    rule_of_three,
)
from sincera.measures.selection import (
    Evaluation,
    PolicyResult,
    choose,
    fit_threshold,
    policies,
    source_hter,
    target_threshold,
)
from sincera.measures.summary import Group, Measures, Resampling, measure
from sincera.measures.table import ScoreTable, SourceScores, TargetScores, read_scores, write_scores
from sincera.measures.threshold import Rule, Threshold, parse_rule

__all__ = [
    "Det",
    "Evaluation",
    "Group",
    "Measures",
    "Paired",
    "Point",
    "PolicyResult",
    "Resampling",
    "Roc",
    "Rule",
    "ScoreTable",
    "SourceScores",
    "TargetScores",
    "Threshold",
    "acer",
    "apcer",
    "apcer_max",
    "apcer_mean",
    "apcer_point",
    "auc",
    "bpcer",
    "bpcer_point",
    "choose",
    "det",
    "eer",
    "equal_error",
    "far",
    "fit_threshold",
    "frr",
    "hter",
    "measure",
    "paired_bootstrap",
    "parse_rule",
    "policies",
    "read_scores",
    "recall_at_fpr",
    "roc",
    "rule_of_three",
    "source_hter",
    "target_threshold",
    "write_scores",
]
