"""Cells of a table: one training each, run where it is missing, here or on a Ray cluster.

A finished run's folder is named after method, recipe, protocol, seed and store content, so a cell that any table (or
`sincera train`) has finished below the same `runs` is read, and one that was broken off goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sincera.clip import Clip
from sincera.data.protocols import Protocol
from sincera.data.store import Store
from sincera.evaluate.measures import ROUNDS
from sincera.experiments import run_experiment
from sincera.papers.hands import Key, on_ray
from sincera.progress import Track, silent
from sincera.recipe import Recipe
from sincera.runs import Run
from sincera.train.precision import pick_device

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell:
    """One training: what is trained, on whom, from which seed.

    title: for progress, where the method's name does not tell which of its cells this is.
    shares: names a stage that cells of the same protocol and seed have in common, such as `domain`; empty for none.
    On a cluster the first of them trains it before the others start, which then find it.
    """

    method: str
    recipe: Recipe
    protocol: Protocol
    seed: int = 0
    shares: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """For progress: what, protocol, seed."""
        return f"{self.title or self.method} {self.protocol.title} seed {self.seed}"

    @property
    def key(self) -> str:
        """Equal for cells that are one training."""
        plain = [self.method, self.recipe.model_dump(mode="json"), self.protocol.to_dict(), self.seed]
        return json.dumps(plain, sort_keys=True)

    @property
    def common(self) -> Key | None:
        """What its shared stage is known by; None where it has none."""
        if not self.shares:
            return None
        return self.method, json.dumps(self.protocol.to_dict(), sort_keys=True), self.seed, self.shares


@dataclass(frozen=True, slots=True)
class Task:
    """A cell with all that another process needs to run it."""

    cell: Cell
    store: Store
    clips: tuple[Clip, ...] | None
    runs: Path
    device: str
    rounds: int

    def run(self, track: Track = silent) -> Path:
        """Run or read it; gives the run's folder."""
        cell = self.cell
        return run_experiment(
            cell.method,
            cell.recipe,
            cell.protocol,
            self.store,
            seed=cell.seed,
            clips=self.clips,
            runs=self.runs,
            device=pick_device(self.device),
            rounds=self.rounds,
            track=track,
        ).folder


def run_cells(
    cells: Sequence[Cell],
    store: Store,
    runs: Path,
    *,
    clips: Sequence[Clip] | None = None,
    ray: str | None = None,
    device: str = "auto",
    rounds: int = ROUNDS,
    track: Track = silent,
) -> tuple[Run, ...]:
    """The run of each cell, in the cells' order; what is missing below `runs` is trained, one after another.

    clips: those that protocols divide; all of the store where None.  ray: address of a cluster that does the work
    instead, one core (or one card) a cell; its nodes must see store and runs under the same paths.
    Stopped at any moment and called again it goes on.
    """
    distinct = {cell.key: cell for cell in cells}
    kept = None if clips is None else tuple(clips)
    tasks = [Task(cell, store, kept, runs, device, rounds) for cell in distinct.values()]
    if ray is None:
        folders = [
            task.run(_named(track, f"{number}/{len(tasks)} {task.cell.name}: ")) for number, task in enumerate(tasks, 1)
        ]
    else:
        commons = [task.cell.common for task in tasks]
        found = dict(track(on_ray(Task.run, tasks, commons, ray, device), "cells", len(tasks)))
        folders = [found[number] for number in range(len(tasks))]
    by_key = dict(zip(distinct, folders, strict=True))
    return tuple(Run.open(by_key[cell.key]) for cell in cells)


def _named(track: Track, before: str) -> Track:
    """The same track, whose titles say which cell is at work."""

    def titled(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
        return track(items, before + title, total)

    return titled
