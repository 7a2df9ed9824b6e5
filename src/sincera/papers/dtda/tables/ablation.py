"""Table II: the five variants on the four leave-one-out tasks, the last one under both forms of its attack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sincera.data.protocols import parse_protocol
from sincera.data.protocols.protocol import Convention
from sincera.measures import Paired
from sincera.papers import words
from sincera.papers.dtda.tasks import DOMAINS, ONE_OUT, RATES
from sincera.papers.dtda.variants import EXTRA, FIVE
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan, Variant, run_grid
from sincera.papers.intervals import NOTE, Intervals, intervals, intervals_of_grid
from sincera.papers.measured import POLICIES, Figure, Measured, mean_over
from sincera.papers.published import published
from sincera.papers.table import MISSING, Block, PaperTable, between, signed
from sincera.progress import Track, silent

NAMES = {"hter": "HTER", "auc": "AUC"}
AGAINST = (
    "`ST less above`: mean HTER less that of the row above, or of the row in parentheses; 95 % interval and two-sided "
    "p by a paired bootstrap over the target's people, who bring all seeds; below 0 is better."
)


def table(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table II; with `plan.extra` the cells that tell what its gains come from."""
    rows = plan.chosen((*FIVE, *EXTRA) if plan.extra or plan.variants else FIVE)
    return compared(
        "dtda/2", "DTDA, Table II: variants on leave-one-out tasks", rows, faces, plan, printed_in="dtda/2", track=track
    )


def compared(
    name: str,
    title: str,
    rows: Sequence[Variant],
    faces: Faces,
    plan: Plan,
    *,
    printed_in: str | None,
    track: Track = silent,
) -> PaperTable:
    """Variants below each other on the leave-one-out tasks (or the plan's protocols), each less the one above.

    printed_in: the published table whose figures stand beside; None where the paper has none.
    """
    protocols = plan.protocols or tuple(ONE_OUT)
    plan.check(rows, protocols, faces.domains(DOMAINS))
    store, clips = faces.store(DOMAINS)
    grid = run_grid(rows, protocols, store, plan, clips=clips, track=track)
    ends = intervals_of_grid(grid, rounds=plan.rounds, track=track)
    blocks: list[Block] = []
    cells: list[dict[str, Any]] = []
    means: list[dict[str, Any]] = []
    for lists in plan.lists:
        printed = _Printed(rows, printed_in if lists in words.COMPARABLE else None)
        for protocol in protocols:
            task = _Task(
                rows,
                {row.name: grid[row.name, protocol, lists] for row in rows},
                {row.name: ends[row.name, protocol, lists] for row in rows},
                plan.rounds,
            )
            heading = f"{parse_protocol(protocol).title}, lists {lists}"
            blocks += [_errors(heading, protocol, task, printed), _areas(heading, protocol, task, printed)]
            cells += [task.cell(row, protocol, lists) | printed.cell(row, protocol) for row in rows]
        if len(protocols) > 1:
            mean = _Mean(rows, {row.name: [grid[row.name, p, lists] for p in protocols] for row in rows}, plan.rounds)
            blocks.append(_means(mean, protocols, lists, printed))
            means += [mean.cell(row, protocols, lists) for row in rows]
    notes = (*words.settings(plan, store, grid), words.named(rows), words.PRINTED, NOTE, AGAINST)
    return PaperTable(name, title, tuple(blocks), notes, {**words.origin(plan, store), "cells": cells, "means": means})


class _Printed:
    """What the paper prints for a row on a task; empty where it has no such row or task."""

    def __init__(self, rows: Sequence[Variant], name: str | None) -> None:
        self._names = {row.name: row.printed for row in rows}
        cells = () if name is None else published(name)
        self._cells = {(one.protocol, one.method, one.metric): one.value for one in cells}

    def value(self, row: Variant, protocol: str, rate: str) -> float | None:
        """Percent, as printed."""
        return self._cells.get((ONE_OUT.get(protocol, ""), self._names[row.name] or "", RATES[rate]))

    def text(self, row: Variant, protocol: str, rate: str) -> str:
        value = self.value(row, protocol, rate)
        return MISSING if value is None else f"{value:.2f}"

    def mean(self, row: Variant, protocols: Sequence[str], rate: str) -> str:
        """Over the tasks; empty where one is not printed."""
        values = [self.value(row, protocol, rate) for protocol in protocols]
        known = [value for value in values if value is not None]
        return f"{sum(known) / len(known):.2f}" if len(known) == len(values) else MISSING

    def cell(self, row: Variant, protocol: str) -> dict[str, Any]:
        values = {rate: self.value(row, protocol, rate) for rate in RATES}
        return {"printed": {rate: None if one is None else round(one / 100, 6) for rate, one in values.items()}}


