"""A difference of means over tasks, against people drawn by hand."""

import numpy as np
import pytest

from sincera.evaluate import evaluate
from sincera.measures.table import SourceScores, TargetScores
from sincera.papers.compare import difference
from sincera.papers.measured import Measured
from sincera.runs import Run

ROUNDS = 400


def scores(kind, dice, *, shift, people=8, domain="O"):
    """Two lives and three attacks a person."""
    rows = [(person, label, number) for person in range(people) for label in (0, 1) for number in range(2 + label)]
    return kind(
        label=[label for _, label, _ in rows],
        score=[dice.normal(shift + label, 1.0) for _, label, _ in rows],
        clip=[f"{person}/{label}-{number}" for person, label, number in rows],
        domain=[domain] * len(rows),
        subject=[str(person) for person, _, _ in rows],
        attack=["print" if label else "" for _, label, _ in rows],
    )


def task(folder, name, *, shift, people=8, domain="M", source=True):
    """Two seeds on one task."""
    runs = []
    for seed in (3, 4):
        dice = np.random.default_rng([seed, len(name), people])
        run = Run(folder / f"{name}-{shift}-{seed}-{people}")
        run.write_info({"seed": seed, "counts": {}, "method": "baseline"})
        dev = scores(SourceScores, dice, shift=shift) if source else None
        run.write_scores(1, dev, scores(TargetScores, dice, shift=shift + 0.3, people=people, domain=domain))
        evaluate(run, rounds=2)
        runs.append(run)
    return Measured(tuple(runs))


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Two rows on two tasks that test the same people, as OULU-NPU's splits do."""
    folder = tmp_path_factory.mktemp("compare")
    return [[task(folder, name, shift=shift) for name in ("one", "other")] for shift in (0.0, 5.0)]


def acer(table, threshold, drawn):
    wrong = {0: [], 1: []}
    for person in drawn:
        mine = table.subject == person
        for label, value in zip(table.label[mine], table.score[mine], strict=True):
            wrong[int(label)].append((value > threshold) != bool(label))
    return sum(np.mean(one) for one in wrong.values()) / 2


def test_people_bring_all_seeds_and_all_tasks(rows):
    found = difference(*rows, "acer_pooled", policy="ST", rounds=ROUNDS)
    means = [np.mean([one.figure("ST", "acer_pooled").mean for one in tasks]) for tasks in rows]
    assert (found.a, found.b) == (pytest.approx(means[0]), pytest.approx(means[1]))
    assert found.value == pytest.approx(means[0] - means[1])
    assert found.fall == pytest.approx(1 - means[0] / means[1])
    tables = [[table for one in tasks for table in one.scores("ST")] for tasks in rows]
    people = sorted(set(tables[0][0][0].subject.tolist()))
    dice = np.random.default_rng(0)
    slow = []
    for _ in range(200):
        drawn = dice.choice(people, len(people))
        a, b = (np.mean([acer(table, at, drawn) for table, at in several]) for several in tables)
        slow.append(a - b)
    assert found.ends == pytest.approx(np.percentile(slow, [2.5, 97.5]), abs=0.03)
    share = 2 * min(np.mean(np.array(slow) <= 0), np.mean(np.array(slow) >= 0))
    assert found.p == pytest.approx(min(1, share), abs=0.15)


def test_a_row_less_itself_is_nothing(rows):
    found = difference(rows[0], rows[0], "acer_pooled", policy="TT", rounds=50)
    assert (found.value, found.ends, found.p, found.fall) == (0, (0, 0), 1, 0)


def test_turning_the_rows_round_turns_the_sign(rows):
    there, back = (difference(*pair, "bpcer", policy="ST", rounds=50) for pair in (rows, rows[::-1]))
    assert back.value == -there.value
    assert back.ends == pytest.approx((-there.ends[1], -there.ends[0]))


def test_one_person_gives_no_interval_and_no_policy_no_difference(rows, tmp_path):
    alone = [task(tmp_path, "one", shift=shift, people=1) for shift in (0.0, 5.0)]
    found = difference([alone[0]], [alone[1]], "acer_pooled", policy="ST", rounds=20)
    assert (found.ends, found.p) == (None, None)
    assert found.to_dict()["interval"] is None
    without = task(tmp_path, "unvalidated", shift=0.0, source=False)
    assert difference([without], [without], "hter", policy="ST", rounds=20) is None
    assert difference(*rows, "no_such_rate", policy="ST", rounds=20) is None
