"""Each rate against a slow, obvious version, the reference examples, and the invariants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from sincera.errors import ScoreError
from sincera.measures import (
    Threshold,
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

FEW = settings(max_examples=80, deadline=None, database=None)
# Few distinct values, so that ties are the rule.
SCORES = st.sampled_from([-2.0, -0.5, 0.0, 0.1, 0.2, 0.30000000000000004, 0.3, 1.0, 7.0])


@st.composite
def both_classes(draw):
    live = draw(st.lists(SCORES, min_size=1, max_size=12))
    attack = draw(st.lists(SCORES, min_size=1, max_size=12))
    order = draw(st.permutations(range(len(live) + len(attack))))
    scores = np.array(live + attack)[list(order)]
    return scores, np.array([0] * len(live) + [1] * len(attack))[list(order)]


def slow_rates(scores, labels, threshold):
    accepted = [score <= threshold for score, label in zip(scores, labels, strict=True) if label == 1]
    rejected = [score > threshold for score, label in zip(scores, labels, strict=True) if label == 0]
    return sum(accepted) / len(accepted), sum(rejected) / len(rejected)


def slow_auc(scores, labels):
    wins = [
        1.0 if attack > live else 0.5 if attack == live else 0.0
        for attack in scores[labels == 1]
        for live in scores[labels == 0]
    ]
    return sum(wins) / len(wins)


def slow_eer(scores, labels):
    """Smallest |FAR - FRR|, then HTER, in fractions of whole numbers."""
    n_live, n_attack = int((labels == 0).sum()), int((labels == 1).sum())
    found = []
    for threshold in [-np.inf, *scores]:
        accepted = int(((scores <= threshold) & (labels == 1)).sum()) * n_live
        rejected = int(((scores > threshold) & (labels == 0)).sum()) * n_attack
        found.append((abs(accepted - rejected), accepted + rejected))
    return min(found)[1] / (2 * n_live * n_attack)


@FEW
@given(both_classes(), SCORES)
def test_rates_equal_the_slow_versions(rows, threshold):
    scores, labels = rows
    accepted, rejected = slow_rates(scores, labels, threshold)
    assert far(scores, labels, threshold) == accepted
    assert frr(scores, labels, threshold) == rejected == bpcer(scores[labels == 0], threshold)
    assert hter(scores, labels, threshold) == pytest.approx((accepted + rejected) / 2)
    assert auc(scores, labels) == pytest.approx(slow_auc(scores, labels), abs=1e-12)
    assert auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert eer(scores, labels) == pytest.approx(slow_eer(scores, labels), abs=1e-12)


@FEW
@given(both_classes(), SCORES)
def test_mirrored_scores_and_labels_mirror_the_rates(rows, threshold):
    scores, labels = rows
    assert auc(-scores, 1 - labels) == pytest.approx(auc(scores, labels))
    assert auc(scores, 1 - labels) == pytest.approx(1 - auc(scores, labels))
    assert eer(-scores, 1 - labels) == pytest.approx(eer(scores, labels))
    # The mirrored decision is strict where the other is not; just below the mirrored threshold they are one.
    mirrored = np.nextafter(-threshold, -np.inf)
    assert far(-scores, 1 - labels, mirrored) == frr(scores, labels, threshold)
    assert frr(-scores, 1 - labels, mirrored) == far(scores, labels, threshold)


@FEW
@given(both_classes(), st.randoms(use_true_random=False))
def test_shuffling_changes_nothing(rows, random):
    scores, labels = rows
    order = list(range(len(scores)))
    random.shuffle(order)
    for measure in (auc, eer, lambda s, y: recall_at_fpr(s, y, 0.1), lambda s, y: hter(s, y, 0.2)):
        assert measure(scores[order], labels[order]) == measure(scores, labels)


@FEW
@given(both_classes())
def test_a_rising_map_of_the_scores_changes_no_rank_measure(rows):
    scores, labels = rows
    # Times four is exact; a rounding map could make neighbours tie.
    assert auc(4 * scores, labels) == auc(scores, labels)
    assert eer(4 * scores, labels) == eer(scores, labels)


def test_perfectly_separated_scores():
    scores, labels = [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]
    assert (eer(scores, labels), auc(scores, labels)) == (0, 1)


def test_constant_scores():
    labels = [0, 0, 0, 1, 1]
    assert auc([0.4] * 5, labels) == 0.5
    assert eer([0.4] * 5, labels) == 0.5
    assert hter([0.4] * 5, labels, 0.4) == hter([0.4] * 5, labels, 0.3) == 0.5


@pytest.mark.parametrize(
    ("sizes", "accepted", "worst", "mean", "pooled"),
    [((10, 10), (0, 5), 0.5, 0.25, 0.25), ((30, 10), (0, 5), 0.5, 0.25, 0.125)],
)
def test_the_two_species_examples(sizes, accepted, worst, mean, pooled):
    scores = [0.1 if n < passed else 0.9 for size, passed in zip(sizes, accepted, strict=True) for n in range(size)]
    species = ["A"] * sizes[0] + ["B"] * sizes[1]
    found = apcer(scores, species, threshold=0.5)
    assert found == {"A": 0.0, "B": 0.5}
    assert (apcer_max(found), apcer_mean(found)) == (worst, mean)
    lives = [0.9] + [0.1] * 9
    live_error = bpcer(lives, 0.5)
    assert live_error == 0.1
    assert acer(apcer_max(found), live_error) == pytest.approx(0.30)
    assert acer(apcer_mean(found), live_error) == pytest.approx(0.175)
    assert far(scores + lives, [1] * len(scores) + [0] * 10, 0.5) == pooled


def test_apcer_equals_a_loop():
    random = np.random.default_rng(3)
    scores, species = random.random(200), random.choice(["x", "y", "z"], 200)
    slow = {name: sum(s <= 0.4 for s, one in zip(scores, species, strict=True) if one == name) for name in "xyz"}
    sizes = {name: int((species == name).sum()) for name in "xyz"}
    found = apcer(scores, species, 0.4)
    assert found == {name: slow[name] / sizes[name] for name in found}
    assert list(found) == list(dict.fromkeys(species.tolist()))


def test_a_score_on_the_threshold_is_live():
    assert bpcer([0.5], 0.5) == 0
    assert apcer([0.5], ["print"], 0.5) == {"print": 1.0}
    assert bpcer([0.5], np.nextafter(0.5, 0)) == 1


def test_a_threshold_object_counts_like_its_number():
    threshold = Threshold(0.5, "eer", "dev.csv")
    assert hter([0.1, 0.6, 0.4, 0.8], [0, 0, 1, 1], threshold) == hter([0.1, 0.6, 0.4, 0.8], [0, 0, 1, 1], 0.5)
    assert bpcer([0.6], threshold) == 1
    assert apcer([0.6], ["mask"], threshold) == {"mask": 0.0}


@FEW
@given(both_classes(), st.sampled_from([0.0, 0.001, 0.005, 0.01, 0.1, 0.29, 0.5, 1.0]))
def test_recall_never_rejects_more_lives_than_asked(rows, rate):
    scores, labels = rows
    live, attack = scores[labels == 0], scores[labels == 1]
    number = max(1, next(k for k in range(len(live), -1, -1) if k / len(live) <= rate))
    threshold = sorted(live, reverse=True)[number - 1]
    assert bpcer(live, threshold) <= rate
    assert recall_at_fpr(scores, labels, rate) == (attack > threshold).mean()


def test_recall_at_the_rates_of_celeba_spoof():
    live = np.arange(1000) / 1000
    attack = np.array([0.9895, 0.9905, 0.9985, 0.9995])
    scores, labels = np.append(live, attack), [0] * 1000 + [1] * 4
    # Lives number 10, 5 and 1 from above are 0.990, 0.995 and 0.999.
    assert [recall_at_fpr(scores, labels, rate) for rate in (0.01, 0.005, 0.001)] == [0.75, 0.5, 0.25]


def test_rule_of_three():
    assert rule_of_three(300) == 0.01
    with pytest.raises(ScoreError, match="at least one"):
        rule_of_three(0)


@pytest.mark.parametrize("measure", [auc, eer, lambda s, y: hter(s, y, 0.5), lambda s, y: recall_at_fpr(s, y, 0.01)])
@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([0.1, 0.2], [0, 0], "no attack score"),
        ([0.1, 0.2], [1, 1], "no live score"),
        ([], [], "no live or attack score"),
        ([0.1, np.nan], [0, 1], "NaN at position 1"),
        ([np.inf, 0.2], [0, 1], "inf at position 0"),
        ([0.1, 0.2, 0.3], [0, 1], "3 scores but 2 labels"),
        ([0.1, 0.2], [0, 2], "found 2 at position 1"),
        ([0.1, 0.2], ["live", "attack"], "found .*'live'"),
        (["x", "y"], [0, 1], "no number"),
        ([[0.1], [0.2]], [0, 1], r"shape \(2, 1\)"),
    ],
)
def test_bad_scores_are_one_clear_error(measure, scores, labels, message):
    with pytest.raises(ScoreError, match=message):
        measure(scores, labels)


def test_rates_of_one_class_need_one_score():
    with pytest.raises(ScoreError, match="no live score"):
        bpcer([], 0.5)
    with pytest.raises(ScoreError, match="no attack score"):
        apcer([], [], 0.5)
    with pytest.raises(ScoreError, match="NaN"):
        bpcer([0.1], float("nan"))
    with pytest.raises(ScoreError, match="one a score"):
        apcer([0.1, 0.2], ["print"], 0.5)
    with pytest.raises(ScoreError, match="from 0 to 1"):
        recall_at_fpr([0.1, 0.2], [0, 1], 1.5)
