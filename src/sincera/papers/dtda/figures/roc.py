"""Fig. 3: ROC curves of the five variants on the leave-one-out tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sincera.measures.rates import auc
from sincera.measures.table import ScoreTable
from sincera.papers.dtda.figures.tasks import LEAVE_ONE_OUT
from sincera.papers.dtda.variants import V1, V2, V3, V4, V5
from sincera.papers.figures import Bench, Drawing
from sincera.papers.means import over_seeds
from sincera.plots import roc_panels
from sincera.runs import Run

VARIANTS = (V1, V2, V3, V4, V5)


def draw(bench: Bench) -> Drawing:
    """Every variant on every task: twenty trainings a seed where none is there yet."""
    tasks = bench.protocols(LEAVE_ONE_OUT)
    bench.check(VARIANTS, tasks)
    wanted = [(variant, task, seed) for task in tasks for variant in VARIANTS for seed in bench.seeds]
    tables = iter([target_scores(run) for run in bench.runs(wanted)])
    panels = {
        bench.protocol(task).title: {variant.title: [next(tables) for _ in bench.seeds] for variant in VARIANTS}
        for task in tasks
    }
    drawing = roc_figure(panels)
    return Drawing(drawing.picture, {**drawing.numbers, "scores": "by clip, at ST's step", **bench.origin()})


def target_scores(run: Run) -> ScoreTable:
    """The target's scores by clip, at the step that source validation chose; at the last where none was chosen."""
    measures = run.measures() or {}
    chosen = measures.get("policies", {}).get("ST", {}).get("steps")
    return run.target_scores(chosen[0] if chosen else run.steps()[-1]).by_clip()


def roc_figure(panels: Mapping[str, Mapping[str, Sequence[ScoreTable]]]) -> Drawing:
    """{task: {variant: score tables by clip, one a seed}} → curves, and AUC with its spread over seeds."""
    numbers: dict[str, Any] = {}
    for task, curves in panels.items():
        one = next(iter(curves.values()))[0]
        live = int((one.label == 0).sum())
        numbers[task] = {
            "clips": {"live": live, "attack": len(one) - live},
            "subjects": one.subjects,
            "auc": {
                name: over_seeds([auc(t.score, t.label) for t in map(_answered, tables)])
                for name, tables in curves.items()
            },
        }
    return Drawing(roc_panels(panels, name="dtda-3"), {"tasks": numbers})


def _answered(table: ScoreTable) -> ScoreTable:
    return table.select(table.answered)
