"""`sincera teach`: a recognition or attribute teacher from labelled faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = (
    "Example: sincera simulate people --people 50, then sincera teach recognition people=people --store faces "
    "--out recognition.safetensors --preset packaged"
)


def register(app: typer.Typer) -> None:
    """Add `sincera teach`."""
    app.command("teach", epilog=EXAMPLE)(teach)


def teach(
    kind: Annotated[str, typer.Argument(help="recognition (who) or attributes (what a person looks like).")],
    roots: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=ROOT]...", help="Data sets; none where --store holds all.")
    ] = None,
    store: Annotated[Path, typer.Option(help="Folder of the crops; what is missing there is prepared.")] = Path(
        "crops"
    ),
    out: Annotated[Path, typer.Option(metavar="FILE.safetensors", help="Where the teacher is written.")] = ...,  # type: ignore[assignment]
    attributes: Annotated[
        str | None, typer.Option(metavar="NAMES", help="With attributes: which, by commas, as Male,Young.")
    ] = None,
    recipe: Annotated[Path | None, typer.Option(help="A TOML file of settings.")] = None,
    preset: Annotated[str | None, typer.Option(help="Named settings: paper or packaged.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting, as optimiser.lr=0.01.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides everything that is drawn at random.")] = 0,
    runs: Annotated[Path, typer.Option(help="Where runs lie; the same command goes on with its own.")] = Path("runs"),
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "auto",
) -> None:
    """Train a teacher on live faces, and print what it knows of people whom it never saw.

    Some people are kept aside to choose a checkpoint by, others to measure on. The same command again resumes.
    Start it under torchrun to use several processes.
    """
    from sincera.cli.progress import bar
    from sincera.data.sources import parse_roots
    from sincera.errors import UsageError
    from sincera.experiments import open_store
    from sincera.progress import silent
    from sincera.recipe import load_recipe
    from sincera.teachers.files import check_name, save_teacher
    from sincera.teachers.text import describe
    from sincera.teachers.training import load_kind
    from sincera.teachers.training import teach as run
    from sincera.train.precision import pick_device
    from sincera.train.ranks import from_first_rank, process_group, rank

    taught_by = load_kind(kind)
    check_name(out)
    chosen = list(set_ or ())
    if attributes is not None:
        if kind != "attributes":
            raise UsageError(f"--attributes goes with `sincera teach attributes`, not with {kind}.")
        chosen.append(f"attributes={[name.strip() for name in attributes.split(',')]}")
    settings = load_recipe(taught_by.recipe_type, preset=preset, toml=recipe, sets=chosen)
    given = parse_roots(roots or ())
    words = ["sincera teach", kind, *([f"--preset {preset}"] if preset else ()), *(f"--set {one}" for one in chosen)]
    command = " ".join([*words, f"--seed {seed}"])
    with process_group(pick_device(device)) as place:
        track = bar if rank() == 0 else silent
        crops, clips = from_first_rank(lambda: open_store(store, given, seed=seed, track=track))
        done = run(
            taught_by, settings, crops, seed=seed, clips=clips, runs=runs, device=place, command=command, track=track
        )
        if rank() == 0:
            save_teacher(out, done.method.chosen, kind=taught_by.kind, facts=done.facts)
            print(describe(out, done.method.chosen, done.facts))
