"""Simulated data sets on disk, in their owners' layouts: videos, annotations, lists, and the truth beside each clip.

    OUT/O, OUT/C, OUT/I, OUT/M      each a root for `NAME=ROOT`, with sincera-world.json: what it set out to hold

A clip appears under its name when it is whole, its truth and annotation before it, so a second run goes on where the
first one stopped, and writes nothing again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

import numpy as np

from sincera import __version__
from sincera.data.sources.annotations import Form, format_annotation
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import UsageError
from sincera.faces.face import Face
from sincera.media import write_video
from sincera.progress import Track, silent
from sincera.simulate.clips import Filmed, film_clip
from sincera.simulate.domains import DOMAINS
from sincera.simulate.files import write_text
from sincera.simulate.heads import make_person
from sincera.simulate.plan import ClipPlan, DomainPlan, plan_world
from sincera.simulate.scene import Anchor, Points
from sincera.simulate.takes import film
from sincera.simulate.truth import truth_path, write_truth
from sincera.workers import cores, each_done

LARGEST_EYES = 72.0  # pixels between the eyes in a take: no clip of any scale shows more, and memory stays bounded


@dataclass(frozen=True, slots=True)
class Sitting:
    """The clips of one person that are still to be written, as one task for one process."""

    root: Path
    seed: tuple[int, ...]
    clips: tuple[ClipPlan, ...]


def write_world(
    out: Path,
    *,
    scale: str = "tiny",
    seed: int = 0,
    domains: str = "OCIM",
    workers: int | None = None,
    track: Track = silent,
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
    done = each_done(write_sitting, sittings, workers or cores())
    for _ in track(chain.from_iterable(done), "simulating clips", clips):
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
        write_text(file, text)
    found = _settings(file)
    if found != _settings_of(text):
        raise UsageError(
            f"{root}: was begun as {found}, not as {_settings_of(text)}. Give another folder, or the same settings."
        )
    for name, content in plan.side_files.items():
        write_text(root / name, content)


def _settings(file: Path) -> dict[str, object]:
    try:
        return _settings_of(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file}: not readable ({error}). Remove the folder and simulate again.") from error


def _settings_of(text: str) -> dict[str, object]:
    found = json.loads(text)
    return {name: found.get(name) for name in ("domain", "scale", "seed", "version")}


def _sittings(root: Path, plan: DomainPlan, seed: int) -> Iterator[Sitting]:
    domain = list(DOMAINS).index(plan.key)
    for order, clips in enumerate(plan.people):
        left = tuple(clip for clip in clips if not (root / clip.path).exists())
        if left:
            yield Sitting(root, (seed, domain, order), tuple(sorted(left, key=lambda clip: clip.take)))


def write_sitting(sitting: Sitting) -> list[str]:
    """Make one person, film the takes that are needed, and write the clips."""
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
            own = int.from_bytes(hashlib.sha256(clip.path.encode()).digest()[:4], "big")
            filmed = film_clip(clip, take, attributes, np.random.default_rng((*sitting.seed, 2, own)))
            _write_clip(sitting.root, clip, filmed)
            written.append(clip.path)
    return written


def _wishes(mix: Mapping[str, tuple[float, float, float]], seed: tuple[int, ...]) -> dict[str, object]:
    """A domain's own mix of origins, as Dirichlet weights, drawn for one person."""
    if "origin" not in mix:
        return {}
    rng = np.random.default_rng((*seed, 3))
    return {"origin": tuple(float(share) for share in rng.dirichlet(0.8 * np.asarray(mix["origin"])) + 1e-3)}


def _write_clip(root: Path, plan: ClipPlan, filmed: Filmed) -> None:
    """Truth and annotation first: a clip that exists has both."""
    path = root / plan.path
    write_truth(truth_path(path), filmed.truth)
    if plan.annotation is not None:
        form, name = plan.annotation
        write_text(root / name, annotation_text(form, list(filmed.truth.points)))
    device = DOMAINS[plan.domain].devices[plan.device]
    write_video(path, filmed.pictures, fps=plan.fps, codec=device.codec, quality=device.quality, rotation=plan.rotation)


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
