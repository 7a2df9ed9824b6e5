from dataclasses import replace

import numpy as np
import pytest

from sincera.measures.threshold import Threshold
from sincera.plots import histogram


def at(value):
    return Threshold(value=value, rule="eer", fitted_on="dev", subjects=3, clips=9)


def row_names(picture):
    return [axes.get_ylabel().split("\n")[0] for axes in picture.figure.axes]


def test_lives_come_first_then_the_hardest_species(table):
    assert row_names(histogram(table)) == ["live", "cut", "video"]


def test_shares_of_a_row_add_up_to_one(table):
    for axes in histogram(table).figure.axes:
        (steps,) = axes.patches
        assert steps.get_data().values.sum() == pytest.approx(1)


def test_a_threshold_crosses_every_row_and_is_named_once(table):
    picture = histogram(table, {"ST": at(0.4), "TT": at(0.41)})
    for axes in picture.figure.axes:
        assert sorted(line.get_xdata()[0] for line in axes.lines if line.get_xdata()[0] > 0) == [0.4, 0.41]
    assert [text.get_text() for axes in picture.figure.axes for text in axes.texts] == ["ST", "TT"]
    assert "ST at 0.4; TT at 0.41" in picture.alt


def test_names_of_neighbouring_thresholds_do_not_overlap(table):
    picture = histogram(table, {"ST": at(0.4), "TT": at(0.41), "other": at(0.9)})
    heights = [text.xyann[1] for text in picture.figure.axes[0].texts]
    assert heights[0] < heights[1]
    assert heights[2] == heights[0]


def test_clips_without_a_score_are_counted_in_the_name(table):
    score = table.score.copy()
    score[:3] = np.nan
    assert "(40, 3 without score)" in histogram(replace(table, score=score)).figure.axes[0].get_ylabel()


@pytest.mark.parametrize("factor", [1, 0.001, 1000])
def test_the_axis_holds_scores_of_any_scale_and_the_threshold(table, factor):
    scores = replace(table, score=(table.score - 0.5) * factor)
    low, high = histogram(scores, {"ST": at(0.7 * factor)}).figure.axes[0].get_xlim()
    assert low <= np.percentile(scores.score, 1)
    assert high >= 0.7 * factor


def test_constant_scores_and_a_table_without_species_are_drawn(table):
    picture = histogram(replace(table, score=np.full(80, 3.0), attack=None))
    assert row_names(picture) == ["live", "attack"]
    assert picture.png().startswith(b"\x89PNG")
