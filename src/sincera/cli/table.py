"""`sincera table`: a paper's table, printed beside measured; what is missing is trained first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sincera.cli.options import check_file, check_folder, listing, parts, seeds_of
from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.data.protocols.protocol import Convention
    from sincera.papers.grid import TeacherScope

EXAMPLE = "\b\nExample: sincera table dtda/2 --store crops --preset tuned --seeds 0,1,2 --out table2.md"


def register(app: typer.Typer) -> None:
    """Add `sincera table`."""
    app.command("table", epilog=EXAMPLE, cls=listing("Tables", _tables))(table)


def table(
    name: Annotated[str, typer.Argument(help="Which one; they are listed below.")],
    roots: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=ROOT]...", help="Data sets, as O=FOLDER; none where --store holds all."),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of the crops; without it and without data sets a world is simulated.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Where trainings lie and are found again.")] = Path("runs"),
    preset: Annotated[
        str | None,
        typer.Option(
            help="Named settings: paper, tuned or demo.", show_default="tuned; demo where a world is simulated"
        ),
    ] = None,
    recipe: Annotated[Path | None, typer.Option(help="A TOML file of settings.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting, as optimiser.lr=0.01; may stand several times."),
    ] = None,
    seeds: Annotated[str, typer.Option(help="Each row is trained once for every seed.")] = "0,1,2",
    lists: Annotated[
        str,
        typer.Option(
            help="Which clips: all (train and test parts), whole (every clip), split (train to test part); "
            "several as all,whole."
        ),
    ] = "all",
    protocols: Annotated[str, typer.Option(help="Instead of the table's own: OCI:M,OMI:C.")] = "",
    rows: Annotated[str, typer.Option(help="Only these rows, by their short names: V1,V4,V5.")] = "",
    extra: Annotated[
        bool, typer.Option("--extra", help="Further rows: controls, and what the attack replaces.")
    ] = False,
    teacher_scope: Annotated[
        str, typer.Option(help="Meta-teachers of OULU-NPU 2 to 4: of each split, or of protocol1 as printed.")
    ] = "split",
    scale: Annotated[
        str, typer.Option(help="Size of the simulated world: mini (a tenth of tiny), tiny, small or paper.")
    ] = "tiny",
    world: Annotated[Path, typer.Option(help="Folder of the simulated world and its crops.")] = Path("simulated"),
    enrolment: Annotated[bool, typer.Option("--enrolment", help="With Replay-Attack's enrolment clips.")] = False,
    splits: Annotated[str | None, typer.Option(help="Divide folder sets' subjects, as 60/20/20.")] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Train on a Ray cluster: local, auto, HOST:PORT or ray://HOST:PORT."),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the Markdown here too.")] = None,
) -> None:
    """Train what a table of a paper lacks, and print it: printed figures beside measured ones.

    Stopped and started again it goes on; a training that is finished below --runs is read.
    """
    from sincera.cli.progress import bar
    from sincera.data.sources import parse_roots
    from sincera.papers.faces import Faces
    from sincera.papers.grid import Plan
    from sincera.papers.tables import make_table
    from sincera.runs import write_atomically

    faces = Faces(store, parse_roots(roots or ()), world, scale, enrolment=enrolment, splits=splits, track=bar)
    plan = Plan(
        preset=preset or ("demo" if faces.simulated else "tuned"),
        recipe=recipe,
        sets=tuple(set_ or ()),
        seeds=seeds_of(seeds),
        lists=_conventions(lists),
        protocols=parts(protocols),
        variants=parts(rows),
        extra=extra,
        teacher_scope=_scope(teacher_scope),
        runs=runs,
        ray=ray,
        device=device,
    )
    check_folder("--runs", runs)
    if faces.simulated:
        check_folder("--world", world)
    if out is not None:
        check_file("--out", out)
    made = make_table(name, faces, plan, track=bar)
    if out is not None:
        write_atomically(out, made.markdown().encode())
    print(json.dumps(made.to_dict(), ensure_ascii=False) if as_json else made.markdown(), end="\n" if as_json else "")


def _tables() -> dict[str, str]:
    from sincera.papers.tables import TABLES

    return {name: holds for name, (_, holds) in TABLES.items()}


def _scope(text: str) -> TeacherScope:
    from sincera.papers.grid import SCOPES

    found = next((one for one in SCOPES if one == text), None)
    if found is None:
        raise UsageError(f"--teacher-scope {text}: expected {' or '.join(SCOPES)}.")
    return found


def _conventions(text: str) -> tuple[Convention, ...]:
    from sincera.data.protocols.protocol import CONVENTIONS

    named = parts(text)
    wrong = [part for part in named if part not in CONVENTIONS]
    if wrong:
        raise UsageError(f"--lists {text}: {wrong[0]!r} is none of {', '.join(CONVENTIONS)}.")
    return tuple(one for one in CONVENTIONS if one in named)
