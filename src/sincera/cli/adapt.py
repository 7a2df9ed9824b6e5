"""`sincera adapt`: a model fitted to one's own camera."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sincera.errors import UsageError

EXAMPLE = "Example: sincera adapt --live captures/live --attacks captures/attacks --out mine.onnx"


def register(app: typer.Typer) -> None:
    """Add `sincera adapt`."""
    app.command("adapt", epilog=EXAMPLE)(adapt)


def adapt(
    out: Annotated[Path, typer.Option(help="The model file to write.")],
    live: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Own live pictures and videos: DIR/PERSON/FILE.")
    ] = None,
    attacks: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Own attacks: DIR/INSTRUMENT/PERSON/FILE.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model file; the one that comes along unless told.")] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="DIR", help="First record both classes into DIR, guided step by step.")
    ] = None,
    camera: Annotated[str, typer.Option(metavar="N | FILE", help="For --record: a camera, or a video as one.")] = "0",
    recordings: Annotated[int, typer.Option(min=1, help="For --record: of each class.")] = 2,
    ridge: Annotated[
        float | None,
        typer.Option(min=0, help="How strongly the model's answer is kept; as little as will do unless told."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="The report; beside the model file unless told.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object in place of the text.")] = False,
) -> None:
    """Fit a model to own captures: a linear head that corrects its answer for your camera. No PyTorch needed.

    Tells how it does on recordings left out (two of each class at least, else "not validated"), and refuses where it
    does not help or forgets the simulated attacks that come along.
    """
    from sincera.cli.options import check_file
    from sincera.cli.progress import bar
    from sincera.fit.adaptation_text import markdown
    from sincera.fit.adapted import adapt as fitted
    from sincera.fit.record import record as recorded
    from sincera.judge import Judge
    from sincera.runs import write_atomically

    page = report or out.with_suffix(".md")
    for option, path in (("--out", out), ("--report", page)):
        check_file(option, path)
    if record is not None and (live or attacks):
        raise UsageError("--record DIR makes both folders; leave --live and --attacks out.")
    if record is None and (live is None or attacks is None):
        raise UsageError("give --live DIR and --attacks DIR, or --record DIR to make them.")
    judge = Judge.load(model, largest=True)
    if record is not None:
        live, attacks = recorded(camera, record, recordings=recordings, ask=_ask, tell=_tell)
    assert live is not None
    assert attacks is not None
    found = fitted(judge, live, attacks, ridge=ridge, track=bar)
    text = markdown(found, judge.model.spec.name)
    write_atomically(out, found.content)
    write_atomically(page, text.encode())
    for warning in found.warnings:
        _tell(f"warning: {warning}")
    if as_json:
        print(json.dumps({"path": str(out), "report": str(page), **found.to_dict()}, allow_nan=False))
    else:
        print(f"{text}\nWrote {out} and {page}.")


def _ask(text: str) -> None:
    typer.prompt(f"{text} Press Enter when ready", default="", show_default=False, err=True)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
