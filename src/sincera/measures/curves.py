"""Points of the ROC and DET curves; drawing them is the business of plots/."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sincera.measures.arrays import Floats, require_both
from sincera.measures.estimates import answered_by_class
from sincera.measures.operating import below
from sincera.measures.summary import Unit
from sincera.measures.table import ScoreTable


class Roc(NamedTuple):
    """fpr: share of lives above each threshold (BPCER), rising.  tpr: share of attacks above it.

    thresholds: (P,) falling; the first lets everything pass, the last nothing.
    """

    fpr: Floats
    tpr: Floats
    thresholds: Floats


class Det(NamedTuple):
    """bpcer: share of lives above each threshold, rising.  apcer: share of all attacks up to it.

    thresholds: (P,) falling.
    """

    bpcer: Floats
    apcer: Floats
    thresholds: Floats


def roc(table: ScoreTable, *, unit: Unit = "clip", points: int | None = None) -> Roc:
    """The ROC curve at every distinct score and below all; unanswered rows are left out.

    points: about how many to keep of a long curve, evenly by place and with both ends; None keeps all.
    ScoreError where a class is missing.

    >>> curve = roc(ScoreTable([0, 0, 1, 1], [0.1, 0.3, 0.2, 0.9]))
    >>> curve.fpr.tolist(), curve.tpr.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    live, attack = answered_by_class(table.by_clip() if unit == "clip" else table)
    require_both(len(live), len(attack))
    thresholds = np.append(np.union1d(live, attack)[::-1], below(live, attack))
    if points is not None and points < len(thresholds):
        thresholds = thresholds[np.unique(np.linspace(0, len(thresholds) - 1, max(2, points)).round().astype(np.int64))]
    fpr = 1 - np.searchsorted(live, thresholds, side="right") / len(live)
    tpr = 1 - np.searchsorted(attack, thresholds, side="right") / len(attack)
    return Roc(fpr, tpr, thresholds)


def det(table: ScoreTable, *, unit: Unit = "clip", points: int | None = None) -> Det:
    """The DET curve: both error rates against each other, for axes of normal deviates.

    >>> det(ScoreTable([0, 1], [0.1, 0.9])).apcer.tolist()
    [1.0, 0.0, 0.0]
    """
    curve = roc(table, unit=unit, points=points)
    return Det(curve.fpr, 1 - curve.tpr, curve.thresholds)
