"""`sincera datasets`: which sets are known, and whether a folder is one of them and whole."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from sincera.errors import SinceraError

EXAMPLE = "Example: sincera datasets check O=/data/oulu C=/data/casia office=/data/our-own"
CARD = "sincera.cli.card"  # holds `register_card(datasets_app)`


def register(app: typer.Typer) -> None:
    """Add `sincera datasets list | check | card`."""
    datasets = typer.Typer(
        help="Known data sets, and whether a folder is one of them and whole.", rich_markup_mode=None
    )
    datasets.callback(invoke_without_command=True)(_list_by_default)
    datasets.command("list")(list_sets)
    datasets.command("check", epilog=EXAMPLE)(check)
    if find_spec(CARD):
        import_module(CARD).register_card(datasets)
    app.add_typer(datasets, name="datasets")


def _list_by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_sets()


def list_sets(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print the known sets with their official counts.  Example: sincera datasets list --json"""
    from sincera.data.known import known_sets, known_text

    known = known_sets()
    print("\n".join(json.dumps(item.to_dict()) for item in known) if as_json else known_text(known))


def check(
    roots: Annotated[
        list[str], typer.Argument(metavar="NAME=ROOT...", help="O, C, I, M, S, W, V, or a name for a folder set.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Decode every frame of every clip.")] = False,
    splits: Annotated[str | None, typer.Option(help="Divide folder sets' subjects, as 60/20/20.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of that division.")] = 0,
) -> None:
    """Compare folders with the official counts and grids; exit 1 when something is off, 2 when a root is wrong."""
    from sincera.cli.progress import bar
    from sincera.data.audit import audit
    from sincera.data.audit_text import audit_text
    from sincera.data.sources import parse_roots

    worst = 0
    for root in parse_roots(roots):
        try:
            found = audit(root.domain, Path(root.path), deep=deep, splits=splits, seed=seed, track=bar)
        except SinceraError as error:
            print(f"error: {error}", file=sys.stderr)
            worst = 2
            continue
        print(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else audit_text(found), flush=True)
        worst = max(worst, 0 if found.ok else 1)
    raise typer.Exit(worst)
