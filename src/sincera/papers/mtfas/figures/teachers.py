"""Which meta-teachers the figures show: the rows of the tables, without the detector that those train afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sincera.errors import UsageError
from sincera.methods.metateacher import OWN, MTFASRecipe
from sincera.papers.figures import Bench
from sincera.papers.grid import Variant
from sincera.papers.mtfas.variants import OFF, SIX, taught

_ROWS: Mapping[str, Variant] = {row.name: row for row in SIX}


def alone(row: Variant) -> Variant:
    """The same teacher for those who look at its maps alone: its detector is trained for one step.

    Stages are found below --runs, so that neither a table's training after it nor one before it makes it twice.
    """
    return replace(row, name=f"{row.name}-teacher", sets=(*row.sets, "length=1 steps"))


FULL = alone(_ROWS["MT"])
ABLATIONS: Mapping[str, Variant] = {  # in the order of Fig. 10
    "without MT$_v$": alone(_ROWS["no-MT_v"]),
    "without\npre-training": alone(_ROWS["no-pre"]),
    **{
        f"γ = {gamma:g}": alone(
            taught("fasdr", name=f"gamma-{gamma:g}", title=f"γ {gamma:g}", sets=(f"bilevel.gamma={gamma}",),
                   refuses=OFF[1:])
        )
        for gamma in (0.99, 1.0)
    },
    "without\nadaptation": alone(_ROWS["no-adapt"]),
    "ResNet-8": alone(_ROWS["resnet"]),
    "full": FULL,
}  # fmt: skip


def check_own(bench: Bench, row: Variant) -> None:
    """UsageError where a setting takes the teacher from a file: all rows would show the same one."""
    recipe = bench.plan.recipes([row])[row.name]
    if isinstance(recipe, MTFASRecipe) and recipe.teacher.origin != OWN:
        raise UsageError(
            f"found teacher.origin = {recipe.teacher.origin}; this figure shows how teachers are trained, so that each "
            "of its rows needs one of its own. Leave that setting out."
        )