class _Task:
    """All rows on one protocol under one convention."""

    def __init__(
        self,
        rows: Sequence[Variant],
        measured: Mapping[str, Measured],
        ends: Mapping[str, Intervals],
        rounds: int,
    ) -> None:
        self.rows, self.measured, self._ends, self._rounds = rows, measured, ends, rounds
        self.less = dict(zip(measured, self._compared(), strict=True))

    @property
    def first(self) -> Measured:
        return self.measured[self.rows[0].name]

    def figure(self, row: Variant, policy: str, rate: str) -> str:
        found = self.measured[row.name].figure(policy, rate)
        return MISSING if found is None else found.text

    def between(self, row: Variant, rate: str) -> str:
        """The headline's interval."""
        return between(words.ends_of(self._ends[row.name], self.first.headline, rate))

    def against(self, row: Variant) -> str:
        """The difference as printed, with the name of the other row where that is not the one above."""
        found = self.less[row.name]
        if found is None:
            return MISSING
        other, paired = found
        named = f" ({other})" if row.against is not None else ""
        if paired.units < 2:
            return signed(paired.difference) + named
        ends = between((paired.low, paired.high), sign=True)
        return f"{signed(paired.difference)} {ends} p {paired.p:.3f}{named}"

    def cell(self, row: Variant, protocol: str, lists: Convention) -> dict[str, Any]:
        found = self.less[row.name]
        return {
            "row": row.name,
            "title": row.title,
            "method": row.method,
            "set": list(row.sets),
            "protocol": protocol,
            "lists": lists,
            **words.figures(self.measured[row.name], tuple(RATES), self._ends[row.name]),
            "against": None if found is None else {"row": found[0], **found[1].to_dict(), **_unknown(found[1])},
            "cue": {rate: words.plain(self.measured[row.name].cue(rate)) for rate in RATES}
            | {"names": list(self.measured[row.name].cues)},
        }

    def _compared(self) -> list[tuple[str, Paired] | None]:
        found: list[tuple[str, Paired] | None] = []
        above: str | None = None
        for row in self.rows:
            other = row.against if row.against in self.measured else above
            measured = self.measured[row.name]
            if other is None:
                found.append(None)
            else:
                found.append((other, measured.less(self.measured[other], rounds=self._rounds)))
            above = row.name
        return found


def _unknown(paired: Paired) -> dict[str, None]:
    """What a single person cannot tell: every resample is the same, so ends and p would look certain."""
    return dict.fromkeys(("low", "high", "p")) if paired.units < 2 else {}


def _errors(heading: str, protocol: str, task: _Task, printed: _Printed) -> Block:
    head = task.first.headline
    columns = ("HTER", "printed", "ST", f"{head} 95 % over people", "LE", "TT", f"{head} less above")
    rows: list[tuple[str, ...]] = [
        (
            row.title,
            printed.text(row, protocol, "hter"),
            task.figure(row, "ST", "hter"),
            task.between(row, "hter"),
            task.figure(row, "LE", "hter"),
            task.figure(row, "TT", "hter"),
            task.against(row),
        )
        for row in task.rows
    ]
    rows.append((_cue_name(task.first), MISSING, _text(task.first.cue("hter")), *[MISSING] * 4))
    return Block(f"{heading}: HTER", columns, tuple(rows), words.counted(task.first))


def _areas(heading: str, protocol: str, task: _Task, printed: _Printed) -> Block:
    columns = ("AUC", "printed", "ST", f"{task.first.headline} 95 % over people", "LE", "TT")
    rows: list[tuple[str, ...]] = [
        (
            row.title,
            printed.text(row, protocol, "auc"),
            task.figure(row, "ST", "auc"),
            task.between(row, "auc"),
            task.figure(row, "LE", "auc"),
            task.figure(row, "TT", "auc"),
        )
        for row in task.rows
    ]
    rows.append((_cue_name(task.first), MISSING, _text(task.first.cue("auc")), *[MISSING] * 3))
    return Block(f"{heading}: AUC", columns, tuple(rows))


class _Mean:
    """All rows over all protocols under one convention.  tasks: {row's name: what it measured on each protocol}."""

    def __init__(self, rows: Sequence[Variant], tasks: Mapping[str, Sequence[Measured]], rounds: int) -> None:
        self.rows, self._tasks = rows, tasks
        self._ends = {name: intervals(several, rounds=rounds) for name, several in tasks.items()}
        every = [task for several in tasks.values() for task in several]
        self.headline = "ST" if all(task.headline == "ST" for task in every) else "TT"

    def text(self, row: Variant, policy: str, rate: str) -> str:
        return _text(mean_over([task.figure(policy, rate) for task in self._tasks[row.name]]))

    def between(self, row: Variant, rate: str) -> str:
        """The headline's interval."""
        return between(words.ends_of(self._ends[row.name], self.headline, rate))

    def cell(self, row: Variant, protocols: Sequence[str], lists: Convention) -> dict[str, Any]:
        policies = words.means(self._tasks[row.name], tuple(RATES), self._ends[row.name])
        return {"row": row.name, "protocols": list(protocols), "lists": lists, "policies": policies}


def _means(mean: _Mean, protocols: Sequence[str], lists: Convention, printed: _Printed) -> Block:
    columns = ["mean"]
    for rate in RATES:
        name = NAMES[rate]
        columns += [f"{name} printed", f"{name} ST", f"{name} {mean.headline} 95 %", f"{name} LE", f"{name} TT"]
    lines = []
    for row in mean.rows:
        line = [row.title]
        for rate in RATES:
            first, *others = (mean.text(row, policy, rate) for policy in POLICIES)
            line += [printed.mean(row, protocols, rate), first, mean.between(row, rate), *others]
        lines.append(tuple(line))
    return Block(f"mean of {len(protocols)} tasks, lists {lists}", tuple(columns), tuple(lines))


def _cue_name(measured: Measured) -> str:
    return f"trivial cue: {', '.join(measured.cues)}" if measured.cues else "no trivial cue"


def _text(figure: Figure | None) -> str:
    return MISSING if figure is None else figure.text
