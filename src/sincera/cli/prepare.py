"""`sincera prepare`: clips to crops, resumable."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.data.prepare import Preparation, Summary
    from sincera.data.sources import Listing

EXAMPLE = "Example: sincera prepare O=/data/oulu office=/data/our-own --store crops --frames 8"
CONTEXT_MARGIN = 1.5  # two and a half times the face's square: hands, edges and bezels come into view
SHOWN = 20  # clips named on the terminal; clips.parquet has them all


def register(app: typer.Typer) -> None:
    """Add `sincera prepare`."""
    app.command("prepare", epilog=EXAMPLE)(prepare)


def prepare(
    roots: Annotated[
        list[str], typer.Argument(metavar="NAME=ROOT...", help="O, C, I, M, S, W, V, or a name for a folder set.")
    ],
    store: Annotated[Path, typer.Option(help="Folder of the crops; the same command again goes on.")],
    frames: Annotated[
        int, typer.Option(min=1, help="Frames a clip. Eight, spread evenly, are what most papers score at most.")
    ] = 8,
    sampling: Annotated[str, typer.Option(help="even, ssdg (frames 6, 6 + n/frames, ...) or all.")] = "even",
    size: Annotated[int, typer.Option(help="Side of a crop in pixels.")] = 256,
    margin: Annotated[
        float | None, typer.Option(help="How much wider than the aligned face the crop is.", show_default="0.3")
    ] = None,
    detector: Annotated[str, typer.Option(help="mtcnn, yunet=FILE or annotated.")] = "mtcnn",
    min_face: Annotated[int | None, typer.Option(help="Smallest face looked for, in pixels.")] = None,
    depth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Face mesh: gives live faces the depth that no truth tells.")
    ] = None,
    context_view: Annotated[bool, typer.Option("--context-view", help="A second, wider crop of each face.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core unless told.")] = None,
    ray: Annotated[str | None, typer.Option(metavar="ADDRESS", help="A Ray cluster does it: local, auto, ...")] = None,
    splits: Annotated[str | None, typer.Option(help="Divide folder sets' subjects, as 60/20/20.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of that division.")] = 0,
    enrolment: Annotated[bool, typer.Option("--enrolment", help="With Replay-Attack's enrolment clips.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as one JSON object.")] = False,
) -> None:
    """Cut the faces out of clips and put them into a store; exit 1 where clips were set aside, 2 on wrong use."""
    from sincera.cli.progress import bar
    from sincera.data.prepare import prepare as run
    from sincera.data.sources import parse_roots, read_clips

    given = parse_roots(roots)
    listings = [read_clips(*root, enrolment=enrolment, splits=splits, seed=seed) for root in given]
    for root, listing in zip(given, listings, strict=True):
        _warn(root.domain, listing)
    settings = _preparation(frames, sampling, size, margin, detector, min_face, context_view, depth)
    clips = [clip for listing in listings for clip in listing.clips]
    summary = run(clips, store, settings, workers=workers, ray=ray, track=bar)
    empty = [
        (f"{root.domain}/{a.path}", a.reason) for root, lst in zip(given, listings, strict=True) for a in lst.set_aside
    ]
    summary = replace(summary, set_aside=(*summary.set_aside, *empty))
    _complain(summary)
    print(json.dumps(asdict(summary) | {"store": str(store)}) if as_json else _text(summary, store))
    raise typer.Exit(1 if summary.set_aside else 0)


def _preparation(
    frames: int, sampling: str, size: int, margin: float | None, detector: str, min_face: int | None,
    context_view: bool, depth: Path | None,
) -> Preparation:  # fmt: skip
    from sincera.data.prepare import Preparation
    from sincera.faces.spec import DEFAULT_SPEC, CropSpec
    from sincera.media import Sampling

    margin = DEFAULT_SPEC.margin if margin is None else margin
    views = {"face": CropSpec(size=size, margin=margin)}
    if context_view:
        views["context"] = CropSpec(size=size, margin=max(CONTEXT_MARGIN, 2 * margin))
    try:
        taken = Sampling(None if sampling == "all" else frames, sampling)  # type: ignore[arg-type]
    except ValueError as error:
        raise UsageError(f"--sampling: {error}") from error
    return Preparation(taken, views, detector, min_face, depth=None if depth is None else str(depth.absolute()))


def _warn(domain: str, listing: Listing) -> None:
    for line in (*listing.faults, *listing.warnings):
        print(f"warning: {domain}: {line}", file=sys.stderr)


def _complain(summary: Summary) -> None:
    for title, found in (("set aside", summary.set_aside), ("read in part", summary.short)):
        for key, reason in found[:SHOWN]:
            print(f"{title}: {key}: {reason}", file=sys.stderr)
        if len(found) > SHOWN:
            print(f"{title}: and {len(found) - SHOWN} more; see clips.parquet", file=sys.stderr)


def _text(summary: Summary, store: Path) -> str:
    before = f" ({summary.before} were there before)" if summary.before else ""
    return (
        f"{store}: {summary.clips} clips{before}, {summary.faces} of {summary.frames} frames with a face, "
        f"{summary.no_face} clips without any, {len(summary.set_aside)} set aside"
    )
