"""`sincera simulate`: domains, people and recaptured pictures that nobody has to sign a licence for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

EPILOG = (
    "Scales (two cores): mini 64 clips, 320 frames, longer side 320, for tests, 15 s; tiny 240 clips, 3,300 frames, "
    "480, under 90 s; small 813 clips, 17,060 frames, 480, 10 minutes; paper the owners' whole grids, 7,030 clips, "
    "421,800 frames, 640, 6 hours. I keeps its 320. --domains W: mini 21 videos, tiny 92 "
    "(1 minute), small 316, paper 1,628. --domains S writes pictures: mini 42, tiny 216, small 1,152. "
    "Example: sincera simulate world --scale tiny"
)


def register(app: typer.Typer) -> None:
    """Add `sincera simulate`."""
    app.command("simulate", epilog=EPILOG)(simulate)


def simulate(
    out: Annotated[Path, typer.Argument(help="The folder to write; a second run goes on where the first stopped.")],
    scale: Annotated[str, typer.Option(help="mini, tiny, small or paper.")] = "tiny",
    domains: Annotated[str, typer.Option(help="Which of O, C, I, M, W, S to write.")] = "OCIM",
    live: Annotated[Path | None, typer.Option(help="Recapture this folder's live pictures instead.")] = None,
    each: Annotated[int, typer.Option(help="With --live: attacks a picture.")] = 2,
    species: Annotated[str, typer.Option(help="With --live: instruments, by turns.")] = "paper,screen",
    people: Annotated[int | None, typer.Option(help="Write so many labelled people instead.")] = None,
    pictures: Annotated[int, typer.Option(help="With --people: pictures of each.")] = 8,
    size: Annotated[int, typer.Option(help="With --people: side of a picture in pixels.")] = 256,
    sheet: Annotated[Path | None, typer.Option(help="Also write a contact sheet of the world (.jpg or .png).")] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another world.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Processes; one for each core if left out.")] = None,
) -> None:
    """Write simulated sets in the layouts of OULU-NPU, CASIA-FASD, Replay-Attack, MSU-MFSD, SiW-M and CelebA-Spoof."""
    from sincera.cli.progress import bar
    from sincera.errors import UsageError

    if live is not None and people is not None:
        raise UsageError("--live and --people are two jobs: give one of them")
    if sheet is not None and (live is not None or people is not None):
        raise UsageError("--sheet shows a simulated world: it goes with neither --live nor --people")
    if live is not None:
        from sincera.simulate.recapture import write_recaptures

        written = write_recaptures(
            out, live, seed=seed, each=each, species=species.split(","), detector="mtcnn", workers=workers, track=bar
        )
        print(f"{written} attacks and their live pictures in {out}")
        return
    if people is not None:
        from sincera.simulate.people import write_people

        written = write_people(out, people, pictures, seed=seed, size=size, workers=workers, track=bar)
        print(f"{written} pictures of {people} people in {out}")
        return
    from sincera.simulate.world import write_world

    roots = write_world(out, scale=scale, seed=seed, domains=domains, workers=workers, track=bar)
    print(" ".join(f"{name}={root}" for name, root in roots.items()))
    if sheet is not None:
        from sincera.simulate.contacts import write_sheet

        write_sheet(sheet, roots)
        print(f"contact sheet: {sheet}", file=sys.stderr)
