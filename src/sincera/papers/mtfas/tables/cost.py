"""Table 4: FAS-DR under every teacher on OULU-NPU 4, and what teachers and students cost."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sincera.methods import load_method
from sincera.papers import words
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan, Variant
from sincera.papers.mtfas import costs, effects, scope, wording
from sincera.papers.mtfas.costs import Costs, costs_of
from sincera.papers.mtfas.effects import Claim
from sincera.papers.mtfas.hours import took
from sincera.papers.mtfas.results import Results
from sincera.papers.mtfas.tables.below import below
from sincera.papers.mtfas.tasks import OULU, OULU_GROUPS
from sincera.papers.mtfas.trained import Trained, train_rows
from sincera.papers.mtfas.variants import controls, rivals
from sincera.papers.published import Values, values_of
from sincera.papers.table import MISSING, Block, PaperTable
from sincera.progress import Track, silent
from sincera.recipe import parse_recipe
from sincera.runs import Run

NAME = "mtfas/4"
RATES: Mapping[str, str] = {"acer_pooled": "ACER", "acer": "worst ACER"}
PRINTED = {
    "teacher": "FLOPs teacher per iteration(G)",
    "student": "FLOPs student per iteration(G)",
    "hours": "Time teacher(h)",
}
TASK = "OULU-NPU 4"
NOTES = (
    "FLOPs are multiply-adds of an iteration at {size} pixels, with the networks and batches of the recipes: three "
    "forward passes an image less the first layer's gradient to the image, and a teacher's forward pass for its pupil. "
    "The printed 280, 453, 431 and 283 follow from this within 1 % at a batch of 32; 379, 862 and 781 do not. An "
    "iteration of the meta-teacher is counted while it is taken, by the recipe's route; FitNet's student in its second "
    "stage.",
    "Hours of a teacher: time of a step between two entries of the log by the number of steps, every stage before the "
    "student's, mean over runs; printed hours are a P40's. Empty where no stage was logged twice.",
    "The printed rivals learned from teachers of protocol 4's splits, and its FAS-DR(MT) is Table 1's, whose teacher "
    "learned on protocol 1: compare both scopes of the meta-teacher.",
)


@dataclass(frozen=True, slots=True)
class Hours:
    """Of a row's teachers: one value a run where all were logged, and where they ran."""

    values: tuple[float, ...]
    devices: tuple[str, ...]

    @property
    def text(self) -> str:
        """Empty where unknown."""
        mean = statistics.fmean(self.values) if self.values else None
        return "< 0.01" if mean is not None and mean < 0.01 else _number(mean)


def table(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table 4; with `plan.extra` under the label and under true masks too."""
    known = rivals("fasdr")
    rows = plan.chosen((*known, *controls("fasdr")) if plan.extra or plan.variants else known)
    plan = replace(plan, lists=("all",))
    made = train_rows(rows, OULU_GROUPS[3:], faces, plan, OULU, track=track)
    results = Results(rows, made.groups, made.grid, rates=RATES, rounds=plan.rounds, track=track)
    spent = {row.name: _costs(row, made) for row in rows}
    times = {row.name: _hours(row, made, spent[row.name], plan.runs) for row in rows}
    printed = values_of(NAME)
    claims = (Claim(known[-1], (*known[:-1], *controls("fasdr"))),)
    found = effects.effects(claims, results, printed, rate="acer_pooled", metric="ACER(%)", groups=made.groups)
    blocks = [
        *(below(group, results, printed, notes=results.counted(group)) for group in made.groups),
        _spent(rows, spent, times, printed),
    ]
    where = sorted({device for one in times.values() for device in one.devices})
    notes = wording.notes(
        plan, made.store, made.grid, rows, *made.notes, scope.NOTES[plan.teacher_scope], wording.UNITS, wording.PARTS,
        NOTES[0].format(size=costs.SIZE), NOTES[1] + (f" Here: {'; '.join(where)}." if where else ""), NOTES[2],
        effects.NOTE, policies=wording.OWN_DEV,
    )  # fmt: skip
    data = {
        **words.origin(plan, made.store),
        "teacher_scope": plan.teacher_scope,
        "printed": wording.plain(printed),
        **results.data(),
        "costs": {row.name: _plain(spent[row.name], times[row.name]) for row in rows},
        "effects": [one.to_dict() for one in found],
    }
    title = "MT-FAS, Table 4: teachers on OULU-NPU 4, and their cost"
    return PaperTable(NAME, title, (*blocks, *effects.block(found, name="ACER")), notes, data)


def _spent(rows: Sequence[Variant], spent: Mapping[str, Costs], times: Mapping[str, Hours], printed: Values) -> Block:
    columns = ("G an iteration", "teacher printed", "teacher", "student printed", "student", "hours printed", "hours")
    lines = []
    for row in rows:
        shown = {name: printed.get((TASK, row.printed or "", metric)) for name, metric in PRINTED.items()}
        texts = {name: MISSING if cell is None else _number(cell.value) for name, cell in shown.items()}
        cost = spent[row.name]
        teacher = MISSING if cost.teacher is None else _number(cost.teacher / 1e9)
        student = _number(cost.student / 1e9)
        lines.append(
            (row.title, texts["teacher"], teacher, texts["student"], student, texts["hours"], times[row.name].text)
        )
    return Block("cost", columns, tuple(lines))


def _costs(row: Variant, made: Trained) -> Costs:
    """Of the row's first run, or of the run that trained its teacher."""
    run = next(_runs(row, made))
    student = _of(row, run)
    taught_by = _teacher_run(run)
    return student if taught_by is run else replace(student, stages=_of(row, taught_by).stages)


def _of(row: Variant, run: Run) -> Costs:
    info = run.info()
    recipe = parse_recipe(load_method(row.method).recipe_type, info["recipe"])
    return costs_of(row.method, recipe, clips=int(info["facts"]["clips"]), size=costs.SIZE)


def _hours(row: Variant, made: Trained, cost: Costs, runs: Path) -> Hours:
    values, devices = [], []
    for run in _runs(row, made):
        of_stages = [took(_teacher_run(run), name, steps, runs) for name, (steps, _) in cost.stages.items()]
        known = [one for one in of_stages if one is not None]
        if known and len(known) == len(of_stages):
            values.append(sum(one.seconds for one in known) / 3600)
            devices += [one.device for one in known]
    return Hours(tuple(values), tuple(dict.fromkeys(devices)))


def _runs(row: Variant, made: Trained) -> Iterator[Run]:
    return (run for (name, _, _), measured in made.grid.items() if name == row.name for run in measured.runs)


def _teacher_run(run: Run) -> Run:
    """The run itself, or that of protocol 1 whose teacher it took."""
    origin = run.info()["recipe"].get("teacher", {}).get("origin", "own")
    return run if origin == "own" else Run(Path(origin).parents[1])


def _number(value: float | None) -> str:
    """Three digits that count: 280, 5.34, 0.02.

    >>> _number(280.4), _number(5.338), _number(0.0213), _number(1234.0)
    ('280', '5.34', '0.0213', '1234')
    """
    if value is None:
        return MISSING
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _plain(cost: Costs, hours: Hours) -> dict[str, Any]:
    return {**cost.to_dict(), "hours": list(hours.values), "devices": list(hours.devices)}
