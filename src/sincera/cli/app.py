"""The `sincera` command: one thin file a sub-command, errors on one line."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

from sincera import __version__
from sincera.errors import SinceraError

app = typer.Typer(
    name="sincera",
    help="Tell a live face from a presented picture, screen or mask.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS = (
    "demo",
    "simulate",
    "datasets",
    "protocols",
    "prepare",
    "teach",
    "train",
    "score",
    "measure",
    "table",
    "figure",
    "report",
    "export",
    "calibrate",
    "adapt",
    "judge",
    "serve",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"sincera {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Tell a live face from a presented picture, screen or mask."""


def _asked_for() -> tuple[str, ...]:
    """The command that was typed alone, since loading one file is faster than all; everything where none was."""
    typed = sys.argv[1:2]
    return tuple(typed) if typed and typed[0] in COMMANDS else COMMANDS


for _name in _asked_for():
    import_module(f"sincera.cli.{_name}").register(app)


def main() -> None:
    """Run the command line; a user's mistake ends in one clear line and exit code 2."""
    try:
        app()
    except SinceraError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
