"""Where things lie on any head: places of the base head, which every person's vertices and skin sheet share.

An outline is a function of places (…, 3), dm in the normalised space: about the distance to its edge in dm, positive
inside. The same outline cuts a mesh (places of vertices) and paints a sheet (places of its pixels).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads import atlas
from sincera.simulate.heads.pack import Floats, pack
from sincera.simulate.heads.shape import APART, EYES

Outline = Callable[[Floats], Floats]
AXIS = 0.1  # z of the upright axis about which a face is unrolled


@cache
def places() -> Floats:
    """(6324, 3): each vertex of the base head, in the space of `atlas.position`."""
    assets = pack()
    left, right = (assets.vertices[helpers].mean(0) for helpers in assets.eyes)
    own = (assets.vertices - (left + right) / 2) * (APART / np.linalg.norm(left - right)) + EYES
    return np.asarray(own, np.float32)


def on_sheet(outline: Outline) -> Floats:
    """The outline at every pixel of the skin's sheet, (HEIGHT, WIDTH)."""
    return np.asarray(outline(atlas.position()[0]), np.float32)


def unrolled(at: Floats) -> Floats:
    """How far round the head a place lies from the middle of the face, along an arc of a cheek's radius."""
    return np.asarray(0.85 * np.arctan2(at[..., 0], at[..., 2] - AXIS), np.float32)


def oval(wide: float, high: float, *, y: float = 0.08, power: float = 2.6) -> Outline:
    """The front of a head: half as wide (along the arc) and high as given, rounder or squarer by `power`."""

    def outline(at: Floats) -> Floats:
        x, down = np.abs(unrolled(at)) / wide, np.abs(at[..., 1] - y) / high
        return np.asarray((1 - (x**power + down**power) ** (1 / power)) * min(wide, high), np.float32)

    return outline


def above(y: float, *, bend: float = 0.0) -> Outline:
    """What lies above a line; `bend` lowers it (or raises it, if negative) towards the sides, per dm²."""
    return lambda at: np.asarray(at[..., 1] - y + bend * at[..., 0] ** 2, np.float32)


def spot(x: float, y: float, wide: float, high: float) -> Outline:
    """An ellipse on the front of the face, seen from before it."""

    def outline(at: Floats) -> Floats:
        radius = np.hypot((at[..., 0] - x) / wide, (at[..., 1] - y) / high)
        inside = (1 - radius) * min(wide, high)
        return np.asarray(np.where(at[..., 2] > 0.5, inside, np.minimum(inside, -0.2)), np.float32)

    return outline


def both(outline: Outline, *more: Outline) -> Outline:
    """What lies inside all of them."""

    def meet(at: Floats) -> Floats:
        depth = outline(at)
        for other in more:
            depth = np.minimum(depth, other(at))
        return depth

    return meet


def either(outline: Outline, *more: Outline) -> Outline:
    """What lies inside any of them."""

    def join(at: Floats) -> Floats:
        depth = outline(at)
        for other in more:
            depth = np.maximum(depth, other(at))
        return depth

    return join


def without(outline: Outline, *holes: Outline) -> Outline:
    """What is left when the holes are cut out."""

    def cut(at: Floats) -> Floats:
        depth = outline(at)
        for hole in holes:
            depth = np.minimum(depth, -hole(at))
        return depth

    return cut


def eye_holes(wide: float = 0.18, high: float = 0.095) -> tuple[Outline, Outline]:
    """Holes to look through, half as wide and high as given."""
    return spot(-0.31, 0.29, wide, high), spot(0.31, 0.29, wide, high)


def rough(outline: Outline, rng: np.random.Generator, amount: float) -> Outline:
    """As cut with scissors by hand: the edge wanders by about `amount` dm."""
    turns, phases = rng.uniform(3, 14, 5), rng.uniform(0, 2 * np.pi, 5)

    def cut(at: Floats) -> Floats:
        angle = np.arctan2(at[..., 1] - 0.05, at[..., 0])
        wave: NDArray[Any] = sum(np.sin(np.round(t) * angle + p) for t, p in zip(turns, phases, strict=True))
        return np.asarray(outline(at) + amount * wave / 2, np.float32)

    return cut
