"""Means over seeds, and comparisons of whole rows, against slow versions."""

import numpy as np
import pytest

from sincera.evaluate import evaluate
from sincera.measures.table import SourceScores, TargetScores
from sincera.papers.measured import Measured
from sincera.runs import Run


def scores(kind, dice, *, shift, people=8, domain="O"):
    """Two lives and three attacks a person, two frames each."""
    rows = [(person, label, number) for person in range(people) for label, n in ((0, 2), (1, 3)) for number in range(n)]
    rows = [row for row in rows for _ in range(2)]
    return kind(
        label=[label for _, label, _ in rows],
        score=[dice.normal(shift + label, 1.0) for _, label, _ in rows],
        clip=[f"{person}/{label}-{number}" for person, label, number in rows],
        domain=[domain] * len(rows),
        subject=[str(person) for person, _, _ in rows],
        attack=["print" if label else "" for _, label, _ in rows],
        frame=[place % 2 for place in range(len(rows))],
    )


def made(folder, seed, *, shift, source=True):
    dice = np.random.default_rng(seed)
    run = Run(folder / f"{shift}-{seed}-{source}")
    run.write_info({"seed": seed, "counts": {}, "method": "baseline"})
    for step in (1, 2):
        dev = scores(SourceScores, dice, shift=shift) if source else None
        run.write_scores(step, dev, scores(TargetScores, dice, shift=shift + 0.3, domain="M"))
    evaluate(run, rounds=20)
    return run


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return [Measured(tuple(made(folder, seed, shift=shift) for seed in (3, 4))) for shift in (0.0, 5.0)]


def test_a_figure_is_mean_and_sample_deviation_over_seeds(rows):
    values = [run.measures()["policies"]["TT"]["measures"]["hter"] for run in rows[0].runs]
    figure = rows[0].figure("TT", "hter")
    assert figure.values == tuple(values)
    assert figure.mean == pytest.approx(sum(values) / 2)
    assert figure.sd == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert rows[0].figure("TT", "no_such_rate") is None


def test_pooled_hter_is_the_mean_of_the_seeds(rows):
    """Each seed at its own threshold, though their scores lie on scales of their own."""
    for row in rows:
        pooled = row.pooled
        far = (pooled.score[pooled.label == 1] <= 0).mean()
        frr = (pooled.score[pooled.label == 0] > 0).mean()
        assert (far + frr) / 2 == pytest.approx(row.figure("ST", "hter").mean)


def test_a_difference_draws_people_with_all_their_seeds(rows):
    """The same as drawing people by hand and counting errors."""
    a, b = rows
    paired = a.less(b, rounds=400, seed=1)
    assert paired.difference == pytest.approx(a.figure("ST", "hter").mean - b.figure("ST", "hter").mean)
    assert (paired.units, paired.kind, paired.clips) == (8, "subjects", 2 * 8 * 5)

    def hter(pooled, drawn):
        errors = {0: [0, 0], 1: [0, 0]}
        for person in drawn:
            for label, score, subject in zip(pooled.label, pooled.score, pooled.subject, strict=True):
                if subject == person:
                    errors[int(label)][0] += bool(score > 0) != bool(label)
                    errors[int(label)][1] += 1
        return sum(wrong / of for wrong, of in errors.values()) / 2

    dice = np.random.default_rng(0)
    people = sorted(set(a.pooled.subject.tolist()))
    slow = []
    for _ in range(300):
        drawn = dice.choice(people, len(people))
        slow.append(hter(a.pooled, drawn) - hter(b.pooled, drawn))
    assert np.percentile(slow, [2.5, 97.5]) == pytest.approx([paired.low, paired.high], abs=0.04)


def test_a_row_less_itself_is_nothing(rows):
    paired = rows[0].less(rows[0], rounds=50)
    assert (paired.difference, paired.low, paired.high, paired.p) == (0, 0, 0, 1)


def test_without_source_validation_there_is_no_st(tmp_path):
    row = Measured((made(tmp_path, 1, shift=0.0, source=False),))
    assert row.policies == ("LE", "TT")
    assert row.headline == "TT"
    assert row.figure("ST", "hter") is None
    assert row.figure("TT", "hter").sd is None, "one seed has no spread"
    assert row.cue("hter") is None
    assert row.cues == ()
