"""`sincera score`: a run's scores of any clips."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: sincera score --run runs/baseline office=/data/office --out scores.csv"


def register(app: typer.Typer) -> None:
    """Add `sincera score`."""
    app.command("score", epilog=EXAMPLE)(score)


def score(
    roots: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=ROOT | FILE]...", help="Data sets, or files and folders without labels."),
    ] = None,
    run: Annotated[Path, typer.Option(help="The run that scores.")] = ...,  # type: ignore[assignment]
    out: Annotated[Path, typer.Option(help="The file of scores to write, one row a frame.")] = ...,  # type: ignore[assignment]
    store: Annotated[Path | None, typer.Option(help="Crops: scored as they are, or kept here for NAME=ROOT.")] = None,
    part: Annotated[
        str, typer.Option(help="Without NAME=ROOT: what the run scored (test, dev), or all of the store.")
    ] = "test",
    checkpoint: Annotated[str, typer.Option(help="source (chosen on source validation) or last.")] = "source",
    detector: Annotated[str | None, typer.Option(help="yunet=FILE, where the run was prepared with it.")] = None,
    enrolment: Annotated[bool, typer.Option("--enrolment", help="With Replay-Attack's enrolment clips.")] = False,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "auto",
) -> None:
    """Score clips with a trained run; `sincera measure` turns the file into numbers.

    Clips that were never prepared are prepared as the run's own were, into --store or a folder that is deleted again.
    """
    from sincera.cli.progress import bar
    from sincera.experiments import score_run

    scored = score_run(
        run,
        roots or (),
        out,
        store=store,
        part=part,
        which=checkpoint,
        detector=detector,
        enrolment=enrolment,
        device=device,
        track=bar,
    )
    print(f"{out}: {scored.clips} clips, {scored.frames} frames, {scored.silent} clips without an answer")
