"""95 % intervals over the target's people, of means over seeds and over tasks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import chain
from typing import TypeAlias, TypeVar

import numpy as np

from sincera.measures.arrays import Codes, Floats
from sincera.measures.bootstrap import Units, percentiles
from sincera.measures.estimates import estimate
from sincera.measures.intervals import Plan as Resampling
from sincera.measures.intervals import resample
from sincera.measures.table import ScoreTable
from sincera.papers.measured import Measured
from sincera.progress import Track, silent

Ends: TypeAlias = tuple[float, float]
Intervals: TypeAlias = Mapping[str, Mapping[str, Ends]]
"""{policy: {rate's flat name: (low, high)}}; what has no interval is absent."""
Person: TypeAlias = tuple[str, ...]
K = TypeVar("K", bound=Hashable)

BY_PEOPLE = ("ST", "TT")  # one evaluation a seed; LE's ten would take five times as long as these two
NOTE = (
    "Brackets and `95 %`: interval over the target's people, by a bootstrap in which a person who is drawn brings the "
    "scores of all seeds, and of all tasks that test them. LE has none here; each run's measures.json has one."
)


def intervals_of_grid(
    grid: Mapping[K, Measured], *, rounds: int, seed: int = 0, track: Track = silent
) -> dict[K, Intervals]:
    """Of every cell: `intervals` of its seeds' mean."""
    return {key: intervals([one], rounds=rounds, seed=seed) for key, one in track(grid.items(), "intervals", len(grid))}


def intervals(tasks: Sequence[Measured], *, rounds: int, seed: int = 0) -> Intervals:
    """Of the mean over seeds, and over tasks where there are several, at each training's own threshold.

    Tasks without a person in common are drawn independently, those with one together.  No interval for a policy that a
    training lacks, and none at all where a task tests a single person.
    """
    policies = [name for name in BY_PEOPLE if all(name in task.policies for task in tasks)]
    return {policy: _of_policy([task.scores(policy) for task in tasks], rounds, seed) for policy in policies}


def replicates(tasks: Sequence[Measured], policy: str, rate: str, *, rounds: int, seed: int = 0) -> Floats | None:
    """A rate's mean over seeds and tasks in each of `rounds` resamples, NaN where one has none; None without people.

    Two rows that are measured on the same clips see the same people drawn, so their replicates may be subtracted.
    """
    drawn = list(chain.from_iterable(_draw([task.scores(policy) for task in tasks], rounds, seed)))
    if not all(one.ends for one in drawn) or not all(rate in one.replicates for one in drawn):
        return None
    each = iter(drawn)
    means = [np.mean([next(each).replicates[rate] for _ in task.runs], axis=0) for task in tasks]
    return np.asarray(np.mean(means, axis=0))


def _of_policy(tasks: Sequence[Sequence[tuple[ScoreTable, float]]], rounds: int, seed: int) -> dict[str, Ends]:
    found = _draw(tasks, rounds, seed)
    known = set.intersection(*(set(one.ends) for one in chain.from_iterable(found)))
    return {rate: _ends(rate, found) for rate in sorted(known)}


def _draw(tasks: Sequence[Sequence[tuple[ScoreTable, float]]], rounds: int, seed: int) -> list[list[_Drawn]]:
    """Every training's resamples: people who are tested by several tasks are drawn once for all of them."""
    people = [[_people(table) for table, _ in seeds] for seeds in tasks]
    drawn = _groups([set(chain.from_iterable(several)) for several in people])
    found = []
    for seeds, several, (together, number) in zip(tasks, people, drawn, strict=True):
        code = {person: place for place, person in enumerate(sorted(together))}
        plan = Resampling(rounds, seed + number, one_by_one=True)
        found.append(
            [
                _Drawn(table, threshold, _units(names, code), plan)
                for (table, threshold), names in zip(seeds, several, strict=True)
            ]
        )
    return found


class _Drawn:
    """One training's rates, each resample of them, and their intervals."""

    def __init__(self, table: ScoreTable, threshold: float, units: Units, plan: Resampling) -> None:
        exact = estimate(table, threshold)
        self.rates: Mapping[str, float] = exact.rates
        resampled = resample(table, threshold, units, exact, plan)
        self.replicates: Mapping[str, Floats] = resampled.replicates
        # A single person among many tasks' would be drawn, or not, as a whole: nothing to say of that task.
        self.ends: Mapping[str, Ends] = resampled.intervals if len(np.unique(units.codes)) > 1 else {}


def _ends(rate: str, tasks: Sequence[Sequence[_Drawn]]) -> Ends:
    """Percentiles of the mean; the rule of three's bounds where no training saw a case, or nothing but cases."""
    mean = float(np.mean([np.mean([one.rates[rate] for one in seeds]) for seeds in tasks]))
    if mean in (0, 1):
        lows, highs = ([[one.ends[rate][side] for one in seeds] for seeds in tasks] for side in (0, 1))
        return float(np.mean([min(some) for some in lows])), float(np.mean([max(some) for some in highs]))
    of_tasks = [np.mean([one.replicates[rate] for one in seeds], axis=0) for seeds in tasks]
    low, high = percentiles(np.mean(of_tasks, axis=0)) or (mean, mean)
    return min(low, mean), max(high, mean)


def _people(table: ScoreTable) -> list[Person]:
    """Who a row shows, as names; a clip stands for a person who is unknown."""
    rows = len(table)
    blank = [""] * rows
    domains, subjects = (blank if one is None else one.tolist() for one in (table.domain, table.subject))
    clips = list(map(str, range(rows))) if table.clip is None else table.clip.tolist()
    return [
        (domain, subject) if subject else (domain, "", clip)
        for domain, subject, clip in zip(domains, subjects, clips, strict=True)
    ]


def _units(people: Sequence[Person], code: Mapping[Person, int]) -> Units:
    codes: Codes = np.array([code[person] for person in people], np.int64)
    return Units(codes, len(code), "subjects" if any(len(person) == 2 for person in people) else "clips")


def _groups(tasks: Sequence[set[Person]]) -> list[tuple[set[Person], int]]:
    """For each task everybody who is drawn together with its people, and the number of that group.

    >>> [number for _, number in _groups([{("M", "1")}, {("C", "1")}, {("M", "1"), ("M", "2")}])]
    [0, 1, 0]
    """
    groups: list[set[Person]] = []
    for people in tasks:
        touching = [group for group in groups if group & people]
        groups = [group for group in groups if group not in touching] + [people.union(*touching)]
    groups.sort(key=lambda group: min(place for place, people in enumerate(tasks) if people <= group))
    number = [next(place for place, group in enumerate(groups) if people <= group) for people in tasks]
    return [(groups[place], place) for place in number]
