"""Thresholds: usable as they are, minimal or maximal as promised."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sincera.errors import ScoreError
from sincera.measures import apcer, apcer_point, bpcer, bpcer_point, eer, equal_error, far, frr
from sincera.measures.operating import most_errors

FEW = settings(max_examples=80, deadline=None, database=None)
SCORES = st.sampled_from([-1.0, 0.0, 0.1, 0.2, 0.25, 0.5, 0.9, 1.0])
RATES = st.sampled_from([0.0, 0.01, 0.1, 0.25, 0.5, 0.9, 1.0])


@st.composite
def rows(draw):
    live = draw(st.lists(SCORES, min_size=1, max_size=10))
    attack = draw(st.lists(st.tuples(SCORES, st.sampled_from(["print", "mask"])), min_size=1, max_size=10))
    scores = np.array(live + [score for score, _ in attack])
    species = [""] * len(live) + [name for _, name in attack]
    return scores, np.array([0] * len(live) + [1] * len(attack)), species


def every_threshold(scores):
    return [np.nextafter(scores.min(), -np.inf), *sorted(set(scores))]


@FEW
@given(rows())
def test_the_equal_error_point_is_the_first_of_the_best(given_rows):
    scores, labels, _ = given_rows
    point = equal_error(scores, labels)
    n_live, n_attack = int((labels == 0).sum()), int((labels == 1).sum())

    def cost(threshold):
        accepted = int(((scores <= threshold) & (labels == 1)).sum()) * n_live
        rejected = int(((scores > threshold) & (labels == 0)).sum()) * n_attack
        return abs(accepted - rejected), accepted + rejected

    assert point.threshold == min(every_threshold(scores), key=lambda one: (*cost(one), one))
    assert np.isfinite(point.threshold)
    assert (point.far, point.frr) == (far(scores, labels, point.threshold), frr(scores, labels, point.threshold))
    assert point.hter == eer(scores, labels)


@FEW
@given(rows(), RATES)
def test_bpcer_point_is_the_lowest_threshold_within_the_rate(given_rows, rate):
    scores, labels, _ = given_rows
    point = bpcer_point(scores, labels, rate)
    allowed = [one for one in every_threshold(scores) if frr(scores, labels, one) <= rate]
    assert point.threshold == min(allowed)
    assert point.frr == bpcer(scores[labels == 0], point.threshold) <= rate


@FEW
@given(rows(), RATES)
def test_apcer_point_rejects_the_fewest_lives_with_every_species_within_the_rate(given_rows, rate):
    scores, labels, species = given_rows
    point = apcer_point(scores, labels, species, rate)
    attacks = labels == 1
    names = np.array(species, dtype=object)[attacks]
    allowed = [one for one in every_threshold(scores) if max(apcer(scores[attacks], names, one).values()) <= rate]
    fewest = min(frr(scores, labels, one) for one in allowed)
    assert point.threshold == min(one for one in allowed if frr(scores, labels, one) == fewest)
    assert point.frr == fewest


def test_a_threshold_below_all_scores_is_the_next_float():
    point = equal_error([0.4, 0.4], [0, 1])
    assert point.threshold == np.nextafter(0.4, 0)
    assert (point.far, point.frr) == (0.0, 1.0)
    assert bpcer_point([0.3, 0.4], [0, 1], 1.0).threshold == np.nextafter(0.3, 0)


def test_the_largest_floats_are_refused_since_nothing_lies_below_them():
    with pytest.raises(ScoreError, match="finite"):
        equal_error([-np.finfo(float).max, 0.4], [0, 1])


def slow_ssdg(scores, labels):
    """The benchmark's own way: live = 1, live if p ≥ threshold, last of the best wins."""
    p, live = [1 - score for score in scores], [1 - label for label in labels]
    best, found = 2.0, None
    for threshold in [*(n / 10_000 for n in range(10_001)), 1.1]:
        attacks = [one >= threshold for one, is_live in zip(p, live, strict=True) if not is_live]
        lives = [one < threshold for one, is_live in zip(p, live, strict=True) if is_live]
        accepted, rejected = sum(attacks) / len(attacks), sum(lives) / len(lives)
        if abs(accepted - rejected) <= best:
            best, found = abs(accepted - rejected), (accepted + rejected) / 2
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_ssdg_grid_is_the_benchmarks_and_close_to_the_exact_one(seed):
    random = np.random.default_rng(seed)
    labels = np.array([0] * 37 + [1] * 90)
    # Off the grid's points, where rounding of 1 - p could decide either way.
    scores = np.clip(random.normal(0.35 + 0.3 * labels, 0.2), 0.001, 0.999).round(4) + 0.00003
    assert eer(scores, labels, grid="ssdg") == pytest.approx(slow_ssdg(scores.tolist(), labels.tolist()), abs=1e-12)
    many = (np.arange(4000) % 4 > 0).astype(int)
    wide = np.clip(random.normal(0.4 + 0.2 * many, 0.15), 0, 1)
    assert eer(wide, many, grid="ssdg") == pytest.approx(eer(wide, many), abs=1e-3)


def test_the_ssdg_grid_cannot_part_scores_closer_than_its_step():
    scores, labels = [0.50001, 0.50002], [0, 1]
    assert eer(scores, labels) == 0
    assert eer(scores, labels, grid="ssdg") == 0.5
    with pytest.raises(ScoreError, match=r"covers \[0, 1\]"):
        equal_error([-0.1, 0.4], [0, 1], grid="ssdg")


def test_counts_are_compared_as_the_rates_that_are_reported():
    assert [most_errors(0.29, 100), most_errors(0.07, 100), most_errors(0.1, 3), most_errors(1.0, 5)] == [29, 7, 0, 5]
    assert all(most_errors(k / n, n) == k for n in range(1, 60) for k in range(n + 1))
