import numpy as np
import pytest
from sklearn.metrics import roc_curve

from sincera.errors import ScoreError
from sincera.measures import ScoreTable, apcer, bpcer, det, roc


def test_the_curve_is_that_of_scikit_learn(people):
    table = people(30, gap=0.6)
    score = table.score.round(1)
    found = roc(ScoreTable(table.label, score))
    fpr, tpr, _ = roc_curve(table.label, score, drop_intermediate=False)
    assert found.fpr == pytest.approx(fpr)
    assert found.tpr == pytest.approx(tpr)


def test_every_point_is_the_rates_at_its_threshold(people):
    table = people(10)
    for bpcer_there, apcer_there, threshold in zip(*det(table), strict=True):
        attacks = table.score[table.label == 1]
        assert bpcer_there == pytest.approx(bpcer(table.score[table.label == 0], threshold))
        assert apcer_there == pytest.approx(apcer(attacks, ["any"] * len(attacks), threshold)["any"])


def test_curves_run_from_end_to_end_without_infinity(people):
    curve = roc(people(10, frames=3, silent=0.2))
    assert (curve.fpr[0], curve.tpr[0], curve.fpr[-1], curve.tpr[-1]) == (0, 0, 1, 1)
    assert np.isfinite(curve.thresholds).all()
    assert (np.diff(curve.thresholds) < 0).all()
    assert (np.diff(curve.fpr) >= 0).all()


def test_a_long_curve_can_be_thinned(people):
    table = people(200)
    whole, thin = roc(table), roc(table, points=50)
    assert len(thin.fpr) <= 50 < len(whole.fpr)
    assert set(zip(*thin, strict=True)) <= set(zip(*whole, strict=True))
    assert (thin.fpr[0], thin.fpr[-1]) == (0, 1)


def test_a_curve_needs_both_classes():
    with pytest.raises(ScoreError, match="no attack score"):
        roc(ScoreTable([0, 0], [0.1, 0.2]))
