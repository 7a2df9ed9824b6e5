"""`sincera datasets card`: what a set is made of."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: sincera datasets card office=/data/our-own --faces --out cards"


def register_card(datasets: typer.Typer) -> None:
    """Add `sincera datasets card`."""
    datasets.command("card", epilog=EXAMPLE)(card)


def card(
    roots: Annotated[
        list[str], typer.Argument(metavar="NAME=ROOT...", help="O, C, I, M, S, W, V, or a name for a folder set.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
    faces: Annotated[bool, typer.Option("--faces", help="With a sheet of faces: live left, attacks right.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for NAME.md, NAME.json and NAME.png.")] = Path("cards"),
    store: Annotated[
        Path | None, typer.Option(help="Crops that are prepared already; else two frames a clip are cut for the time.")
    ] = None,
    detector: Annotated[str, typer.Option(help="Without --store: mtcnn, yunet=FILE or annotated.")] = "mtcnn",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core unless told.")] = None,
    rounds: Annotated[int, typer.Option(min=10, help="Of the bootstrap over people.")] = 1000,
    splits: Annotated[str | None, typer.Option(help="Divide folder sets' subjects, as 60/20/20.")] = None,
    seed: Annotated[int, typer.Option(help="Of that division and of the bootstrap.")] = 0,
) -> None:
    """Count clips, people and sizes, and say how well trivial cues alone tell live from attack."""
    from sincera.cli.progress import bar
    from sincera.data.card import card as describe
    from sincera.data.card_text import card_text, write_sheet
    from sincera.data.prepare import Preparation, prepare
    from sincera.data.sources import parse_roots, read_clips
    from sincera.data.store import Store
    from sincera.media import Sampling

    for root in parse_roots(roots):
        listing = read_clips(*root, splits=splits, seed=seed)
        with tempfile.TemporaryDirectory(prefix="sincera-card-") as folder:
            if store is None:
                settings = Preparation(Sampling(2), detector=detector)
                prepare(listing.clips, folder, settings, workers=workers, track=bar)
            crops = Store.open(folder if store is None else store)
            found = describe(
                listing.clips, crops, name=root.domain, simulated=listing.simulated,
                warnings=(*listing.faults, *listing.warnings), rounds=rounds, seed=seed, track=bar,
            )  # fmt: skip
            out.mkdir(parents=True, exist_ok=True)
            text, data = card_text(found), json.dumps(found.to_dict(), ensure_ascii=False)
            (out / f"{root.domain}.md").write_text(text, encoding="utf-8")
            (out / f"{root.domain}.json").write_text(data + "\n", encoding="utf-8")
            if faces:
                write_sheet(out / f"{root.domain}.png", listing.clips, crops)
        print(data if as_json else text, flush=True)
        print(f"written to {out / root.domain}.*", file=sys.stderr)
