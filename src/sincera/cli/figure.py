"""`sincera figure`: a paper's figure and its numbers, from our own runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sincera.cli.options import check_file, check_folder, listing, parts, seeds_of
from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.data.protocols.protocol import Convention

EXAMPLE = "\b\nExample: sincera figure dtda/4 --store crops --protocols OMI:C --seeds 0,1,2 --out fig4.svg"


def register(app: typer.Typer) -> None:
    """Add `sincera figure`."""
    app.command("figure", epilog=EXAMPLE, cls=listing("Figures", _figures))(figure)


def figure(
    name: Annotated[str, typer.Argument(help="Which one; they are listed below.")],
    roots: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=ROOT]...", help="Data sets, as O=FOLDER; none where --store holds all."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The picture: .svg, .png or .pdf; its numbers come beside it as .json.",
            show_default="the figure's name, as dtda-4.svg",
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(help="Folder of the crops; without it and without data sets a world is simulated and prepared."),
    ] = None,
    world: Annotated[Path, typer.Option(help="Folder of that simulated world and its crops.")] = Path("simulated"),
    scale: Annotated[str, typer.Option(help="Its size: mini (a tenth of tiny), tiny, small or paper.")] = "tiny",
    runs: Annotated[
        Path, typer.Option(help="Where trainings lie and are found again; those of `sincera table` too.")
    ] = Path("runs"),
    protocols: Annotated[
        str, typer.Option(help="Instead of the figure's own: OMI:C; several, as OCI:M,OMI:C, where it has panels.")
    ] = "",
    lists: Annotated[
        str,
        typer.Option(help="Which clips: all (train and test parts), whole (every clip), split (train to test part)."),
    ] = "all",
    recipe: Annotated[Path | None, typer.Option(help="A TOML file of settings.")] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="Named settings: paper, tuned or demo.", show_default="tuned; demo where a world is simulated"
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting, as network=small; may stand several times."),
    ] = None,
    seeds: Annotated[str, typer.Option(help="A training of each kind for every seed: 0,1,2.")] = "0",
    faces: Annotated[
        bool, typer.Option("--faces", help="Print faces of real people; without it only simulated ones.")
    ] = False,
    enrolment: Annotated[bool, typer.Option("--enrolment", help="With Replay-Attack's enrolment clips.")] = False,
    splits: Annotated[str | None, typer.Option(help="Divide folder sets' subjects, as 60/20/20.")] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Train on a Ray cluster: local, auto, HOST:PORT or ray://HOST:PORT."),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "auto",
) -> None:
    """Draw a figure of a paper and write its numbers beside it; what it needs and --runs lacks is trained first.

    Stopped and started again it goes on.
    """
    from sincera.cli.progress import bar
    from sincera.data.sources import parse_roots
    from sincera.papers.faces import Faces
    from sincera.papers.figures import Bench, draw, find_figure, simulated_domains
    from sincera.papers.grid import Plan
    from sincera.plots import check_suffix

    find_figure(name)
    target = out or Path(name.replace("/", "-") + ".svg")
    check_suffix(target)
    check_file("--out", target)
    check_folder("--runs", runs)
    given = Faces(store, tuple(parse_roots(roots or ())), world, scale, enrolment=enrolment, splits=splits, track=bar)
    if given.simulated:
        check_folder("--world", world)
    plan = Plan(
        preset=preset or ("demo" if given.simulated else "tuned"),
        recipe=recipe,
        sets=tuple(set_ or ()),
        seeds=seeds_of(seeds),
        lists=(_convention(lists),),
        protocols=parts(protocols),
        runs=runs,
        ray=ray,
        device=device,
    )
    made = simulated_domains(name, plan.protocols)
    domains = given.domains(made)
    drawing = draw(name, Bench(lambda: given.store(made), plan, domains=domains, faces=faces, track=bar))
    numbers = drawing.save(target)
    print(f"{target}: {drawing.picture.alt}")
    print(f"{numbers}: its numbers")


def _figures() -> dict[str, str]:
    from sincera.papers.names import FIGURES

    return {name: shows for name, (_, shows) in FIGURES.items()}


def _convention(text: str) -> Convention:
    from sincera.data.protocols.protocol import CONVENTIONS

    for known in CONVENTIONS:
        if text == known:
            return known
    raise UsageError(f"--lists {text}: expected one of {', '.join(CONVENTIONS)}.")
