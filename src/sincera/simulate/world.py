"""Simulated data sets on disk, in their owners' layouts: videos, annotations, lists, and the truth beside each clip.

    OUT/O, OUT/C, OUT/I, OUT/M      each a root for `NAME=ROOT`, with sincera-world.json: what it set out to hold
    OUT/W                           SiW-M's kinds of attack, where asked for: siwm.py
    OUT/S                           pictures in CelebA-Spoof's layout, where asked for: celeba.py

A clip appears under its name when it is whole, its truth and annotation before it, so a second run goes on where the
first one stopped, and writes nothing again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

import numpy as np

from sincera import __version__
from sincera.data.sources.annotations import Form, format_annotation
from sincera.data.sources.celeba import KEY as CELEBA_SPOOF
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import UsageError
from sincera.media import write_video
from sincera.progress import Track, silent
from sincera.simulate.celeba import KNOWN, plan_celeba
from sincera.simulate.celeba_pictures import Shooting, shootings
from sincera.simulate.clips import Filmed, film_clip
from sincera.simulate.domains import DOMAINS
from sincera.simulate.files import write_text
from sincera.simulate.heads import make_person
from sincera.simulate.marks import face_of
from sincera.simulate.plan import ClipPlan, DomainPlan, plan_world
from sincera.simulate.scene import Points
from sincera.simulate.siwm import WORN, film_made_over
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

    scale: mini (a tenth of tiny, for tests), tiny, small or paper.  domains: letters of O, C, I, M, W, S; S is pictures
    in CelebA-Spoof's layout, and has no scale paper.  workers: processes, None for one a core.
    UsageError where `out` holds another world already.
    """
    pictures = plan_celeba(scale, seed) if CELEBA_SPOOF in domains else None
    videos = [key for key in domains if key != CELEBA_SPOOF]
    plans = plan_world(scale, videos) if videos or pictures is None else ()
    roots: dict[str, Path] = {plan.key: out / plan.key for plan in plans}
    for plan in plans:
        paths = [clip.path for clip in plan.clips]
        _begin(roots[plan.key], plan.key, paths, plan.side_files, scale=scale, seed=seed)
    tasks: list[Sitting | Shooting] = [task for plan in plans for task in _sittings(roots[plan.key], plan, seed)]
    if pictures is not None:
        roots[pictures.key] = root = out / pictures.key
        _begin(root, pictures.key, pictures.paths, pictures.side_files, scale=scale, seed=seed, attributes=KNOWN)
        tasks += shootings(root, pictures, seed)
    done = each_done(_write, tasks, workers or cores())
    for _ in track(chain.from_iterable(done), "simulating clips", sum(len(task.clips) for task in tasks)):
        pass
    return roots


def _write(task: Sitting | Shooting) -> list[str]:
    return write_sitting(task) if isinstance(task, Sitting) else task.write()


def _begin(
    root: Path, key: str, paths: Iterable[str], side_files: Mapping[str, str], *, scale: str, seed: int,
    attributes: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """The world file and the owner's lists; refuses a folder that was begun with other settings."""
    root.mkdir(parents=True, exist_ok=True)
    known = {"attributes": attributes} if attributes else {}
    text = format_world(key, paths, scale=scale, seed=seed, version=__version__, **known)
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
    for name, content in side_files.items():
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
        large = min(eyes, LARGEST_EYES)
        shared = [clip.frames for clip in mine if clip.species not in WORN]
        take = film(person, rng, max(shared), large) if shared else None
        for clip in mine:
            own = int.from_bytes(hashlib.sha256(clip.path.encode()).digest()[:4], "big")
            drawn = np.random.default_rng((*sitting.seed, 2, own))
            if take is None or clip.species in WORN:
                filmed = film_made_over(clip, person, attributes, large, drawn, seed=sitting.seed[0])
            else:
                filmed = film_clip(clip, take, attributes, drawn)
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
