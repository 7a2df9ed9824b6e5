"""On whom the meta-teacher of OULU-NPU's protocols learns.

`split`: on the training part of the split itself, so that nothing of what is tested was ever seen.  `protocol1`, as
printed: on protocol 1, whose training part holds every phone but the last session's and every instrument, also those
that protocols 2 to 4 hold back from their detectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sincera.clip import Clip
from sincera.data.store import Store
from sincera.errors import RunError
from sincera.papers.cells import Cell
from sincera.papers.grid import Grid, Plan, Variant, grid_of
from sincera.progress import Track, silent
from sincera.runs import Run

DONOR = "oulu/1"
STAGE = "bilevel"
NOTES: Mapping[str, str] = {
    "split": "Meta-teachers: one for each split, trained on its own training part (`--teacher-scope split`); the paper "
    "trains one on protocol 1 for all, which has seen the instruments that protocols 2 to 4 hold back.",
    "protocol1": "Meta-teachers: of protocol 1, one a seed, for the detectors of all protocols, as printed "
    "(`--teacher-scope protocol1`). They have seen the instruments that protocols 2 and 4 hold back; "
    "`--teacher-scope split` trains one for each split.",
}


def run_scoped(
    rows: Sequence[Variant],
    protocols: Sequence[str],
    store: Store,
    plan: Plan,
    *,
    clips: Sequence[Clip] | None = None,
    track: Track = silent,
) -> Grid:
    """`run_grid` under the plan's scope of teachers.

    Under `protocol1` every row with a meta-teacher is run on protocol 1 first, and its other cells take that seed's
    teacher from there.
    """
    cells = plan.cells(rows, protocols)
    pupils = [row for row in rows if row.method == "mtfas"] if plan.teacher_scope == "protocol1" else []
    if pupils and any(protocol != DONOR for protocol in protocols):
        found = plan.cells(rows, (DONOR,))
        wanted = {key: several for key, several in found.items() if key[0] in {row.name for row in pupils}}
        donors = grid_of(wanted, store, plan, clips=clips, track=track)
        for row in pupils:
            origins = [teacher_of(run) for run in donors[row.name, DONOR, "all"].runs]
            for protocol in protocols:
                if protocol != DONOR:
                    key = (row.name, protocol, plan.lists[0])
                    cells[key] = [_with(cell, path) for cell, path in zip(cells[key], origins, strict=True)]
    return grid_of(cells, store, plan, clips=clips, track=track)


def teacher_of(run: Run) -> Path:
    """The checkpoint with a run's finished meta-teacher.  RunError where there is none, or more than one."""
    found = sorted(run.checkpoints.glob(f"{STAGE}-*.pt"))
    if len(found) != 1:
        raise RunError(
            f"{run.folder}: found {len(found)} checkpoints {STAGE}-….pt, expected the one of its meta-teacher. "
            "Delete the folder and run the same command again."
        )
    return found[0]


def _with(cell: Cell, origin: Path) -> Cell:
    """The same cell with a teacher that is finished already."""
    recipe: Any = cell.recipe  # of `mtfas`
    teacher = recipe.teacher.model_copy(update={"origin": str(origin)})
    return replace(cell, recipe=recipe.model_copy(update={"teacher": teacher}), shares="")
