"""One clip of a simulated domain: its frames as the camera stores them, and the truth about them.

A live clip is the take before the camera. An attack is the take before an earlier camera (the stolen picture, in
another room and light as often as not), printed or shown, and that before the same camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sincera.simulate.camera import CameraModel
from sincera.simulate.domains import DOMAINS, Domain
from sincera.simulate.instruments.handling import View
from sincera.simulate.instruments.print import Printed
from sincera.simulate.instruments.screen import ScreenModel
from sincera.simulate.instruments.sheet import Shot
from sincera.simulate.instruments.species import instrument
from sincera.simulate.light import Light, Picture, chance, draw, sway
from sincera.simulate.plan import ClipPlan
from sincera.simulate.room import draw_room
from sincera.simulate.scene import Anchor, Scene, of_figure
from sincera.simulate.takes import Take
from sincera.simulate.truth import Truth, of_scenes

# The camera that took what is printed or shown: a good one, as thieves of portraits have.
SAMPLE = CameraModel(
    sharpness=(0.6, 1.1), face=(0.16, 0.32), red=(1.4, 1.9), blue=(0.5, 0.78), contrast=(0.45, 0.7),
    colour=(0.95, 1.2), haze=(0.0, 0.08), shot=(0.0001, 0.0008), sharpened=0.5, obedience=0.7,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filmed:
    """pictures: (H, W, 3) uint8 RGB each; truth: of the same frames."""

    pictures: tuple[Picture, ...]
    truth: Truth


def film_clip(plan: ClipPlan, take: Take, attributes: dict[str, object], rng: np.random.Generator) -> Filmed:
    """The frames and the truth of one planned clip."""
    domain = DOMAINS[plan.domain]
    device = domain.devices[plan.device]
    room = _room(rng, plan, domain)
    height, width = plan.size
    face = Anchor(width * rng.uniform(0.44, 0.56), height * rng.uniform(0.42, 0.54), width * draw(rng, device.eyes))
    view = View(plan.size, face, plan.support)
    camera = device.model.draw(rng, plan.size)
    held = device.shake if plan.support == "hand" or plan.fills is None else 0.0
    shake = sway(rng, plan.frames, 2) * held * max(plan.size)
    if plan.fills is None:
        scenes: list[Scene] = list(_live(take, room, face, shake))
        parameters: dict[str, object] = {}
    else:
        scenes, parameters = _attack(plan, take, room, view, domain, rng)
    settings = camera.meter(scenes[0])
    pictures = tuple(camera.capture(scene, settings, rng) for scene in scenes)
    return Filmed(pictures, of_scenes(scenes, attributes=attributes, instrument=parameters))


def _room(rng: np.random.Generator, plan: ClipPlan, domain: Domain) -> Light:
    style = domain.room
    if plan.adverse:  # the blinds are up and the lamp is off: a bright background, a dim face
        style = replace(style, wall=(0.5, 0.9), window=0.7)
    return draw_room(rng, plan.size, style)


def _live(take: Take, room: Light, face: Anchor, shake: NDArray[np.float64]) -> Sequence[Scene]:
    return [
        of_figure(
            take.figures[i % len(take.figures)], room, _shifted(take.face.matrix_to(face, upright=True), shake[i])
        )
        for i in range(len(shake))
    ]


def _shifted(matrix: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = matrix.copy()
    moved[:, 2] += by
    return moved


def _attack(
    plan: ClipPlan, take: Take, room: Light, view: View, domain: Domain, rng: np.random.Generator
) -> tuple[list[Scene], dict[str, object]]:
    model = instrument(plan.species)
    if isinstance(model, ScreenModel) and plan.still is not None:
        model = replace(model, still=float(plan.still))
    moving = isinstance(model, ScreenModel) and model.still < 1
    shots = _steal(take, plan, view, domain, rng, plan.frames if moving else 1)
    presented = model.present(shots, view, plan.frames, rng, fills=plan.fills)
    empty = Scene(room, np.zeros(plan.size, np.uint8), np.zeros(plan.size, np.uint8), None)
    behind = [empty] * plan.frames
    if plan.species == "cut":  # whoever holds the paper looks through its holes
        faces = [presented.face_at(i) for i in range(plan.frames)] if isinstance(presented, Printed) else []
        figures = [take.figures[i % len(take.figures)] for i in range(len(faces))]
        behind = [
            empty if face is None else of_figure(figure, room, Anchor.of(figure.points).matrix_to(Anchor.of(face)))
            for face, figure in zip(faces, figures, strict=True)
        ]
    scenes = [presented.scene(i, behind[i]) for i in range(plan.frames)]
    return scenes, {"species": plan.species, **presented.parameters}


def _steal(take: Take, plan: ClipPlan, view: View, domain: Domain, rng: np.random.Generator, frames: int) -> list[Shot]:
    """The pictures that get printed or shown: taken earlier, wider, by another camera."""
    detail = draw(rng, (0.75, 1.25))
    zoom = draw(rng, (1.1, 1.5))
    height, width = (max(32, round(side * detail)) for side in plan.size)
    face = Anchor(
        view.face.x * detail + rng.normal(0, 0.01) * width, view.face.y * detail + rng.normal(0, 0.01) * height,
        view.face.span * detail / zoom,
    )  # fmt: skip
    room = draw_room(rng, (height, width), domain.room)
    camera = SAMPLE.draw(rng, (height, width))
    relit = _relight(rng, (height, width)) if chance(rng, 0.45) else None
    settings = None
    shots = []
    for scene in _live(take, room, face, np.zeros((frames, 2))):
        lit = scene if relit is None else replace(scene, light=scene.light * relit)
        settings = camera.meter(lit) if settings is None else settings
        shots.append(Shot(camera.capture(lit, settings, rng), scene.points, camera.sharpness))
    return shots


def _relight(rng: np.random.Generator, size: tuple[int, int]) -> Light:
    """(H, W, 3): another lamp from one side, a little coloured."""
    height, width = size
    slope = rng.normal(0, 0.35)
    across = np.linspace(1 - slope, 1 + slope, width, dtype=np.float32).clip(0.3, 1.9)
    return np.broadcast_to(
        across[None, :, None] * (1 + 0.08 * rng.normal(size=3)).astype(np.float32), (height, width, 3)
    )
