"""What moves the meta-teacher: distance, losses, level and both gradients over the steps of the bi-level stage."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sincera.errors import RunError, ScoreError
from sincera.papers.figures import Bench, Drawing
from sincera.papers.grid import Variant
from sincera.papers.means import over_seeds
from sincera.papers.mtfas.figures.shown import task_of
from sincera.papers.mtfas.figures.teachers import FULL, check_own
from sincera.papers.mtfas.scope import STAGE, teacher_of
from sincera.plots import Band, Panel, bands
from sincera.runs import Run
from sincera.train.checkpoint import DEPTHS

Course = Sequence[Mapping[str, Any]]

PROTOCOLS = ("oulu/1", "siwm/Replay")
PANELS: Mapping[str, Mapping[str, str]] = {  # title: {a log's name: what the curve is called}
    "distance of MT$_t$ from where it began": {"distance": "‖ω − ω$_0$‖"},
    "losses of the surrogate": {"loss_train": "L$_t$, before it learns", "loss_valid": "L$_v$, after"},
    "how high maps are drawn": {"level": "R, mean σ(g) of MT$_t$", "maps": "mean 2σ(g) of MT$_v$ on attacks"},
    "what pulls at ω": {"norm_task": "‖∇$_ω$ L$_v$‖", "norm_level": "‖μ ∇$_ω$ R‖"},
}
LOGARITHMIC = "what pulls at ω"
OUTERS = {
    "Adam, mse": FULL,
    **{
        f"plain descent, {form}": replace(
            FULL, name=f"sgd-{form}-teacher", title=f"plain descent, {form}",
            sets=(*FULL.sets, "bilevel.outer=sgd", f"bilevel.loss_form={form}"),
        )
        for form in ("mse", "l2", "sumsq")
    },
}  # fmt: skip


def draw(bench: Bench) -> Drawing:
    """The full teacher, a training a seed."""
    protocol = task_of(bench, (FULL,), PROTOCOLS)
    check_own(bench, FULL)
    runs = bench.runs([(FULL, protocol, seed) for seed in bench.seeds])
    drawing = gradients_figure([course_of(run, bench.plan.runs) for run in runs])
    settings = runs[0].info()["recipe"]["bilevel"]
    head = {"protocol": bench.protocol(protocol).title, "bilevel": settings}
    return Drawing(drawing.picture, {**head, **drawing.numbers, **bench.origin()})


def outer(bench: Bench) -> Drawing:
    """How far the teacher comes under plain descent, as printed, with each form of the losses; beside Adam."""
    rows = tuple(OUTERS.values())
    protocol = task_of(bench, rows, PROTOCOLS)
    check_own(bench, FULL)
    with contextlib.suppress(ScoreError):  # some may diverge; below each is read alone
        bench.runs([(row, protocol, seed) for row in rows for seed in bench.seeds])
    courses = {t: [_course(bench, row, protocol, seed) for seed in bench.seeds] for t, row in OUTERS.items()}
    drawing = outer_figure(courses)
    return Drawing(drawing.picture, {"protocol": bench.protocol(protocol).title, **drawing.numbers, **bench.origin()})


def _course(bench: Bench, row: Variant, protocol: str, seed: int) -> list[dict[str, Any]]:
    """The log of one training, also of one that diverged: its detector, taught by what is no number, has no scores."""
    try:
        (run,) = bench.runs([(row, protocol, seed)])
    except ScoreError:
        recipe = bench.plan.recipes([row])[row.name].model_dump(mode="json")
        for folder in sorted(bench.plan.runs.glob("mtfas-*")):
            run = Run(folder)
            if run.exists and run.info()["seed"] == seed and run.info()["recipe"] == recipe:
                lines = course_of(run, bench.plan.runs)
                if lines[-1].get("distance") is None:
                    return lines
        raise
    return course_of(run, bench.plan.runs)


def course_of(run: Run, runs: Path) -> list[dict[str, Any]]:
    """The log's lines of the bi-level stage: the run's own, or those of the run below `runs` that it has it from.

    RunError where neither is there any more.
    """
    checkpoint = teacher_of(run).name
    siblings = (Run(found.parent.parent) for depth in range(1, DEPTHS + 1)
                for found in sorted(runs.glob("*/" * depth + f"checkpoints/{checkpoint}")))  # fmt: skip
    for one in (run, *siblings):
        lines = [line for line in one.log() if line["stage"] == STAGE]
        if lines:
            return lines
    raise RunError(
        f"{run.folder}: has its meta-teacher from another run whose log is no longer below {runs}. Delete the folder "
        "and run the same command again."
    )


def gradients_figure(courses: Sequence[Course]) -> Drawing:
    """One course a seed: the logged lines of the stage, each the mean over the steps since the one before."""
    panels = [
        Panel(title, {called: _band(courses, name) for name, called in curves.items()},
              logarithmic=title == LOGARITHMIC)
        for title, curves in PANELS.items()
    ]  # fmt: skip
    numbers = {name: _ends(courses, name) for curves in PANELS.values() for name in curves}
    pull = _pull(courses)
    far, before, after = (numbers[name]["last"]["mean"] for name in ("distance", "loss_train", "loss_valid"))
    picture = bands(
        panels, name="mtfas-gradients", x_label="iteration of the bi-level stage", spread="curves", markers=False,
        alt=f"The bi-level stage over its iterations. At its end MT_t is {_said(far)} from where it began, L_t is "
        f"{_said(before)}, L_v {_said(after)}; the task pulls {_said(pull['mean'])} times as hard as the level.",
    )  # fmt: skip
    return Drawing(picture, {"iterations": int(courses[0][-1]["step"]), **numbers, "task_over_level": pull})


def outer_figure(courses: Mapping[str, Sequence[Course]]) -> Drawing:
    """{outer optimiser and loss: one course a seed} → distance and L_v over the steps; one that diverged has no curve.

    The forms of the loss have other units, so that each L_v is shown as a share of its own beginning.
    """
    far = {title: _band(several, "distance") for title, several in courses.items()}
    judged = {title: _band(several, "loss_valid") for title, several in courses.items()}
    with np.errstate(divide="ignore", invalid="ignore"):  # a share of nothing is not drawn
        shares = {title: Band(one.x, one.values / one.values[:, :1]) for title, one in judged.items()}
    numbers: dict[str, Any] = {
        title: {
            "diverged": sum(course[-1].get("distance") is None for course in several),
            **{name: _ends(several, name) for name in ("distance", "loss_valid", "norm_task", "norm_level")},
        }
        for title, several in courses.items()
    }
    told = ", ".join(
        f"{title} {'diverges' if one['diverged'] else _said(one['distance']['last']['mean'])}"
        for title, one in numbers.items()
    )
    picture = bands(
        [
            Panel("distance of MT$_t$ from where it began", far, logarithmic=True),
            Panel("L$_v$, as a share of the first that was logged", shares),
        ],
        name="mtfas-outer",
        x_label="iteration of the bi-level stage",
        markers=False,
        alt=f"How far the meta-teacher comes: {told}.",
    )
    return Drawing(picture, {"outer": numbers})


def _band(courses: Sequence[Course], name: str) -> Band:
    """Over the steps that any of them has; NaN where one has none."""
    x = sorted({int(line["step"]) for course in courses for line in course})
    values = np.full((len(courses), len(x)), np.nan)
    for row, course in zip(values, courses, strict=True):
        for line in course:
            if line.get(name) is not None:
                row[x.index(int(line["step"]))] = line[name]
    return Band(x, values)


def _ends(courses: Sequence[Course], name: str) -> dict[str, Any]:
    """The first logged value and the last, over seeds."""
    return {
        end: over_seeds([course[place].get(name) for course in courses]) for end, place in (("first", 0), ("last", -1))
    }


def _pull(courses: Sequence[Course]) -> dict[str, Any]:
    """By how much the task's gradient is larger than the level's, in the median over the log."""
    ratios: list[float | None] = []
    for course in courses:
        pairs = [(line.get("norm_task"), line.get("norm_level")) for line in course]
        known = [a / b for a, b in pairs if a is not None and b]
        ratios.append(float(np.median(known)) if known else None)
    return over_seeds(ratios)


def _said(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"
