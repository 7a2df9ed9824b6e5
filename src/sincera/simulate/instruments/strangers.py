"""Other people whose faces get stolen: what a mask is cast from and what is printed on paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sincera.simulate.camera import Camera
from sincera.simulate.heads import Expression, Person, Pose, front_lights, make_person, render
from sincera.simulate.heads.pack import Floats
from sincera.simulate.heads.shape import APART, EYES
from sincera.simulate.instruments.handling import View
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.sheet import Shot
from sincera.simulate.light import Picture
from sincera.simulate.scene import Anchor, Figure, of_figure

COUNT = 6  # of each world
OWN = 13  # keeps them apart from the people of all domains
DENSITY = 128.0  # pixels of a page per dm
LEFT, TOP, WIDE, HIGH = -1.1, 1.35, 2.2, 2.5  # dm: the part of the plane before a face that a page shows


@lru_cache(maxsize=COUNT)
def stranger(seed: int, number: int) -> Person:
    """The face of somebody else without hair, beard and glasses."""
    identity = int(np.random.SeedSequence((seed, OWN, number)).generate_state(1)[0])
    return make_person(identity, hair_style="bald", beard="none", glasses="none")


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A printed face: light (h, w, 3) it reflects, and what was drawn for the print."""

    light: Floats
    parameters: dict[str, float | str | bool]

    @classmethod
    def printed(cls, picture: Picture, model: PrintModel, rng: np.random.Generator) -> Page:
        """A portrait's print."""
        size = picture.shape[:2]
        shown = model.present([Shot(picture)], View((32, 32), Anchor.unknown((32, 32))), 1, rng, fills=True)
        light = np.asarray(shown.light, np.float32)
        assert light.shape[:2] == size, "a print without margin is as large as its picture"
        keep = ("gamma", "black", "white", "saturation", "mixing", "grain", "halftone")
        return cls(light, {name: shown.parameters[name] for name in keep})


def portrait(person: Person, camera: Camera, rng: np.random.Generator) -> Picture:
    """A stored picture of the face from straight before it, in the frame of a page: see `uv_of`."""
    height, width = page_size()
    apart = APART * DENSITY
    pose = Pose(centre=(0.5, 0.5), scale=apart / min(height, width), distance=85.0)
    face = Expression(smile=float(rng.uniform(0, 0.4)), gaze=(float(rng.normal(0, 3)), float(rng.normal(0, 2))))
    head = render(person, pose, face, front_lights(), size=(height, width))
    eyes = head.points[:2].mean(0)
    at = np.array([-LEFT, TOP - EYES[1]]) * DENSITY
    room = np.full((height, width, 3), rng.uniform(0.1, 0.7), np.float32)
    scene = of_figure(Figure.of(head), room, np.column_stack([np.eye(2), at - eyes]))
    return camera.photograph(scene, rng)


def page_size() -> tuple[int, int]:
    """Pixels of a page, (h, w)."""
    return round(HIGH * DENSITY), round(WIDE * DENSITY)


def uv_of(vertices: Floats) -> Floats:
    """Where a page shows what lies at vertices (…, 3) of a head in the normalised space: (…, 2), 0 … 1."""
    x, y = (vertices[..., 0] - LEFT) / WIDE, (TOP - vertices[..., 1]) / HIGH
    return np.stack([x, y], -1).clip(0.002, 0.998).astype(np.float32)
