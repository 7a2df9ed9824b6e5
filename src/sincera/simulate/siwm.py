"""SiW-M's attacks on simulated people: who is made over how, and the clip of it.

Replays and prints are those of the other domains. Everything else is worn or laid on (`instruments.dressing`), so a
clip of it is a clip of a person before the same camera as a live one, and its truth says which pixels are not skin.
Every video has a person of its own, as the owner's names promise no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sincera.simulate.clips import SAMPLE, Filmed
from sincera.simulate.domains import DOMAINS
from sincera.simulate.heads import Expression, Person, render
from sincera.simulate.instruments import eyewear, makeup, masks, partials
from sincera.simulate.instruments.dressing import Disguise, even_lights, spoofed
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.strangers import COUNT, Page, page_size, portrait, stranger
from sincera.simulate.light import draw, sway
from sincera.simulate.pixels import affine, bordered
from sincera.simulate.plan import ClipPlan
from sincera.simulate.room import draw_room
from sincera.simulate.scene import Anchor, Figure, Scene, of_figure
from sincera.simulate.takes import moments
from sincera.simulate.truth import of_scenes

_INK = PrintModel(
    saturation=(0.6, 1.05), black=(0.02, 0.07), white=(0.7, 0.92), mixing=(0.0, 0.12), grainy=1.0, grain=(0.02, 0.06),
    grain_size=(0.8, 1.4), grey=0.08, halftoned=0.15, halftone=(2.5, 4.0), banded=0.15, bent=0.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loot:
    """Where others' faces come from: one of the world's strangers, drawn anew by each attack that needs one."""

    seed: int

    def cast(self, rng: np.random.Generator) -> Person:
        """Somebody whose face was taken in clay."""
        return stranger(self.seed, int(rng.integers(COUNT)))

    def page(self, rng: np.random.Generator) -> Page:
        """Somebody whose portrait was printed."""
        camera = SAMPLE.draw(rng, page_size())
        return Page.printed(portrait(self.cast(rng), camera, rng), _INK, rng)


_MAKERS: Mapping[str, Callable[[Person, Loot, np.random.Generator], Disguise]] = {
    "HalfMask": lambda person, loot, rng: masks.half_mask(person, loot.cast(rng), rng),
    "SiliconeMask": lambda person, loot, rng: masks.silicone_mask(person, loot.cast(rng), rng),
    "TransparentMask": lambda person, loot, rng: masks.transparent_mask(person, loot.cast(rng), rng),
    "PaperMask": lambda person, loot, rng: masks.paper_mask(person, loot.page(rng), rng),
    "MannequinHead": lambda person, _loot, rng: masks.mannequin(person, rng),
    "Obfuscation": lambda person, _loot, rng: makeup.obfuscation(person, rng),
    "Impersonation": lambda person, loot, rng: makeup.impersonation(person, loot.cast(rng), rng),
    "Cosmetic": lambda person, _loot, rng: makeup.cosmetic(person, rng),
    "FunnyeyeGlasses": lambda person, _loot, rng: eyewear.funny_eyes(person, rng),
    "PaperGlasses": lambda person, _loot, rng: eyewear.paper_glasses(person, rng),
    "PartialPaper": lambda person, loot, rng: partials.partial_paper(person, loot.page(rng), rng),
}
WORN = tuple(_MAKERS)  # species that are put on somebody; the others are sheets and screens


def disguise(person: Person, species: str, rng: np.random.Generator, *, seed: int = 0) -> Disguise:
    """The person made over as one of `WORN`.  seed: of the world, whose strangers' faces are used."""
    return _MAKERS[species](person, Loot(seed), rng)


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """A take of somebody made over.  covers: 255 where a figure shows what was put on.  face: as in `Take`."""

    figures: tuple[Figure, ...]
    covers: tuple[NDArray[np.uint8], ...]
    face: Anchor

    def scene(self, index: int, room: NDArray[np.float32], matrix: NDArray[np.float64]) -> Scene:
        """One frame before a room; `matrix` takes the figure's pixels to the room's."""
        index %= len(self.figures)
        cover = affine(self.covers[index], matrix, (room.shape[0], room.shape[1]))
        scene = of_figure(self.figures[index], room, matrix)
        assert scene.relief is not None
        return replace(scene, spoof=cover, relief=np.where(cover > 127, 0, scene.relief).astype(np.uint8))


def film_worn(made: Disguise, rng: np.random.Generator, frames: int, eyes: float) -> Worn:
    """`frames` moments of somebody made over, with as much of an expression as shows."""
    seen = moments(rng, frames, eyes)
    figures, covers = [], []
    for pose, face in seen.faces:
        shown = _subdued(face, made)
        head = render(made.person, pose, shown, seen.lights, size=seen.size)
        truth = render(made.truth, pose, shown, even_lights(), size=seen.size)
        # What is clear is seen before the person only: over the room it has no light of its own.
        cover = np.rint(255 * np.minimum(spoofed(truth), head.alpha)).astype(np.uint8)
        figures.append(Figure.of(head, below=seen.drawn_out))
        covers.append(bordered(cover, (0, seen.drawn_out, 0, 0), 0))
    return Worn(tuple(figures), tuple(covers), Anchor.of(figures[0].points))


def film_made_over(
    plan: ClipPlan, person: Person, attributes: dict[str, object], eyes: float, rng: np.random.Generator, *, seed: int
) -> Filmed:
    """The frames and the truth of one clip of a species that is worn.  eyes: pixels between them as rendered."""
    domain = DOMAINS[plan.domain]
    device = domain.devices[plan.device]
    room = draw_room(rng, plan.size, domain.room)
    height, width = plan.size
    face = Anchor(width * rng.uniform(0.44, 0.56), height * rng.uniform(0.42, 0.54), width * draw(rng, device.eyes))
    camera = device.model.draw(rng, plan.size)
    shake = sway(rng, plan.frames, 2) * device.shake * max(plan.size)
    made = disguise(person, plan.species, rng, seed=seed)
    worn = film_worn(made, rng, plan.frames, eyes)
    still = worn.face.matrix_to(face, upright=True)
    scenes = [worn.scene(i, room, np.column_stack([still[:, :2], still[:, 2] + shake[i]])) for i in range(plan.frames)]
    settings = camera.meter(scenes[0])
    pictures = tuple(camera.capture(scene, settings, rng) for scene in scenes)
    instrument = {"species": plan.species, **made.parameters}
    return Filmed(pictures, of_scenes(scenes, attributes=attributes, instrument=instrument))


def _subdued(face: Expression, made: Disguise) -> Expression:
    free = made.freedom
    gaze = face.gaze if made.blinks else (0.0, 0.0)
    return Expression(
        blink=face.blink if made.blinks else 0.0, smile=free * face.smile, jaw_open=free * face.jaw_open,
        pucker=free * face.pucker, brow=free * face.brow, gaze=gaze,
    )  # fmt: skip
