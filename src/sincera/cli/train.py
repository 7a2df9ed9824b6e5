"""`sincera train`: a method on a protocol, prepared, trained, resumed and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

EXAMPLE = "Example: sincera train baseline O=world/O C=world/C I=world/I M=world/M --protocol OCI:M --preset demo"


def register(app: typer.Typer) -> None:
    """Add `sincera train`."""
    app.command("train", epilog=EXAMPLE)(train)


def train(
    method: Annotated[str, typer.Argument(help="A method's name, such as baseline.")],
    roots: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=ROOT]...", help="Data sets; none where --store holds all.")
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="Who trains and who is tested: OCI:M, nuaa+O:webcam, a TOML file.")
    ] = ...,  # type: ignore[assignment]
    store: Annotated[Path, typer.Option(help="Folder of the crops; what is missing there is prepared.")] = Path(
        "crops"
    ),
    run: Annotated[
        Path | None, typer.Option(help="The run's folder; by default one below --runs, named after the settings.")
    ] = None,
    runs: Annotated[
        Path, typer.Option(help="Where runs lie; stages that one of them finished are not trained again.")
    ] = Path("runs"),
    recipe: Annotated[Path | None, typer.Option(help="A TOML file of settings.")] = None,
    preset: Annotated[str | None, typer.Option(help="Named settings: paper, tuned or demo.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting, as optimiser.lr=0.01.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides everything that is drawn at random.")] = 0,
    lists: Annotated[str, typer.Option(help="Lists of a cross-data-set protocol: all, whole or split.")] = "all",
    validation: Annotated[
        str, typer.Option(help="source keeps people aside to choose on; none trains on all.")
    ] = "source",
    weights: Annotated[str | None, typer.Option(metavar="FILE", help="Initial weights: a file, or imagenet.")] = None,
    enrolment: Annotated[bool, typer.Option("--enrolment", help="With Replay-Attack's enrolment clips.")] = False,
    splits: Annotated[str | None, typer.Option(help="Divide folder sets' subjects, as 60/20/20.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "auto",
) -> None:
    """Train a method, and print its error on the target; the same command again resumes.

    Start it under torchrun to use several processes.
    """
    from sincera.cli.progress import bar
    from sincera.data.protocols import parse_protocol
    from sincera.data.sources import parse_roots
    from sincera.evaluate import as_table
    from sincera.experiments import open_store, run_experiment
    from sincera.methods import load_method
    from sincera.progress import silent
    from sincera.recipe import load_recipe
    from sincera.train.precision import pick_device
    from sincera.train.ranks import from_first_rank, process_group, rank

    conventions: dict[str, Any] = {"lists": lists, "validation": validation}
    plan = parse_protocol(protocol, **conventions, seed=seed)
    chosen = [*(set_ or ()), *([f"weights={weights}"] if weights else ())]
    settings = load_recipe(load_method(method).recipe_type, preset=preset, toml=recipe, sets=chosen)
    given = parse_roots(roots or ())
    with process_group(pick_device(device)) as place:
        track = bar if rank() == 0 else silent
        crops, clips = from_first_rank(
            lambda: open_store(store, given, enrolment=enrolment, splits=splits, seed=seed, track=track)
        )
        done = run_experiment(
            method, settings, plan, crops, seed=seed, clips=clips, run=run, runs=runs, device=place, track=track
        )
        if rank() == 0:
            measures = done.measures()
            print(f"{done.folder}: {plan.title}, seed {seed}; percent [95 % over subjects]")
            print(as_table(measures) if measures else "a teacher: nothing to measure")
