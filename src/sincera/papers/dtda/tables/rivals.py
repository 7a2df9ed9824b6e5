"""Tables III and IV: DTDA as measured here below what the paper prints for its rivals and for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sincera.data.protocols.protocol import Convention
from sincera.papers import words
from sincera.papers.dtda.tasks import DOMAINS, ONE_OUT, RATES, TWO_SOURCES
from sincera.papers.dtda.variants import V5, V5_PGD
from sincera.papers.faces import Faces
from sincera.papers.grid import Grid, Plan, Variant, run_grid
from sincera.papers.intervals import NOTE, Intervals, intervals, intervals_of_grid
from sincera.papers.measured import POLICIES, Measured, mean_over
from sincera.papers.published import Values, published, values_of
from sincera.papers.table import MISSING, Block, PaperTable
from sincera.progress import Track, silent

MEAN = "Mean"
ROWS = (V5, V5_PGD)
NAMES = {"hter": "HTER", "auc": "AUC"}


def three(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table III: the four leave-one-out tasks and their mean."""
    return _table("dtda/3", "DTDA, Table III: leave-one-out tasks", ONE_OUT, faces, plan, track, mean=MEAN)


def four(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table IV: two sources, two targets."""
    return _table("dtda/4", "DTDA, Table IV: two source domains", TWO_SOURCES, faces, plan, track)


def _table(
    name: str,
    title: str,
    tasks: Mapping[str, str],
    faces: Faces,
    plan: Plan,
    track: Track,
    *,
    mean: str | None = None,
) -> PaperTable:
    protocols = plan.protocols or tuple(tasks)
    rows = plan.chosen(ROWS)
    plan.check(rows, protocols, faces.domains(DOMAINS))
    store, clips = faces.store(DOMAINS)
    grid = run_grid(rows, protocols, store, plan, clips=clips, track=track)
    ours = _Ours(rows, protocols, grid, plan.rounds, mean=mean is not None, track=track)
    blocks = [
        _block(values_of(name) if lists in words.COMPARABLE else {}, tasks, ours, lists, rate, mean)
        for lists in plan.lists
        for rate in RATES
    ]
    cells = [
        {
            "row": row.name,
            "method": row.method,
            "set": list(row.sets),
            "protocol": protocol,
            "lists": lists,
            **words.figures(measured, tuple(RATES), ours.ends[variant, protocol, lists]),
        }
        for row in rows
        for (variant, protocol, lists), measured in grid.items()
        if variant == row.name
    ]
    means = [ours.mean(row, lists) for lists in plan.lists for row in rows] if mean else []
    notes = (*words.settings(plan, store, grid), words.PRINTED, NOTE, *_remarks(name))
    data = {**words.origin(plan, store), **_plain(name), "cells": cells, "means": means}
    return PaperTable(name, title, tuple(blocks), notes, data)


class _Ours:
    """What was measured of every row on every protocol, and on average over them, with intervals."""

    def __init__(
        self, rows: Sequence[Variant], protocols: Sequence[str], grid: Grid, rounds: int, *, mean: bool, track: Track
    ) -> None:
        self.rows, self.protocols, self.grid = rows, protocols, grid
        self.ends = intervals_of_grid(grid, rounds=rounds, track=track)
        conventions = {lists for _, _, lists in grid} if mean else set()
        self._of_mean: dict[tuple[str, Convention], Intervals] = {
            (row.name, lists): intervals(self._tasks(row, lists), rounds=rounds)
            for row in rows
            for lists in conventions
        }

    def line(self, row: Variant, lists: Convention, policy: str, rate: str) -> list[str]:
        """A text for each protocol, and one for the mean where the table has it."""
        figures = [task.figure(policy, rate) for task in self._tasks(row, lists)]
        ends = [self.ends[row.name, protocol, lists] for protocol in self.protocols]
        if (row.name, lists) in self._of_mean:
            figures.append(mean_over(figures))
            ends.append(self._of_mean[row.name, lists])
        return [
            words.with_ends(figure, words.ends_of(one, policy, rate)) for figure, one in zip(figures, ends, strict=True)
        ]

    def mean(self, row: Variant, lists: Convention) -> dict[str, Any]:
        """For JSON."""
        policies = words.means(self._tasks(row, lists), tuple(RATES), self._of_mean[row.name, lists])
        return {"row": row.name, "protocols": list(self.protocols), "lists": lists, "policies": policies}

    def _tasks(self, row: Variant, lists: Convention) -> list[Measured]:
        return [self.grid[row.name, protocol, lists] for protocol in self.protocols]


def _block(
    printed: Values,
    tasks: Mapping[str, str],
    ours: _Ours,
    lists: Convention,
    rate: str,
    mean: str | None,
) -> Block:
    """One rate: every printed method, then ours under each policy."""
    protocols = ours.protocols
    columns = [protocol.replace(":", "→") for protocol in protocols] + ([mean.lower()] if mean else [])
    spelled = [tasks.get(protocol, "") for protocol in protocols] + ([mean] if mean else [])
    lines = []
    for method in dict.fromkeys(method for _, method, _ in printed):
        values = [printed.get((task, method, RATES[rate])) for task in spelled]
        if mean and set(protocols) != set(tasks):
            values[-1] = None  # printed over other tasks than these
        lines.append((f"{method}, printed", *(MISSING if one is None else one.text for one in values)))
    for row in ours.rows:
        lines += [(f"DTDA {row.title}, {policy}", *ours.line(row, lists, policy, rate)) for policy in POLICIES]
    first = ours.rows[0].name
    tested = [f"{p.replace(':', '→')}: {words.counted(ours.grid[first, p, lists])[0]}" for p in protocols]
    return Block(f"{NAMES[rate]}, measured on lists {lists}", (NAMES[rate], *columns), tuple(lines), tuple(tested))


def _remarks(name: str) -> list[str]:
    """What the published rows say of themselves, once each."""
    return list(dict.fromkeys(f"{one.protocol}: {one.note}." for one in published(name) if one.note))


def _plain(name: str) -> dict[str, Any]:
    return {
        "printed": [
            {"protocol": one.protocol, "method": one.method, "metric": one.metric, "value": one.value, "sd": one.std}
            for one in published(name)
        ]
    }
