"""`sincera report`: runs → one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def report(
        runs: Annotated[list[Path], typer.Argument(help="Run folders; seeds of one training are shown together.")],
        out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("report.html"),
        faces: Annotated[bool, typer.Option("--faces", help="Show crops of real people too.")] = False,
        store: Annotated[Path | None, typer.Option("--store", help="Crop store, where the runs name none.")] = None,
    ) -> None:
        """Write one self-contained HTML page on these runs.

        Example: sincera report runs/baseline-0 runs/baseline-1 --out report.html
        """
        from sincera.cli.progress import bar
        from sincera.report import write_report

        print(write_report(runs, out, faces=faces, store=store, track=bar))
