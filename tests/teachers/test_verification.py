"""Verification and attribute scores: against loops, at their limits, and under what must change nothing."""

import numpy as np
import pytest

from sincera.errors import ScoreError
from sincera.measures import auc as plain_auc
from sincera.teachers.verification import pairs_of, score_attributes, verify


def people_and_faces(seed: int = 0, noise: float = 1.2) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    people = np.repeat(np.arange(8), 4)
    centres = dice.normal(size=(8, 5))
    return centres[people] + noise * dice.normal(size=(32, 5)), people


def slow(embeddings: np.ndarray, people: np.ndarray, false_accepts: float) -> tuple[float, float]:
    same, other = [], []
    for i in range(len(people)):
        for j in range(i):
            a, b = embeddings[i], embeddings[j]
            cosine = float(a @ b / np.sqrt(a @ a) / np.sqrt(b @ b))
            (same if people[i] == people[j] else other).append(cosine)
    area = np.mean([(s > o) + 0.5 * (s == o) for s in same for o in other])
    thresholds = [t for t in sorted(same + other) if np.mean([o > t for o in other]) <= false_accepts]
    return float(area), float(np.mean([s > thresholds[0] for s in same]))


@pytest.mark.parametrize("false_accepts", [0.2, 0.01, 0.001])
def test_equals_the_slow_loop(false_accepts: float) -> None:
    embeddings, people = people_and_faces()
    found = verify(embeddings, people, false_accepts=false_accepts, rounds=0)
    assert (found.auc, found.accepted) == pytest.approx(slow(embeddings, people, false_accepts), abs=1e-12)
    assert (found.same, found.other, found.people, found.pictures) == (48, 448, 8, 32)
    assert found.auc_interval is None


def test_neither_order_nor_names_nor_length_of_embeddings_count() -> None:
    embeddings, people = people_and_faces()
    before = verify(embeddings, people)
    order = np.random.default_rng(1).permutation(32)
    named = [f"person {7 - one}" for one in people[order]]
    after = verify(5 * embeddings[order], named)
    assert (after.auc, after.accepted) == pytest.approx((before.auc, before.accepted))


def test_people_that_lie_apart_are_told_apart_and_noise_is_not() -> None:
    apart = verify(*people_and_faces(noise=0.01))
    assert (apart.auc, apart.accepted) == (1.0, 1.0)
    dice = np.random.default_rng(2)
    noise = verify(dice.normal(size=(60, 9)), np.repeat(np.arange(20), 3), rounds=200)
    assert noise.auc == pytest.approx(0.5, abs=0.12)
    low, high = noise.auc_interval
    assert low < noise.auc < high


def test_the_interval_narrows_with_more_people() -> None:
    dice = np.random.default_rng(3)
    widths = []
    for count in (6, 60):
        people = np.repeat(np.arange(count), 3)
        faces = dice.normal(size=(count, 4))[people] + dice.normal(size=(3 * count, 4))
        low, high = verify(faces, people, rounds=200).auc_interval
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_a_sample_of_pairs_is_seeded_and_keeps_every_pair_of_one_person() -> None:
    people = np.repeat(np.arange(10), 3)
    sample = pairs_of(people, between=50, seed=4)
    assert (int(sample.same.sum()), int((~sample.same).sum())) == (30, 50)
    again, other = pairs_of(people, between=50, seed=4), pairs_of(people, between=50, seed=5)
    np.testing.assert_array_equal(sample.second, again.second)
    assert not np.array_equal(sample.second, other.second)
    assert len(set(zip(sample.first.tolist(), sample.second.tolist(), strict=True))) == 80


@pytest.mark.parametrize("people", [[0, 1, 2], [0, 0, 0]])
def test_one_kind_of_pair_alone_is_refused(people: list[int]) -> None:
    with pytest.raises(ScoreError, match="needs both"):
        verify(np.eye(3), people)


def test_an_embedding_that_is_no_number_is_refused() -> None:
    with pytest.raises(ScoreError, match="finite"):
        verify(np.full((3, 2), np.nan), [0, 0, 1])


def test_attribute_scores_leave_out_what_nobody_knows() -> None:
    logits = np.array([[2.0, 1.0], [-1.0, -3.0], [0.5, 0.0], [-0.5, 9.0]])
    labels = np.array([[1.0, np.nan], [0.0, 1.0], [0.0, 0.0], [np.nan, np.nan]])
    first, second = score_attributes(logits, labels, ["a", "a", "b", "c"], ["Male", "Young"], rounds=20)
    assert (first.name, first.pictures, first.people) == ("Male", 3, 2)
    assert first.accuracy == pytest.approx(2 / 3)
    assert first.majority == pytest.approx(2 / 3)
    assert first.auc == plain_auc(logits[:3, 0], [1, 0, 0])
    assert (second.accuracy, second.auc) == (0.5, 0.0)
    assert score_attributes(logits[:, :1], labels[:, :1] * np.nan, ["a", "a", "b", "c"], ["Male"]) == []


def test_an_attribute_with_one_answer_has_no_area() -> None:
    (score,) = score_attributes([[1.0], [2.0]], [[1], [1]], ["a", "b"], ["Male"])
    assert (score.auc, score.auc_interval, score.accuracy, score.majority) == (None, None, 1.0, 1.0)


def test_shapes_that_do_not_match_are_refused() -> None:
    with pytest.raises(ScoreError, match="expected"):
        score_attributes([[1.0]], [[1.0, 0.0]], ["a"], ["Male"])
