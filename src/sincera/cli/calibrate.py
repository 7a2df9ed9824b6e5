"""`sincera calibrate`: a model's operating point, from own scores or own clips."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.fit.calibrate import Calibrated
    from sincera.model import ModelFile

EXAMPLE = "Example: sincera calibrate --live captures/live --rule bpcer=0.05 --out mine.onnx"


def register(app: typer.Typer) -> None:
    """Add `sincera calibrate`."""
    app.command("calibrate", epilog=EXAMPLE)(calibrate)


def calibrate(
    out: Annotated[Path, typer.Option(help="The model file to write.")],
    model: Annotated[Path | None, typer.Option(help="Model file; the one that comes along unless told.")] = None,
    scores: Annotated[
        Path | None, typer.Option(help="CSV of this model's scores with the columns label and score.")
    ] = None,
    live: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Own live pictures and videos: DIR/PERSON/FILE.")
    ] = None,
    attacks: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Own attacks: DIR/INSTRUMENT/PERSON/FILE.")
    ] = None,
    rule: Annotated[str, typer.Option(help="eer, bpcer=X (no attacks needed) or apcer=X.")] = "bpcer=0.01",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="The report; beside the model file unless told.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=0, help="Resamples for the intervals; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object in place of the text.")] = False,
) -> None:
    """Set the threshold of a model on own scores (--scores) or on own pictures and videos (--live, --attacks).

    The networks stay as they are. Prints on how many people and clips the point rests, the intervals that follow, and
    warns where these are too few; writes the same as a page of Markdown. No PyTorch needed.
    """
    from sincera.cli.options import check_file
    from sincera.fit.calibration_text import markdown
    from sincera.fit.points import fitted_rule
    from sincera.model import read_model, write_model

    if (scores is None) == (live is None):
        raise UsageError("give --scores FILE, or --live DIR with or without --attacks DIR, one of the two.")
    if attacks is not None and live is None:
        raise UsageError("--attacks goes with --live; in a score file the column label says which are attacks.")
    page = report or out.with_suffix(".md")
    for option, path in (("--out", out), ("--report", page)):
        check_file(option, path)
    fitted_rule(rule)
    found = _found(read_model(model), scores, live, attacks, rule, rounds, seed)
    written = write_model(out, read_model(model).graph, found.spec)
    text = markdown(found.report)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    for warning in found.report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if as_json:
        done = {"path": str(out), "report": str(page), "sha256": written.sha256, **found.report.to_dict()}
        print(json.dumps(done, allow_nan=False, ensure_ascii=False))
    else:
        print(f"{text}\nWrote {out} and {page}.")


def _found(
    model: ModelFile, scores: Path | None, live: Path | None, attacks: Path | None, rule: str, rounds: int, seed: int
) -> Calibrated:
    from sincera.cli.progress import bar
    from sincera.fit.calibrate import calibrate as on_scores
    from sincera.fit.calibrate import calibrate_on
    from sincera.measures.table import SourceScores, read_scores

    if scores is not None:
        table = read_scores(scores, kind=SourceScores)
        return on_scores(model, table, rule, fitted_on=scores.name, rounds=rounds, seed=seed)
    assert live is not None
    return calibrate_on(model, live, attacks, rule, rounds=rounds, seed=seed, track=bar)
