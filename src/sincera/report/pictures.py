"""The report's pictures: which scores and which lines of the log are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sincera.errors import ScoreError
from sincera.measures.rates import eer
from sincera.measures.table import ScoreTable
from sincera.plots import Picture, Series, det, histogram, roc, training
from sincera.report.results import Group, Result, run_names

_NO_CURVE = frozenset({"stage", "step", "lr", "source_choice", "dev_faces"})
ERRORS = "error (EER)"


def score_curves(groups: Sequence[Group]) -> tuple[Picture, Picture]:
    """ROC and DET of all runs, a dot where the headline policy's threshold lies."""
    named = run_names(groups)
    tables = {name: result.scores for name, result in named.items()}
    dots = {
        name: result.thresholds[result.headline]
        for name, result in named.items()
        if result.headline in result.thresholds
    }
    return roc(tables, dots), det(tables, dots)


def score_histograms(groups: Sequence[Group]) -> list[Picture]:
    """The first run of each group: live and every species, with the thresholds of the policies."""
    return [
        histogram(group.first.scores, group.first.thresholds, name=f"histogram-{number}", title=_title(group))
        for number, group in enumerate(groups)
    ]


def training_curves(groups: Sequence[Group]) -> list[Picture]:
    """The first run of each group: what each stage logged, and the errors of every evaluation."""
    pictures = []
    for number, group in enumerate(groups):
        panels = dict(_logged(group.first.run.log())) | _errors(group.first)
        if panels:
            chosen = group.first.policies.get("ST", {}).get("steps")
            marks = {"ST": float(chosen[0])} if chosen else None
            pictures.append(training(panels, rates=(ERRORS,), marks=marks, name=f"training-{number}"))
    return pictures


def _title(group: Group) -> str:
    seed = group.first.seed
    return f"{group.name}, seed {seed}" if len(group.results) > 1 and seed is not None else group.name


def _logged(lines: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Series]]]:
    """A panel for each stage with every scalar that it logged."""
    for stage in dict.fromkeys(str(line.get("stage", "")) for line in lines):
        mine = [line for line in lines if str(line.get("stage", "")) == stage]
        names = dict.fromkeys(name for line in mine for name, value in line.items() if _drawn(name, value))
        curves = {}
        for name in names:
            points = [(line["step"], line[name]) for line in mine if _drawn(name, line.get(name))]
            curves[name] = Series([step for step, _ in points], [value for _, value in points])
        if curves:
            yield (f"stage {stage}: {next(iter(curves))}" if len(curves) == 1 else f"stage {stage}", curves)


def _drawn(name: str, value: object) -> bool:
    return name not in _NO_CURVE and isinstance(value, int | float)


def _errors(result: Result) -> dict[str, dict[str, Series]]:
    """Equal error rates of source validation and target at every evaluation, to compare their course."""
    source: list[tuple[int, float]] = []
    target: list[tuple[int, float]] = []
    for evaluation in result.run.evaluations():
        for points, table in ((source, evaluation.source), (target, evaluation.target)):
            rate = None if table is None else _error(table)
            if rate is not None:
                points.append((evaluation.step, rate))
    curves = {
        name: Series([step for step, _ in points], [rate for _, rate in points])
        for name, points in (("source validation", source), ("target", target))
        if points
    }
    return {ERRORS: curves} if curves else {}


def _error(table: ScoreTable) -> float | None:
    """None where the scores of one class are missing."""
    by_clip = table.by_clip()
    answered = by_clip.select(by_clip.answered)
    try:
        return float(eer(answered.score, answered.label))
    except ScoreError:
        return None
