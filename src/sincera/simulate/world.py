"""Simulated data sets on disk, in their owners' layouts: videos, annotations, lists, and the truth beside each clip.

    OUT/O, OUT/C, OUT/I, OUT/M      each a root for `NAME=ROOT`, with sincera-world.json: what it set out to hold

A clip appears under its name when it is whole, its truth and annotation before it, so a second run goes on where the
first one stopped, and writes nothing again.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np

from sincera import __version__
from sincera.data.sources.annotations import Form, format_annotation
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import UsageError
from sincera.faces.face import Face
from sincera.media import write_video
from sincera.progress import Track, silent
from sincera.simulate.domains import DOMAINS
from sincera.simulate.plan import ClipPlan, DomainPlan, plan_world
from sincera.simulate.scene import Anchor, Points
from sincera.simulate.truth import truth_path, write_truth

LARGEST_EYES = 72.0  # pixels between the eyes in a take: no clip of any scale shows more, and memory stays bounded


@dataclass(frozen=True, slots=True)
class Sitting:
    """The clips of one person that are still to be written, as one task for one process."""

    root: Path
    seed: tuple[int, ...]
    clips: tuple[ClipPlan, ...]


def write_world(
    out: Path, *, scale: str = "tiny", seed: int = 0, domains: str = "OCIM", workers: int | None = None, track: Track = silent
) -> dict[str, Path]:
    """Write the domains that are asked for below `out`; gives their roots.

    scale: mini (a tenth of tiny, for tests), tiny, small or paper.  workers: processes, None for one a core.
    UsageError where `out` holds another world already.
    """
    plans = plan_world(scale, domains)
    roots = {plan.key: out / plan.key for plan in plans}
    for plan in plans:
        _begin(roots[plan.key], plan, scale=scale, seed=seed)
    sittings = [sitting for plan in plans for sitting in _sittings(roots[plan.key], plan, seed)]
    clips = sum(len(sitting.clips) for sitting in sittings)
    for _ in track(_written(sittings, _cores(workers)), "simulating clips", clips):
        pass
    return {str(key): root for key, root in roots.items()}


def _begin(root: Path, plan: DomainPlan, *, scale: str, seed: int) -> None:
    """The world file and the owner's lists; refuses a folder that was begun with other settings."""
    root.mkdir(parents=True, exist_ok=True)
    text = format_world(plan.key, (clip.path for clip in plan.clips), scale=scale, seed=seed, version=__version__)
    file = root / WORLD_FILE
    if not file.exists():
        if any(root.iterdir()):
            raise UsageError(f"{root}: holds files but no {WORLD_FILE}. Give an empty or a new folder.")
        _write_text(file, text)
    found = _settings(file)
    if found != _settings_of(text):
        raise UsageError(f"{root}: was begun as {found}, not as {_settings_of(text)}. Give another folder, or the same settings.")
    for name, content in plan.side_files.items():
        _write_text(root / name, content)


def _settings(file: Path) -> dict[str, object]:
    try:
        return _settings_of(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file}: not readable ({error}). Remove the folder and simulate again.") from error


def _settings_of(text: str) -> dict[str, object]:
    found = json.loads(text)
    return {name: found.get(name) for name in ("domain", "scale", "seed", "version")}


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)


def _sittings(root: Path, plan: DomainPlan, seed: int) -> Iterator[Sitting]:
    domain = list(DOMAINS).index(plan.key)
    for order, clips in enumerate(plan.people):
        left = tuple(clip for clip in clips if not (root / clip.path).exists())
        if left:
            yield Sitting(root, (seed, domain, order), tuple(sorted(left, key=lambda clip: clip.take)))


def _cores(workers: int | None) -> int:
    if workers is not None:
        return max(1, workers)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _written(sittings: list[Sitting], workers: int) -> Iterator[str]:
    """Write all clips; yields their paths, a person's together."""
    if workers == 1 or len(sittings) < 2:
        for sitting in sittings:
            yield from write_sitting(sitting)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(sittings)), mp_context=context, initializer=_one_thread) as pool:
        waiting = [pool.submit(write_sitting, sitting) for sitting in sittings]
        try:
            for done in as_completed(waiting):
                yield from done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    cv2.setNumThreads(1)


def write_sitting(sitting: Sitting) -> list[str]:
    """Make one person, film the takes that are needed, and write the clips."""
    from sincera.simulate.clips import film_clip
    from sincera.simulate.heads import make_person
    from sincera.simulate.takes import film

    domain = DOMAINS[sitting.clips[0].domain]
    identity = int(np.random.SeedSequence(sitting.seed).generate_state(1)[0])
    person = make_person(identity, **_wishes(domain.people, sitting.seed))
    attributes = person.attributes.to_dict()
    written = []
    for number, clips in groupby(sitting.clips, key=lambda clip: clip.take):
        mine = list(clips)
        rng = np.random.default_rng((*sitting.seed, 1, number))
        eyes = max(domain.devices[clip.device].eyes[1] * clip.size[1] for clip in mine)
        take = film(person, rng, max(clip.frames for clip in mine), min(eyes, LARGEST_EYES))
        for clip in mine:
            index = sorted(domain.devices).index(clip.device)
            filmed = film_clip(clip, take, attributes, np.random.default_rng((*sitting.seed, 2, clip.number, index, clip.fills is None)))
            _write_clip(sitting.root, clip, filmed.pictures, filmed.truth)
            written.append(clip.path)
    return written


def _wishes(mix: object, seed: tuple[int, ...]) -> dict[str, object]:
    """A domain's own mix of origins, as Dirichlet weights, drawn for one person."""
    weights = mix.get("origin") if isinstance(mix, dict) else None
    if weights is None:
        return {}
    rng = np.random.default_rng((*seed, 3))
    return {"origin": tuple(float(share) for share in rng.dirichlet(0.8 * np.asarray(weights)) + 1e-3)}


def _write_clip(root: Path, plan: ClipPlan, pictures: Iterable[np.ndarray], truth: object) -> None:
    from sincera.simulate.truth import Truth

    assert isinstance(truth, Truth)
    path = root / plan.path
    path.parent.mkdir(parents=True, exist_ok=True)
    write_truth(truth_path(path), truth)
    if plan.annotation is not None:
        form, name = plan.annotation
        _write_text(root / name, annotation_text(form, list(truth.points)))
    device = DOMAINS[plan.domain].devices[plan.device]
    write_video(path, pictures, fps=plan.fps, codec=device.codec, quality=device.quality, rotation=plan.rotation)


def annotation_text(form: Form, points: list[Points]) -> str:
    """The owner's file for these face points, frame by frame."""
    return format_annotation(form, {index: face_of(five) for index, five in enumerate(points)})


def face_of(points: Points) -> Face | None:
    """The face with a box as annotators draw it: brows to chin, cheek to cheek; None where the points are unknown."""
    if np.isnan(points).any():
        return None
    anchor = Anchor.of(points)
    reach = 1.25 * anchor.span
    box = np.array([anchor.x - reach, anchor.y - 1.3 * reach, anchor.x + reach, anchor.y + 1.2 * reach], np.float32)
    return Face(box=np.maximum(box, 0), points=points, confidence=1.0)
