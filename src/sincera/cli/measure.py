"""`sincera measure`: a score file into error rates with intervals."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from sincera.measures.paired import Paired
    from sincera.measures.table import ScoreTable, SourceScores, TargetScores
    from sincera.measures.threshold import Threshold
    from sincera.progress import Track

Scores = TypeVar("Scores", bound="ScoreTable")
COMPARED = ("hter", "auc", "apcer_max", "bpcer")
LARGE_FILE = 50_000_000


class Unit(StrEnum):
    """What is decided on."""

    CLIP = "clip"
    FRAME = "frame"


def register(app: typer.Typer) -> None:
    app.command("measure")(measure)


def measure(
    scores: Annotated[Path, typer.Argument(help="CSV with at least the columns label and score.")],
    dev: Annotated[Path | None, typer.Option(help="Scores to fit the threshold on.")] = None,
    rule: Annotated[
        str | None, typer.Option(help="eer (default with --dev), bpcer=X, apcer=X or target-eer (default without).")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Error rates of each group of this column too.")] = None,
    unit: Annotated[Unit, typer.Option(help="Average a clip's frames first, or decide frame by frame.")] = Unit.CLIP,
    live_is_high: Annotated[
        bool, typer.Option("--live-is-high", help="The files' scores rise with live; negate them.")
    ] = False,
    against: Annotated[Path | None, typer.Option(help="Compare with another file of the same clips.")] = None,
    against_dev: Annotated[Path | None, typer.Option(help="Scores to fit the other file's threshold on.")] = None,
    rounds: Annotated[int, typer.Option(min=0, help="Resamples for the intervals; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object; rates are fractions.")] = False,
) -> None:
    """Error rates of a score file, with intervals over people.

    Scores rise with attack; labels are live, attack (or spoof), 0 or 1; an empty score is a non-response. Columns
    clip, domain, subject, attack and frame are used where they are there. The threshold comes from --dev; without it,
    from the file itself (target-eer), which flatters.

    Example: sincera measure scores.csv --dev dev.csv --rule bpcer=0.01 --by sex
    """
    from sincera.measures.describe import describe, describe_paired
    from sincera.measures.selection import target_threshold
    from sincera.measures.summary import measure as measure_table
    from sincera.measures.table import SourceScores, TargetScores

    rule = _checked(rule, dev, against, against_dev, rounds)
    target = _read(scores, TargetScores, unit, live_is_high, by)
    if dev and rule != "target-eer":
        source = _read(dev, SourceScores, unit, live_is_high)
        _warn_of_overlap(source, target, dev)
        threshold = _fitted(source, rule, dev)
    else:
        threshold = target_threshold(target, unit="frame", fitted_on=scores.name)
    measures = measure_table(target, threshold, rounds=rounds, seed=seed, by=by, unit=unit.value, track=_track(scores))
    if measures.auc < 0.5:
        _warn("the AUC is below 0.5: where these scores rise with live, give --live-is-high")
    pairs: list[Paired] = []
    if against:
        other = _read(against, TargetScores, unit, live_is_high)
        if against_dev:
            others = _fitted(_read(against_dev, SourceScores, unit, live_is_high), rule, against_dev)
        elif rule == "target-eer":
            others = target_threshold(other, unit="frame", fitted_on=against.name)
        else:
            others = threshold
            _warn(f"{against.name} is judged at the same threshold; --against-dev FILE fits one of its own")
        pairs = _compare((target, other), (threshold, others), rounds, seed, _track(scores))
    if as_json:
        found = measures.to_dict() | ({"against": {one.rate: one.to_dict() for one in pairs}} if pairs else {})
        print(json.dumps(found, indent=2, allow_nan=False, ensure_ascii=False))
        return
    print(describe(measures, scores.name))
    if against:
        print("\n" + describe_paired(pairs, scores.name, against.name))


def _checked(rule: str | None, dev: Path | None, against: Path | None, against_dev: Path | None, rounds: int) -> str:
    """The rule, with its default; UsageError before anything is read."""
    from sincera.errors import UsageError
    from sincera.measures.threshold import parse_rule

    rule = rule or ("eer" if dev else "target-eer")
    kind = parse_rule(rule).kind
    if kind != "target-eer" and not dev:
        raise UsageError(
            f"rule {rule} fits its threshold on other scores than it judges: give them by --dev FILE, "
            "or use target-eer."
        )
    if against_dev and not against:
        raise UsageError("--against-dev fits the threshold of the file that --against names; give --against FILE too.")
    if against_dev and kind == "target-eer":
        raise UsageError("rule target-eer fits no threshold on --against-dev; leave it out, or give --dev too.")
    if against and rounds < 1:
        raise UsageError("--against compares by resampling; give at least --rounds 1.")
    if dev and kind == "target-eer":
        _warn(f"{dev.name} is not used: rule target-eer takes the threshold from the measured scores themselves")
    return rule


def _read(path: Path, kind: type[Scores], unit: Unit, live_is_high: bool, by: str | None = None) -> Scores:
    from sincera.measures.table import read_scores

    table = read_scores(path, live_is_high=live_is_high, kind=kind, columns=[by] if by else [], track=_track(path))
    return table.by_clip() if unit is Unit.CLIP else table


def _fitted(source: SourceScores, rule: str, path: Path) -> Threshold:
    from sincera.measures.selection import fit_threshold

    domains = f", domains {'&'.join(source.domains)}" if source.domains else ""
    threshold = fit_threshold(source, rule, unit="frame", fitted_on=f"{path.name}{domains}")
    kind, _, rate = rule.partition("=")
    answers = int(((source.label == (kind == "apcer")) & source.answered).sum())
    if rate and 0 < float(rate) * answers < 1:
        _warn(f"{path.name} has {answers} answers of that class, too few for {rule}: none of them may err")
    return threshold


def _warn_of_overlap(source: SourceScores, target: TargetScores, dev: Path) -> None:
    from sincera.measures.conflicts import in_both

    for what, names in in_both(source, target).items():
        if names:
            some = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
            _warn(f"{what} that stand in {dev.name} too: {len(names)} ({some}); the threshold has seen them")


def _compare(
    tables: tuple[ScoreTable, ScoreTable], thresholds: tuple[Threshold, Threshold], rounds: int, seed: int, track: Track
) -> list[Paired]:
    from sincera.measures.paired import paired_bootstrap

    return [
        paired_bootstrap(*tables, *thresholds, rate=rate, rounds=rounds, seed=seed, unit="frame", track=track)
        for rate in COMPARED
    ]


def _track(path: Path) -> Track:
    """A bar where the file is large enough to wait for."""
    from sincera.cli.progress import bar
    from sincera.progress import silent

    return bar if path.is_file() and path.stat().st_size > LARGE_FILE else silent


def _warn(message: str) -> None:
    print(f"warning: {message}", file=sys.stderr)
