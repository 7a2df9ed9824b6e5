"""`sincera demo`: from videos on disk to an honest cross-data-set number, on a simulated world."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: sincera demo --out sincera-demo"


def register(app: typer.Typer) -> None:
    """Add `sincera demo`."""
    app.command("demo", epilog=EXAMPLE)(demo)


def demo(
    out: Annotated[Path, typer.Option(help="Folder of everything; the same command again goes on there.")] = Path(
        "sincera-demo"
    ),
    scale: Annotated[str, typer.Option(help="Size of the world: tiny, or mini (a tenth).")] = "tiny",
    seed: Annotated[int, typer.Option(min=0, help="Decides people, cameras, attacks and training.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core unless told.")] = None,
) -> None:
    """Simulate four data sets, audit them, cut faces, train on O, C and I, and test on M, never seen.

    Ends with the table (ST, LE, TT and the best trivial cue) and a report page.
    """
    from sincera.cli.progress import bar
    from sincera.demo import PROTOCOL, run_demo
    from sincera.evaluate import as_table

    done = run_demo(out, scale=scale, seed=seed, workers=workers, tell=_to_stderr, track=bar)
    for run in done.runs:
        measures = run.measures()
        print(f"\n{run.folder.name}: {PROTOCOL}, simulated, seed {seed}; percent [95 % over subjects]")
        if measures is not None:
            print(as_table(measures))
    print("\ntook " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in done.seconds.items()))
    print(f"maps: {done.maps}")
    print(f"report: {done.report}")


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)
