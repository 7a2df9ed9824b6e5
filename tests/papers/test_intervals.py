"""Intervals of means over seeds and tasks, against people drawn by hand."""

import numpy as np
import pytest

from sincera.measures import Threshold, measure
from sincera.measures.table import ScoreTable, TargetScores
from sincera.papers.intervals import intervals, intervals_of_grid
from sincera.papers.measured import AT_ZERO, Measured

THRESHOLD = 0.4


class Scored(Measured):
    """A row whose runs are score tables; every policy takes the same one."""

    def __init__(self, *tables):
        super().__init__(())
        object.__setattr__(self, "tables", tables)

    @property
    def policies(self):
        return ("ST", "LE", "TT")

    def scores(self, policy):
        return [(table, THRESHOLD) for table in self.tables]


def scored(seed, *, people=range(8), domain="M", shift=1.0, subject=str):
    """Two lives and three attacks a person, as a table by clip."""
    dice = np.random.default_rng(seed)
    rows = [(person, label, number) for person in people for label, n in ((0, 2), (1, 3)) for number in range(n)]
    return TargetScores(
        label=[label for _, label, _ in rows],
        score=[dice.normal(shift * label, 1.0) for _, label, _ in rows],
        clip=[f"{person}/{label}-{number}" for person, label, number in rows],
        domain=[domain] * len(rows),
        subject=[subject(person) for person, _, _ in rows],
        attack=["print" if label else "" for _, label, _ in rows],
    )


def mean_of(tasks, rate):
    return np.mean([np.mean([rates_of(table)[rate] for table in task.tables]) for task in tasks])


def rates_of(table):
    return measure(table, Threshold(THRESHOLD, "eer", "x"), rounds=0).rates()


def drawn(table, people):
    """The table of these people, one who stands twice with all rows twice."""
    rows = np.concatenate([np.flatnonzero(table.subject == person) for person in people])
    return ScoreTable(label=table.label[rows], score=table.score[rows])


def slow(tasks, rate, *, together, rounds=600):
    """Percentiles of the mean over tasks and seeds, people drawn by name."""
    dice = np.random.default_rng(1)
    everybody = sorted({name for task in tasks for table in task.tables for name in table.subject.tolist()})
    found = []
    for _ in range(rounds):
        chosen = dice.choice(everybody, len(everybody))
        means = []
        for task in tasks:
            own = sorted(set(task.tables[0].subject.tolist()))
            here = [name for name in chosen if name in own] if together else dice.choice(own, len(own))
            means.append(np.mean([rates_of(drawn(table, here))[rate] for table in task.tables]))
        found.append(np.mean(means))
    return np.percentile(found, [2.5, 97.5])


@pytest.mark.parametrize("rate", ["hter", "auc"])
def test_a_person_comes_with_the_scores_of_all_seeds(rate):
    task = Scored(scored(1), scored(2))
    low, high = intervals([task], rounds=2000)["ST"][rate]
    assert low < mean_of([task], rate) < high
    assert [low, high] == pytest.approx(slow([task], rate, together=False), abs=0.03)


def test_one_row_s_hter_is_that_of_its_pooled_scores():
    """The same draws: an interval beside a paired comparison is of the same resamples."""
    tables = [scored(1), scored(2)]
    pooled = ScoreTable(
        label=np.concatenate([table.label for table in tables]),
        score=np.concatenate([table.score for table in tables]) - THRESHOLD,
        domain=["M"] * 80,
        subject=np.concatenate([table.subject for table in tables]),
    )
    direct = measure(pooled, AT_ZERO, rounds=300).intervals["hter"]
    assert intervals([Scored(*tables)], rounds=300)["ST"]["hter"] == pytest.approx(direct)


def test_tasks_on_other_people_are_drawn_independently():
    """Drawn together, two tasks of as many people would sway together, and their mean more."""
    tasks = [Scored(scored(1)), Scored(scored(1, domain="C"))]
    alone = intervals(tasks[:1], rounds=3000)["TT"]["hter"]
    both = intervals(tasks, rounds=3000)["TT"]["hter"]
    assert both[1] - both[0] == pytest.approx((alone[1] - alone[0]) / 2**0.5, rel=0.12)


def test_tasks_that_share_people_are_drawn_together():
    same = Scored(scored(1))
    assert intervals([same, same], rounds=200)["ST"] == intervals([same], rounds=200)["ST"]
    tasks = [Scored(scored(1, people=range(6))), Scored(scored(2, people=range(3, 9)))]
    low, high = intervals(tasks, rounds=2000)["ST"]["hter"]
    assert [low, high] == pytest.approx(slow(tasks, "hter", together=True), abs=0.03)


def test_where_nothing_failed_the_rule_of_three_stands():
    clean = Scored(scored(1, shift=50.0), scored(2, shift=50.0))
    exact = [table for table in clean.tables if rates_of(table)["apcer_pooled"] == 0]
    assert len(exact) == 2
    assert intervals([clean], rounds=50)["ST"]["apcer_pooled"] == (0, pytest.approx(3 / 24, abs=0.01))


def test_who_is_unknown_counts_by_clip_over_all_seeds():
    tables = [scored(seed, subject=lambda person: "") for seed in (1, 2)]
    by_clip = intervals([Scored(*tables)], rounds=1000)["ST"]["hter"]
    twice = intervals([Scored(tables[0], tables[0])], rounds=1000)["ST"]["hter"]
    assert twice == intervals([Scored(tables[0])], rounds=1000)["ST"]["hter"]
    assert by_clip[1] - by_clip[0] > 0


def test_one_person_in_a_task_gives_no_interval():
    assert intervals([Scored(scored(1, people=[3]))], rounds=50)["ST"] == {}
    assert intervals([Scored(scored(1)), Scored(scored(2, people=[3]))], rounds=50)["ST"] == {}


def test_no_rounds_no_interval():
    assert intervals([Scored(scored(1))], rounds=0)["ST"] == {}


def test_the_last_evaluations_have_none():
    assert list(intervals([Scored(scored(1))], rounds=20)) == ["ST", "TT"]


def test_each_cell_of_a_grid_has_its_own():
    grid = {"a": Scored(scored(1)), "b": Scored(scored(2))}
    assert intervals_of_grid(grid, rounds=50) == {name: intervals([one], rounds=50) for name, one in grid.items()}
