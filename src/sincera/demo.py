"""The whole chain on a simulated world: write it, audit it, cut faces, train on three domains, test on the fourth.

The baseline first, then DTDA whole, with both teachers from the package and the domain adversarial attack, then MT-FAS:
FAS-DR-BC under a meta-teacher, whose maps are drawn beside the detector's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sincera.data.audit import Audit, audit
from sincera.data.audit_text import audit_text
from sincera.data.prepare import Preparation, prepare
from sincera.data.protocols import parse_protocol
from sincera.data.sources import parse_roots, read_clips
from sincera.data.store import Store
from sincera.errors import LayoutError
from sincera.faces.spec import CropSpec
from sincera.media import Sampling
from sincera.progress import Track, silent
from sincera.runs import Run

if TYPE_CHECKING:
    from sincera.papers.figures import Drawing

PROTOCOL = "OCI:M"
MAPS = "mtfas: faces of the target by class and verdict, the detector's map of them and what its meta-teacher shows."
METHODS = ("baseline", "dtda", "mtfas")
PRESET = "demo"
PREPARATION = Preparation(Sampling(8, "even"), {"face": CropSpec(size=128)}, "mtcnn", None)


def nowhere(text: str) -> None:
    """The `tell` of a caller that wants to hear nothing."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demo leaves: one run a method, the page, the picture of the maps, and each step's seconds."""

    runs: tuple[Run, ...]
    report: Path
    maps: Path
    seconds: dict[str, float] = field(default_factory=dict)


def run_demo(
    out: Path,
    *,
    scale: str = "tiny",
    seed: int = 0,
    workers: int | None = None,
    tell: Callable[[str], None] = nowhere,
    track: Track = silent,
) -> Demo:
    """Run the chain in `out`; the same call again goes on where it was interrupted.

    scale: of the simulated world, `mini` or `tiny`.  tell: hears a line or two about each step.
    LayoutError where the world on disk is not what was written.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "simulate"):
        roots = _simulate(out / "world", scale=scale, seed=seed, workers=workers, track=track)
    with _timed(seconds, "audit"):
        for domain, root in roots.items():
            tell(audit_text(_audited(domain, root, track)))
    with _timed(seconds, "prepare"):
        store = _prepare(roots, out / "crops", workers=workers, track=track, tell=tell)
    runs = []
    for method in METHODS:
        with _timed(seconds, method):
            runs.append(_train(method, store, out / "runs", seed=seed, track=track))
    from sincera.report import write_report

    with _timed(seconds, "report"):
        drawing = _maps(store, out / "runs", seed=seed, track=track)
        drawing.save(maps := out / "maps.png")
        report = write_report(
            [run.folder for run in runs], out / "report.html", further={MAPS: drawing.picture}, track=track
        )
    return Demo(tuple(runs), report, maps, seconds)


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    seconds[name] = time.monotonic() - start


def _simulate(out: Path, *, scale: str, seed: int, workers: int | None, track: Track) -> dict[str, Path]:
    from sincera.simulate.world import write_world

    return write_world(out, scale=scale, seed=seed, workers=workers, track=track)


def _audited(domain: str, root: Path, track: Track) -> Audit:
    found = audit(domain, root, track=track)
    if not found.ok:
        raise LayoutError(
            f"{root}: the simulated world is not whole. Run `sincera datasets check {domain}={root}` to see what is "
            "off; delete the folder to have it written again."
        )
    return found


def _prepare(
    roots: dict[str, Path], folder: Path, *, workers: int | None, track: Track, tell: Callable[[str], None]
) -> Store:
    listings = [read_clips(*root) for root in parse_roots(f"{domain}={root}" for domain, root in roots.items())]
    clips = [clip for listing in listings for clip in listing.clips]
    summary = prepare(clips, folder, PREPARATION, workers=workers, track=track)
    tell(f"{summary.faces} of {summary.frames} frames of {summary.clips} clips with a face")
    return Store.open(folder)


def _train(method: str, store: Store, runs: Path, *, seed: int, track: Track) -> Run:
    from sincera.experiments import run_experiment
    from sincera.methods import load_method
    from sincera.recipe import load_recipe

    recipe = load_recipe(load_method(method).recipe_type, preset=PRESET)
    protocol = parse_protocol(PROTOCOL, seed=seed)
    return run_experiment(method, recipe, protocol, store, seed=seed, runs=runs, track=track)


def _maps(store: Store, runs: Path, *, seed: int, track: Track) -> Drawing:
    """What detector and meta-teacher show of the target's faces; nothing is trained that is not there."""
    from sincera.papers.figures import Bench
    from sincera.papers.grid import Plan
    from sincera.papers.mtfas.figures.confusion import draw_judged
    from sincera.papers.mtfas.variants import BC_MT

    plan = Plan(preset=PRESET, seeds=(seed,), protocols=(PROTOCOL,), runs=runs, device="cpu")
    return draw_judged(Bench(lambda: (store, None), plan, track=track), BC_MT, PROTOCOL)
