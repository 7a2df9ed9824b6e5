"""A labelled set of made people for the teachers: who each picture shows, and what that person is like.

OUT/live/<person>/<k>.jpg, <k>.truth.npz     manifest.csv: path, label, subject, attack, session, attributes
OUT/sincera-world.json: says that these faces are simulated
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import UsageError
from sincera.progress import Track, silent
from sincera.simulate.domains import BENCHMARK, DOMAINS
from sincera.simulate.files import write_picture, write_text
from sincera.simulate.light import draw
from sincera.simulate.room import draw_room
from sincera.simulate.scene import Anchor, of_figure
from sincera.simulate.truth import of_scenes, read_truth, truth_path, write_truth
from sincera.workers import cores, each_done

ATTRIBUTES = (
    "sex", "age", "origin_african", "origin_asian", "origin_european", "skin_tone", "hair_style", "hair_colour",
    "beard", "glasses",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Portraits:
    """The pictures of one person, as one task for one process."""

    out: Path
    seed: int
    person: int
    pictures: int
    size: int

    @property
    def name(self) -> str:
        return f"p{self.person:05d}"

    def path(self, picture: int) -> str:
        return f"live/{self.name}/{picture:03d}.jpg"


def write_people(
    out: Path,
    people: int,
    pictures: int,
    *,
    seed: int = 0,
    size: int = 256,
    workers: int | None = None,
    track: Track = silent,
) -> int:
    """Write `pictures` of each of `people`, `size` × `size`, by all the domains' cameras; gives their number.

    Pictures that exist are not made again.  UsageError where a number is not positive.
    """
    if min(people, pictures) < 1 or size < 64:
        raise UsageError(
            f"{people} people with {pictures} pictures of {size} pixels; expected 1 or more, 64 pixels or more"
        )
    tasks = [Portraits(out, seed, person, pictures, size) for person in range(people)]
    done = each_done(write_portraits, tasks, workers or cores())
    for _ in track(chain.from_iterable(done), "simulating people", people * pictures):
        pass
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["path", "label", "subject", "attack", "session", *ATTRIBUTES])
    for task in tasks:
        values = _told(task)
        for picture in range(pictures):
            rows.writerow([task.path(picture), "live", task.name, "", picture, *values])
    write_text(out / "manifest.csv", table.getvalue())
    grid = [task.path(picture) for task in tasks for picture in range(pictures)]
    write_text(out / WORLD_FILE, format_world("people", grid, seed=seed))
    return people * pictures


def _told(task: Portraits) -> list[Any]:
    """A person's attributes from the truth of its first picture: making the person again would cost half a second."""
    return _attributes(read_truth(truth_path(task.out / task.path(0))).attributes)


def _attributes(found: Any) -> list[Any]:
    flat = {**found, **dict(zip(ATTRIBUTES[2:5], found["origin"], strict=True))}
    return [flat[name] for name in ATTRIBUTES]


def _person(task: Portraits) -> Any:
    from sincera.simulate.heads import make_person

    return make_person(int(np.random.SeedSequence((task.seed, 7, task.person)).generate_state(1)[0]))


def write_portraits(task: Portraits) -> list[str]:
    """Make one person and write what is missing of its pictures, each another day: light, room, camera, pose."""
    from sincera.simulate.takes import film

    missing = [k for k in range(task.pictures) if not (task.out / task.path(k)).exists()]
    written = [task.path(k) for k in range(task.pictures) if k not in missing]
    if not missing:
        return written
    person = _person(task)
    attributes = person.attributes.to_dict()
    domains = [DOMAINS[key] for key in BENCHMARK]
    for k in missing:
        rng = np.random.default_rng((task.seed, 7, task.person, k))
        domain = domains[int(rng.integers(len(domains)))]
        device = list(domain.devices.values())[int(rng.integers(len(domain.devices)))]
        eyes = task.size * draw(rng, (0.2, 0.3))
        take = film(person, rng, 1, eyes)
        face = Anchor(task.size * rng.uniform(0.45, 0.55), task.size * rng.uniform(0.45, 0.55), take.face.span)
        room = draw_room(rng, (task.size, task.size), domain.room)
        scene = of_figure(take.figures[0], room, take.face.matrix_to(face, upright=True))
        camera = device.model.draw(rng, (task.size, task.size))
        path = task.out / task.path(k)
        write_truth(truth_path(path), of_scenes([scene], attributes=attributes))
        write_picture(path, camera.photograph(scene, rng), int(draw(rng, (72, 97))))
        written.append(task.path(k))
    return written
