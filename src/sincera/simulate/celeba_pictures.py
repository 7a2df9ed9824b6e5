"""One picture of a simulated CelebA-Spoof, and all that are missing of one person.

A live picture is the person on another day each time: other light, place, pose and camera. An attack is such a picture
printed, cut out, shown or cast, and taken again by a device of the planned quality in the planned light.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from sincera.data.sources.celeba_boxes import format_box
from sincera.data.sources.celeba_labels import ILLUMINATIONS
from sincera.errors import MediaError
from sincera.simulate.camera import resolution
from sincera.simulate.celeba import CelebaPlan, PersonPlan, PicturePlan
from sincera.simulate.celeba_devices import CAMERAS, CODING, CUT, SPECIES, WORN, in_light, in_the_dark, surroundings
from sincera.simulate.celeba_masks import cast_of, put_on
from sincera.simulate.clips import SAMPLE
from sincera.simulate.files import write_bytes, write_picture, write_text
from sincera.simulate.heads import Person, make_person
from sincera.simulate.instruments.handling import View
from sincera.simulate.instruments.print import Printed
from sincera.simulate.instruments.screen import ScreenModel
from sincera.simulate.instruments.sheet import Shot
from sincera.simulate.light import Light, Picture, draw
from sincera.simulate.marks import face_of
from sincera.simulate.scene import Anchor, Scene, of_figure
from sincera.simulate.takes import Take, film
from sincera.simulate.truth import of_scenes, truth_path, write_truth

SHAPES = (1.0, 1.22, 1.22, 1.33, 0.75)  # height over width; both classes draw from the same
EYES = (0.13, 0.24)  # distance of the eyes as a share of the shorter side


@dataclass(frozen=True, slots=True)
class Shooting:
    """The pictures of one person that are still to be written, as one task for one process."""

    root: Path
    seed: int
    longer: int
    person: PersonPlan
    clips: tuple[PicturePlan, ...]

    def write(self) -> list[str]:
        """Make the person and write the pictures; gives their paths."""
        person = make_person(self.person.identity)
        cast = cast_of(self.person.identity) if any(p.species == "3d_mask" for p in self.clips) else None
        for plan in self.clips:
            own = int.from_bytes(hashlib.sha256(plan.path.encode()).digest()[:4], "big")
            self._write(plan, person, cast, np.random.default_rng((self.seed, self.person.identity, own)))
        return [plan.path for plan in self.clips]

    def _write(self, plan: PicturePlan, person: Person, cast: Person | None, rng: np.random.Generator) -> None:
        """Truth and box first: a picture that exists has both."""
        shape = SHAPES[int(rng.integers(len(SHAPES)))]
        size = resolution((round(1000 * shape), 1000), round(self.longer * draw(rng, (0.7, 1.0))))
        # Live pictures have no code, and any light all the same: else exposure alone would tell the classes.
        light = plan.illumination or ILLUMINATIONS[1 + int(rng.integers(4))]
        scene, instrument = take_scene(plan, light, person, cast, size, rng)
        camera = in_the_dark(CAMERAS[plan.quality], light).draw(rng, size)
        picture = camera.photograph(scene, rng)
        path = self.root / plan.path
        truth = of_scenes([scene], attributes=person.attributes.to_dict(), instrument=instrument)
        write_truth(truth_path(path), truth)
        face = None if scene.points is None else face_of(scene.points)
        write_text(self.root / plan.annotation, format_box(face, (size[1], size[0])))
        _store(path, picture, int(draw(rng, CODING[plan.quality])))


def shootings(root: Path, plan: CelebaPlan, seed: int) -> list[Shooting]:
    """The pictures that do not exist yet, person by person."""
    left = [(who, tuple(p for p in who.pictures if not (root / p.path).exists())) for who in plan.people]
    return [Shooting(root, seed, plan.scale.longer, who, pictures) for who, pictures in left if pictures]


def take_scene(
    plan: PicturePlan, light: str, person: Person, cast: Person | None, size: tuple[int, int], rng: np.random.Generator
) -> tuple[Scene, dict[str, object]]:
    """What stands before the camera in a light, and what was drawn for the instrument ({} for live).

    cast: the person's mask, needed for a 3d_mask.
    """
    height, width = size
    eyes = min(size) * draw(rng, EYES)
    face = Anchor(width * draw(rng, (0.42, 0.58)), height * draw(rng, (0.42, 0.56)), eyes * draw(rng, (0.95, 1.1)))
    behind = surroundings(rng, size, light, plan.environment)
    if not plan.species:
        return _before(film(person, rng, 1, eyes), behind, face), {}
    if plan.species == "3d_mask":
        if cast is None:
            raise ValueError("a 3d_mask needs a cast")
        mask = put_on(cast, rng, eyes)
        return mask.scene(behind, face), {"species": plan.species, **mask.parameters}
    take = film(person, rng, 1, eyes)
    model = in_light(SPECIES[plan.species], light)
    if isinstance(model, ScreenModel):
        model = replace(model, still=1.0)
    shot = _stolen(take, size, eyes, rng)
    fills = False if plan.species in CUT else None
    presented = model.present(
        [shot], View(size, face, "fixed" if plan.species in WORN else "hand"), 1, rng, fills=fills
    )
    empty = Scene(behind, np.zeros(size, np.uint8), np.zeros(size, np.uint8), None)
    worn_at = presented.face_at(0) if plan.species in WORN and isinstance(presented, Printed) else None
    if worn_at is not None:
        empty = of_figure(take.figures[0], behind, take.face.matrix_to(Anchor.of(worn_at)))
    return presented.scene(0, empty), {"species": plan.species, **presented.parameters}


def _before(take: Take, room: Light, face: Anchor) -> Scene:
    return of_figure(take.figures[0], room, take.face.matrix_to(face, upright=True))


def _stolen(take: Take, size: tuple[int, int], eyes: float, rng: np.random.Generator) -> Shot:
    """The picture that gets printed or shown: found on the web, by a good camera, somewhere else."""
    detail = draw(rng, (0.8, 1.25))
    height, width = (max(48, round(side * detail)) for side in size)
    face = Anchor(
        width * draw(rng, (0.45, 0.55)), height * draw(rng, (0.42, 0.52)), eyes * detail * draw(rng, (0.7, 1))
    )
    scene = _before(take, surroundings(rng, (height, width), "", ""), face)
    camera = SAMPLE.draw(rng, (height, width))
    return Shot(camera.photograph(scene, rng), scene.points, camera.sharpness)


def _store(path: Path, picture: Picture, quality: int) -> None:
    """JPEG below Data/train, PNG below Data/test, as the owner has it; both have been coded with losses once."""
    if path.suffix == ".jpg":
        write_picture(path, picture, quality)
        return
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    done, stored = cv2.imencode(".png", bgr if decoded is None else decoded)
    if not done:
        raise MediaError(f"{path}: the PNG encoder refused a picture of {picture.shape}")
    write_bytes(path, stored.tobytes())
