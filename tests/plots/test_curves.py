from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from sincera.measures.rates import auc
from sincera.measures.threshold import Threshold
from sincera.plots import det, roc, roc_panels


def lines(picture):
    return {line.get_label(): line for line in picture.figure.axes[0].lines}


def dot(picture):
    (found,) = [line for line in picture.figure.axes[0].lines if line.get_marker() == "o"]
    return float(found.get_xdata()[0]), float(found.get_ydata()[0])


def at(value):
    return Threshold(value=value, rule="eer", fitted_on="dev", subjects=3, clips=9)


def test_roc_rises_from_corner_to_corner_and_names_each_run(table):
    picture = roc({"ours": table, "theirs": replace(table, score=-table.score)})
    curves = lines(picture)
    area = auc(table.score, table.label)
    assert f"ours (AUC {area:.3f})" in curves
    assert f"theirs (AUC {1 - area:.3f})" in curves
    x, y = curves[f"ours (AUC {area:.3f})"].get_data()
    assert {(x[0], y[0]), (x[-1], y[-1])} == {(0, 0), (1, 1)}
    assert f"ours: AUC {area:.3f}" in picture.alt


def test_the_dot_lies_where_the_threshold_puts_both_errors(table):
    x, y = dot(roc({"ours": table}, {"ours": at(0.4)}))
    lives, attacks = table.score[table.label == 0], table.score[table.label == 1]
    assert x == pytest.approx(sum(score > 0.4 for score in lives) / len(lives))
    assert y == pytest.approx(sum(score > 0.4 for score in attacks) / len(attacks))


def test_a_score_at_the_threshold_is_live(table):
    score = np.where(table.label == 1, 0.5, 0.2)
    assert dot(roc({"ours": replace(table, score=score)}, {"ours": at(0.5)})) == (0, 0)


def test_clips_without_a_score_count_for_neither_side(table):
    score = table.score.copy()
    score[:20] = np.nan
    x, _ = dot(roc({"ours": replace(table, score=score)}, {"ours": at(0.4)}))
    assert x == pytest.approx(np.mean(score[20:40] > 0.4))


def test_det_stays_finite_where_no_clip_errs(table):
    score = np.where(table.label == 1, 0.9, 0.1) + 0.01 * table.score
    picture = det({"perfect": replace(table, score=score)}, {"perfect": at(0.5)})
    x, y = lines(picture)["perfect"].get_data()
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    assert np.isfinite(dot(picture)).all()
    assert "perfect: both errors near 0.0%" in picture.alt


def test_det_shows_deviates(table):
    x, y = dot(det({"ours": table}, {"ours": at(0.4)}))
    normal = NormalDist()
    assert normal.cdf(x) == pytest.approx(np.mean(table.score[table.label == 0] > 0.4))
    assert normal.cdf(y) == pytest.approx(np.mean(table.score[table.label == 1] <= 0.4))


def test_many_runs_stay_apart(table):
    picture = roc({f"run {number}": table for number in range(8)})
    looks = {
        (line.get_color(), line.get_linestyle())
        for line in picture.figure.axes[0].lines
        if line.get_label().startswith("run")
    }
    assert len(looks) == 8


def test_panels_draw_the_mean_over_seeds_under_the_same_colours(table):
    worse = replace(table, score=np.random.default_rng(1).normal(size=len(table)))
    picture = roc_panels({"OCI→M": {"V1": [table, worse], "V5": [table]}, "OMI→C": {"V5": [table]}})
    first, second = picture.figure.axes[:2]
    assert first.lines[2].get_color() == second.lines[1].get_color()
    mean = (auc(table.score, table.label) + auc(worse.score, worse.label)) / 2
    assert f"V1 AUC {mean:.3f}" in picture.alt
    for line, area in ((first.lines[1], mean), (first.lines[2], auc(table.score, table.label))):
        x, y = line.get_data()
        assert np.trapezoid(y, x) == pytest.approx(area)
        assert (np.diff(y) >= -1e-12).all()
    assert [text.get_text() for text in picture.figure.legends[0].get_texts()] == ["V1", "V5"]


def test_a_panel_without_a_task_is_empty(table):
    picture = roc_panels({name: {"V1": [table]} for name in ("a", "b", "c")})
    assert [axes.axison for axes in picture.figure.axes] == [True, True, True, False]
