"""A take: one person for some seconds in one light, rendered once and shared by all clips, live and attack, of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sincera.simulate.heads import Expression, Lights, Person, Pose, random_lights, render
from sincera.simulate.light import chance, sway
from sincera.simulate.scene import Anchor, Figure

SIDE, ABOVE, BELOW = 3.5, 3.1, 2.6  # how far the rendered picture reaches from the face, in distances of the eyes
DRAWN_OUT = 4.0  # by how much the chest is drawn out below


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """figures: one a frame.  face: where the resting face is in them."""

    figures: tuple[Figure, ...]
    face: Anchor


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What a person does before the lamps: size (H, W) of the rendered picture, and pose and face of each frame."""

    size: tuple[int, int]
    lights: Lights
    faces: tuple[tuple[Pose, Expression], ...]
    drawn_out: int


def moments(rng: np.random.Generator, frames: int, eyes: float) -> Moments:
    """`frames` moments of anybody with `eyes` pixels between the eyes: slow turns, a blink, a smile."""
    width, height = round(2 * SIDE * eyes), round((ABOVE + BELOW) * eyes)
    lights = random_lights(rng)
    rest = rng.normal(0, (4.0, 3.0, 2.0))
    turns = rest + sway(rng, frames, 3, slow=0.04) * np.array(
        [rng.uniform(2, 9), rng.uniform(1, 4), rng.uniform(0.5, 2)]
    )
    drift = sway(rng, frames, 2, slow=0.03) * 0.006
    gaze = sway(rng, frames, 2, slow=0.05) * 4
    smile = np.clip(sway(rng, frames, 1, slow=0.03)[:, 0] * 0.35, 0, 0.8)
    mouth = np.clip(sway(rng, frames, 1, slow=0.15)[:, 0] * 0.25 - 0.1, 0, 0.5) * chance(rng, 0.4)
    brow = sway(rng, frames, 1, slow=0.03)[:, 0] * 0.2
    blink = _blinks(rng, frames)
    distance = float(rng.uniform(42, 85))
    faces = []
    for i in range(frames):
        pose = Pose(
            yaw=float(turns[i, 0]), pitch=float(turns[i, 1]), roll=float(turns[i, 2]),
            centre=(0.5 + float(drift[i, 0]), ABOVE / (ABOVE + BELOW) + float(drift[i, 1])),
            scale=eyes / min(width, height), distance=distance,
        )  # fmt: skip
        face = Expression(
            blink=float(blink[i]), smile=float(smile[i]), jaw_open=float(mouth[i]), brow=float(brow[i]),
            gaze=(float(gaze[i, 0]), float(gaze[i, 1])),
        )  # fmt: skip
        faces.append((pose, face))
    return Moments((height, width), lights, tuple(faces), round(DRAWN_OUT * eyes))


def film(person: Person, rng: np.random.Generator, frames: int, eyes: float) -> Take:
    """Render `frames` moments of a person with `eyes` pixels between the eyes."""
    seen = moments(rng, frames, eyes)
    heads = [render(person, pose, face, seen.lights, size=seen.size) for pose, face in seen.faces]
    figures = [Figure.of(head, below=seen.drawn_out) for head in heads]
    return Take(tuple(figures), Anchor.of(figures[0].points))


def _blinks(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Lids (frames,): shut for a frame or two, about every twelve frames."""
    lids = np.zeros(frames)
    at = int(rng.integers(2, 14))
    while at < frames:
        lids[at] = 1.0
        if at + 1 < frames:
            lids[at + 1] = float(rng.uniform(0.2, 0.8))
        at += int(rng.integers(6, 18))
    return lids
