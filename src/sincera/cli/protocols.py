"""`sincera protocols`: who trains, who validates, who is tested."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

EXAMPLE = "Example: sincera protocols O=/data/oulu C=/data/casia M=/data/msu --lists split"


def register(app: typer.Typer) -> None:
    """Add `sincera protocols`."""
    app.command("protocols", epilog=EXAMPLE)(protocols)


def protocols(
    roots: Annotated[list[str] | None, typer.Argument(metavar="[NAME=ROOT...]", help="Count in these folders.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    protocol: Annotated[list[str] | None, typer.Option(help="Only this one: OCI:M, nuaa+O:M, oulu/1, my.toml.")] = None,
    lists: Annotated[str, typer.Option(help="Convention: all, whole or split.")] = "all",
    validation: Annotated[str, typer.Option(help="source, or none: everybody trains.")] = "source",
    seed: Annotated[int, typer.Option(help="Draws the validation people and divides folder sets.")] = 0,
    splits: Annotated[str | None, typer.Option(help="Divide folder sets' subjects, as 60/20/20.")] = None,
    enrolment: Annotated[bool, typer.Option("--enrolment", help="With Replay-Attack's enrolment clips.")] = False,
) -> None:
    """Print the protocols; with folders, the clips (live + attack) and people of each list."""
    from sincera.data.protocols.overview import overview, overview_text
    from sincera.data.sources import parse_roots, read_clips

    given = parse_roots(roots or ())
    options: dict[str, Any] = {"lists": lists, "validation": validation, "seed": seed}
    if given:
        listings = [read_clips(*root, enrolment=enrolment, splits=splits, seed=seed) for root in given]
        options["domains"] = [root.domain for root in given]
        options["clips"] = [clip for listing in listings for clip in listing.clips]
    entries = overview(protocol or (), **options)
    print(
        "\n".join(json.dumps(e.to_dict(), ensure_ascii=False) for e in entries) if as_json else overview_text(entries)
    )
