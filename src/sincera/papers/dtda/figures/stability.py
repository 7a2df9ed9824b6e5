"""Is gradient reversal less stable than the attack? Loss and target error over steps and seeds, their sway a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.measures.rates import hter
from sincera.measures.selection import fit_threshold, target_threshold
from sincera.papers.dtda.figures.tasks import one_task
from sincera.papers.dtda.variants import ATTACK_ALONE, DANN, V5
from sincera.papers.figures import Bench, Drawing
from sincera.papers.grid import Variant
from sincera.papers.means import over_seeds
from sincera.plots import Band, Panel, bands
from sincera.recipe import Recipe
from sincera.runs import Run
from sincera.train import SupervisedRecipe
from sincera.train.record import facts_of

EVALUATIONS = 20  # of each training, evenly spaced
LAST = 10  # evaluations, or tenths of the logged training, over which the spread is taken
METHODS = {"gradient reversal": DANN, "attack alone": ATTACK_ALONE, "attack and teachers": V5}


@dataclass(frozen=True, slots=True)
class Course:
    """One training. steps, hter: of each evaluation on the target.  at, loss: the classification loss as logged."""

    steps: NDArray[np.int64]
    hter: NDArray[np.float64]
    at: NDArray[np.int64]
    loss: NDArray[np.float64]


def draw(bench: Bench) -> Drawing:
    """Three trainings a seed: gradient reversal, and the attack without teachers and with them.

    All are evaluated twenty times, whatever the preset says.
    """
    protocol = one_task(bench, tuple(METHODS.values()))
    recipes = bench.plan.recipes(list(METHODS.values()))
    variants = [_evaluated(bench, one, recipes[one.name], protocol) for one in METHODS.values()]
    wanted = [(variant, protocol, seed) for variant in variants for seed in bench.seeds]
    courses = iter([course_of(run) for run in bench.runs(wanted)])
    drawing = stability_figure({name: [next(courses) for _ in bench.seeds] for name in METHODS})
    return Drawing(drawing.picture, {"protocol": bench.protocol(protocol).title, **drawing.numbers, **bench.origin()})


def _evaluated(bench: Bench, variant: Variant, recipe: Recipe, protocol: str) -> Variant:
    """The variant with twenty evaluations."""
    assert isinstance(recipe, SupervisedRecipe)
    steps = recipe.count(facts_of(bench.store, bench.lists(protocol, bench.seeds[0])))
    return replace(variant, sets=(*variant.sets, f"evaluate_every={max(1, steps // EVALUATIONS)}"))


def course_of(run: Run) -> Course:
    """What a run's scores and log say. The threshold of each evaluation is source validation's at that step; the
    target's own where no validation is kept."""
    steps, errors = [], []
    for one in run.evaluations():
        threshold = target_threshold(one.target) if one.source is None else fit_threshold(one.source)
        table = one.target.by_clip()
        answered = table.select(table.answered)
        steps.append(one.step)
        errors.append(hter(answered.score, answered.label, threshold=threshold))
    logged = [line for line in run.log() if line.get("stage") == "train" and line.get("loss_fas") is not None]
    at, loss = [int(line["step"]) for line in logged], [float(line["loss_fas"]) for line in logged]
    return Course(np.array(steps), np.array(errors), np.array(at), np.array(loss))


def stability_figure(courses: Mapping[str, Sequence[Course]]) -> Drawing:
    """{method: one course a seed} → the loss and the target's error over steps, and how much they sway."""
    losses = {name: _band([(one.at, one.loss) for one in several]) for name, several in courses.items()}
    errors = {name: _band([(one.steps, one.hter) for one in several]) for name, several in courses.items()}
    numbers = {name: _spread(several) for name, several in courses.items()}
    told = "; ".join(f"{name}: last error {_told(one)}" for name, one in numbers.items())
    picture = bands(
        [Panel("classification loss", losses), Panel("target HTER (source threshold)", errors, rate=True)],
        name="dtda-stability", x_label="step", spread="curves", markers=False, alt=f"Training over steps. {told}.",
    )  # fmt: skip
    return Drawing(picture, {"evaluations_in_spread": LAST, "methods": numbers})


def _spread(several: Sequence[Course]) -> dict[str, Any]:
    """hter_within_run: sample sd over a run's last evaluations.  last_hter: over seeds, its sd that between runs.

    loss_within_run: sample sd of the logged loss over the last half, as a share of its mean.  None, not 0, for a spread
    of fewer than two values.
    """
    return {
        "hter_within_run": over_seeds([_sd(one.hter[-LAST:]) for one in several]),
        "mean_hter_of_last": over_seeds([float(one.hter[-LAST:].mean()) for one in several]),
        "last_hter": over_seeds([float(one.hter[-1]) for one in several]),
        "loss_within_run": over_seeds([_sd(half, share=True) for half in map(_last_half, several)]),
        "evaluations": [len(one.hter) for one in several],
    }


def _last_half(course: Course) -> NDArray[np.float64]:
    return course.loss[len(course.loss) // 2 :]


def _sd(values: NDArray[np.float64], *, share: bool = False) -> float | None:
    """Sample deviation, of the mean's size where a share is asked for; None for a single value or none."""
    if len(values) < 2:
        return None
    spread = float(np.std(values, ddof=1))
    return spread / max(float(values.mean()), 1e-12) if share else spread


def _told(one: Mapping[str, Any]) -> str:
    within = one["hter_within_run"]["mean"]
    return f"{one['last_hter']['mean']:.1%}" + ("" if within is None else f", within a run ± {within:.1%}")


def _band(curves: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> Band:
    """Curves over the steps that any of them has; NaN where one has none."""
    x = np.unique(np.concatenate([at for at, _ in curves]))
    rows = np.full((len(curves), len(x)), np.nan)
    for row, (at, values) in zip(rows, curves, strict=True):
        row[np.searchsorted(x, at)] = values
    return Band(x.tolist(), rows)
