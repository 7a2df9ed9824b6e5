import numpy as np
import pytest

from sincera.errors import ScoreError, UsageError
from sincera.measures import ScoreTable, Threshold, hter, measure, paired_bootstrap

AT = Threshold(0.5, "eer", "dev.csv")


def noisier(table, sd, seed=0):
    score = table.score + np.random.default_rng(seed).normal(0, sd, len(table))
    return ScoreTable(
        table.label, score, clip=table.clip, domain=table.domain, subject=table.subject, attack=table.attack
    )


def test_the_difference_is_of_the_same_clips_at_each_own_threshold(people):
    a = people(20, gap=0.8)
    b, other = noisier(a, 0.5), Threshold(0.4, "eer", "dev.csv")
    found = paired_bootstrap(a, b, AT, other, rounds=200)
    assert found.a == pytest.approx(hter(a.score, a.label, 0.5))
    assert found.b == pytest.approx(hter(b.score, b.label, 0.4))
    assert found.difference == found.a - found.b
    assert found.low <= found.difference <= found.high
    assert (found.clips, found.left_out, found.units, found.kind) == (80, 0, 20, "subjects")


def test_a_table_does_not_differ_from_itself(people):
    table = people(gap=0.8)
    found = paired_bootstrap(table, table, AT, AT, rounds=50, rate="auc")
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_pairing_tells_apart_what_two_intervals_would_not(people):
    a = people(40, gap=0.6)
    b = ScoreTable(a.label, a.score - 0.15 * a.label, clip=a.clip, domain=a.domain, subject=a.subject, attack=a.attack)
    of_a, of_b = (measure(table, AT, rounds=400).intervals["auc"] for table in (a, b))
    assert of_a[0] < of_b[1]
    found = paired_bootstrap(a, b, AT, AT, rate="auc", rounds=400)
    assert found.low > 0
    assert found.p < 0.05
    swapped = paired_bootstrap(b, a, AT, AT, rate="auc", rounds=400)
    assert (swapped.low, swapped.high, swapped.p) == pytest.approx((-found.high, -found.low, found.p))


def test_noise_alone_is_seldom_called_a_difference(people):
    p = []
    for seed in range(40):
        table = people(24, seed=seed, gap=0.6)
        pair = (noisier(table, 0.3, seed), noisier(table, 0.3, seed + 1000))
        p.append(paired_bootstrap(*pair, AT, AT, rate="auc", rounds=150).p)
    assert np.mean(np.array(p) < 0.05) <= 0.2


def test_clips_are_matched_by_name_whatever_their_order(people):
    a = people(20, gap=0.8, frames=2)
    b = noisier(a.by_clip(), 0.3)
    order = np.random.default_rng(1).permutation(len(b))
    one = paired_bootstrap(a, b, AT, AT, rounds=60)
    assert paired_bootstrap(a, b.select(order), AT, AT, rounds=60) == one
    some = paired_bootstrap(a, b.select(order[:60]), AT, AT, rounds=60)
    assert (some.clips, some.left_out) == (60, 20)


def test_frames_are_matched_by_their_number(people):
    a = people(5, frames=3)
    found = paired_bootstrap(a, a.select(np.arange(len(a))[::-1]), AT, AT, rounds=20, unit="frame")
    assert (found.clips, found.difference) == (60, 0)
    with pytest.raises(ScoreError, match="cannot be told apart"):
        paired_bootstrap(noisier(a, 0), noisier(a, 0), AT, AT, unit="frame")


def test_clips_that_one_of_them_did_not_answer_are_left_out(people):
    a = people(20, gap=0.8)
    b = people(20, gap=0.8, silent=0.3)
    found = paired_bootstrap(a, b, AT, AT, rounds=20)
    assert found.clips == int(b.answered.sum())
    assert found.left_out == 2 * int((~b.answered).sum())


def test_rows_without_clips_are_matched_by_place():
    a = ScoreTable([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.3])
    found = paired_bootstrap(a, a, AT, AT, rounds=20)
    assert (found.clips, found.kind) == (4, "rows")
    with pytest.raises(ScoreError, match="found 4 and 2 rows"):
        paired_bootstrap(a, a.select(np.array([0, 1])), AT, AT)


def test_what_cannot_be_compared_is_refused(people):
    a = people(4)
    flipped = ScoreTable(1 - a.label, a.score, clip=a.clip, domain=a.domain)
    with pytest.raises(ScoreError, match="is live in one file and an attack in the other"):
        paired_bootstrap(a, flipped, AT, AT)
    elsewhere = ScoreTable(a.label, a.score, clip=[f"x{name}" for name in a.clip])
    with pytest.raises(ScoreError, match="no answered clip in common"):
        paired_bootstrap(a, elsewhere, AT, AT)
    with pytest.raises(UsageError, match="rate 'err'"):
        paired_bootstrap(a, a, AT, AT, rate="err")
    with pytest.raises(UsageError, match="at least one"):
        paired_bootstrap(a, a, AT, AT, rounds=0)
