"""The `sincera` command: one thin file a sub-command, errors on one line."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
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
    "judge",
    "measure",
    "table",
    "figure",
    "report",
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


for _name in COMMANDS:
    if find_spec(f"sincera.cli.{_name}"):
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
