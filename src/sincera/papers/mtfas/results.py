"""What was measured of every row in every group of protocols, with intervals over people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sincera.data.protocols.protocol import Convention
from sincera.papers import words
from sincera.papers.compare import Difference, difference
from sincera.papers.grid import Grid, Variant
from sincera.papers.intervals import Ends, Intervals, intervals
from sincera.papers.measured import POLICIES, Figure, Measured, mean_over
from sincera.papers.mtfas.tasks import Group
from sincera.papers.table import MISSING, between
from sincera.progress import Track, silent

Further: TypeAlias = Callable[[Measured, str], Figure | None]
"""What a training's measures.json does not hold: (seeds of one task, policy) → a figure over the seeds."""


class Results:
    """rates: {flat name: heading}, in the order of columns.  further: those of them that are computed from scores.

    A group of several protocols has the mean of its parts, ± over the parts, each first averaged over seeds: so the
    papers print it.  A single protocol has ± over seeds.  ends: whether intervals are wanted, which take their time.
    """

    def __init__(
        self,
        rows: Sequence[Variant],
        groups: Sequence[Group],
        grid: Grid,
        *,
        rates: Mapping[str, str],
        rounds: int,
        lists: Convention = "all",
        further: Mapping[str, Further] | None = None,
        ends: bool = True,
        track: Track = silent,
    ) -> None:
        self.rows, self.groups, self.grid, self.rates = tuple(rows), tuple(groups), grid, rates
        self.lists, self._rounds, self._further = lists, rounds, further or {}
        keys = [(row, group) for row in rows for group in groups] if ends else []
        self._ends: dict[tuple[str, str], Intervals] = {
            (row.name, group.title): intervals(self.tasks(row, group), rounds=rounds)
            for row, group in track(keys, "intervals", len(keys))
        }

    def tasks(self, row: Variant, group: Group) -> list[Measured]:
        """The seeds of each of the group's protocols."""
        return [self.grid[row.name, protocol, self.lists] for protocol in group.protocols]

    def headline(self, group: Group) -> str:
        """ST, or TT where one of the trainings has none."""
        every = [task for row in self.rows for task in self.tasks(row, group)]
        return "ST" if all(task.headline == "ST" for task in every) else "TT"

    def figure(self, row: Variant, group: Group, policy: str, rate: str) -> Figure | None:
        """Over seeds, or over the group's parts."""
        found = [self._of(task, policy, rate) for task in self.tasks(row, group)]
        if len(found) == 1:
            return found[0]
        return Figure.of([None if one is None else one.mean for one in found])

    def text(self, row: Variant, group: Group, policy: str, rate: str) -> str:
        found = self.figure(row, group, policy, rate)
        return MISSING if found is None else found.text

    def ends(self, row: Variant, group: Group, policy: str, rate: str) -> Ends | None:
        return words.ends_of(self._ends[row.name, group.title], policy, rate)

    def lines(self, row: Variant, group: Group) -> list[tuple[str, ...]]:
        """A line a policy with all rates beside each other, and one with its intervals below."""
        lines = []
        for policy in POLICIES:
            texts = [self.text(row, group, policy, rate) for rate in self.rates]
            lines.append((f"{row.title}, {policy}", *texts))
            ends = [between(self.ends(row, group, policy, rate)) for rate in self.rates]
            if any(ends):
                lines.append((f"{row.title}, {policy}, 95 %", *ends))
        return lines

    def across(self, row: Variant, policy: str, rate: str) -> tuple[str, ...]:
        """One rate with all groups beside each other, each with its interval."""
        found = [(self.figure(row, group, policy, rate), self.ends(row, group, policy, rate)) for group in self.groups]
        return (f"{row.title}, {policy}", *(words.with_ends(figure, ends) for figure, ends in found))

    def less(self, row: Variant, other: Variant, group: Group, rate: str, *, policy: str) -> Difference | None:
        """A row's mean over the group less another's, over the same people."""
        tasks = (self.tasks(row, group), self.tasks(other, group))
        return difference(*tasks, rate, policy=policy, rounds=self._rounds)

    def counted(self, group: Group) -> tuple[str, ...]:
        """Who trains, validates and is tested, of each of the group's protocols."""
        several = len(group.protocols) > 1
        return tuple(
            f"{protocol}: {line}" if several else line
            for protocol, task in zip(group.protocols, self.tasks(self.rows[0], group), strict=True)
            for line in words.counted(task)
        )

    def data(self) -> dict[str, Any]:
        """For JSON: {"cells": one a row and protocol, "groups": one a row and group of several}."""
        plain = [rate for rate in self.rates if rate not in self._further]
        single = {group.protocols[0]: group for group in self.groups if len(group.protocols) == 1}
        cells = []
        for row in self.rows:
            for protocol in dict.fromkeys(name for group in self.groups for name in group.protocols):
                measured = self.grid[row.name, protocol, self.lists]
                ends = self._ends[row.name, single[protocol].title] if protocol in single else {}
                further = {rate: self._plain([measured], rate) for rate in self._further}
                cells.append(
                    {
                        "row": row.name, "title": row.title, "method": row.method, "set": list(row.sets),
                        "protocol": protocol, "lists": self.lists, **words.figures(measured, plain, ends),
                        "further": further,
                    }
                )  # fmt: skip
        return {"cells": cells, "groups": [self._mean(row, group) for row in self.rows for group in self.groups]}

    def _mean(self, row: Variant, group: Group) -> dict[str, Any]:
        several = len(group.protocols) > 1
        policies = {
            policy: {
                rate: words.plain(self.figure(row, group, policy, rate), self.ends(row, group, policy, rate))
                for rate in self.rates
            }
            for policy in POLICIES
        }
        return {
            "row": row.name, "group": group.title, "protocols": list(group.protocols), "lists": self.lists,
            "sd": "over parts" if several else "over seeds", "policies": policies,
        }  # fmt: skip

    def _of(self, task: Measured, policy: str, rate: str) -> Figure | None:
        further = self._further.get(rate)
        return task.figure(policy, rate) if further is None else further(task, policy)

    def _plain(self, tasks: Sequence[Measured], rate: str) -> dict[str, Any]:
        return {policy: words.plain(mean_over([self._of(task, policy, rate) for task in tasks])) for policy in POLICIES}
