"""Printed paper over a part of the face: eyes, mouth, nose or one half of it."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads import Person
from sincera.simulate.heads.pack import Floats
from sincera.simulate.instruments.dressing import PAPER, Disguise, Dressing
from sincera.simulate.instruments.sheets import plane, profile
from sincera.simulate.instruments.shells import Surface, cut
from sincera.simulate.instruments.strangers import Page
from sincera.simulate.light import chance, draw

# Each part's middle and half size, dm.
PARTS = {
    "eyes": (0.0, 0.29, 0.62, 0.20), "one eye": (0.31, 0.29, 0.27, 0.19), "mouth": (0.0, -0.40, 0.40, 0.20),
    "mouth and nose": (0.0, -0.24, 0.42, 0.40), "lower half": (0.0, -0.42, 0.66, 0.46),
    "upper half": (0.0, 0.46, 0.72, 0.42), "one half": (0.40, 0.02, 0.40, 0.80),
}  # fmt: skip
SHARES = (0.24, 0.08, 0.20, 0.16, 0.12, 0.10, 0.10)


def partial_paper(person: Person, page: Page, rng: np.random.Generator) -> Disguise:
    """A piece of somebody's printed face, cut out by hand and stuck over the same part of one's own."""
    dressing = Dressing(person)
    dressing.take_off_glasses()
    name = str(rng.choice(list(PARTS), p=SHARES))
    x, y, half, high = PARTS[name]
    half, high = half * draw(rng, (0.85, 1.15)), high * draw(rng, (0.85, 1.2))
    side = float(rng.choice([-1, 1]))
    x = side * x + float(rng.normal(0, 0.02))
    y += float(rng.normal(0, 0.02))
    rows = (y - high, y + high)
    gap = draw(rng, (0.01, 0.05))
    level = profile(dressing, half, rows, stiff=draw(rng, (0.06, 0.16)), gap=gap, x=x)
    sheet = plane(level, half * 1.25, (y - 1.25 * high, y + 1.25 * high), x=x)
    depth = _by_hand(sheet.vertices, (x, y), (half, high), rng)
    holed = name in ("eyes", "upper half") and chance(rng, 0.35)
    if holed:
        wide, tall = draw(rng, (0.12, 0.17)), draw(rng, (0.05, 0.08))
        for eye in (-0.31, 0.31):
            reach = np.hypot((sheet.vertices[:, 0] - eye) / wide, (sheet.vertices[:, 1] - 0.29) / tall)
            depth = np.minimum(depth, (reach - 1) * tall)
    left = cut(sheet.triangles, depth.astype(np.float32))
    piece = Surface(
        left.of_vertices(sheet.vertices), left.of_vertices(sheet.normals), left.triangles, left.of_corners(sheet.uv)
    )
    dressing.put(piece.two_sided(), PAPER)
    dressing.put(piece.edge(left.rim, 0.008, uv=(0.999, 0.999)).two_sided(), PAPER)
    dressing.print_on(_margined(page.light, chance(rng, 0.4), (x, y), (half, high), rng))
    return dressing.finished(
        {"kind": "partial paper", "region": name, "holes": holed, "gap": round(gap, 3), **page.parameters}, freedom=0.5
    )


def _by_hand(at: Floats, middle: tuple[float, float], half: tuple[float, float], rng: np.random.Generator) -> Floats:
    """Depth inside a rounded box whose edge wanders as scissors do."""
    x, y = (at[:, 0] - middle[0]) / half[0], (at[:, 1] - middle[1]) / half[1]
    power = draw(rng, (2.2, 6.0))
    angle = np.arctan2(y, x)
    turns, phases = np.round(rng.uniform(2, 9, 4)), rng.uniform(0, 2 * np.pi, 4)
    wave = sum(np.sin(turn * angle + phase) for turn, phase in zip(turns, phases, strict=True))
    reach = (np.abs(x) ** power + np.abs(y) ** power) ** (1 / power) * (1 + 0.012 * wave)
    return np.asarray((1 - reach) * min(half), np.float32)


def _margined(
    light: Floats, margin: bool, middle: tuple[float, float], half: tuple[float, float], rng: np.random.Generator
) -> Floats:  # fmt: skip
    """The page with white paper left around the part in some cases, and always in its last corner, for the edges."""
    from sincera.simulate.instruments.strangers import DENSITY, LEFT, TOP

    sheet = light.copy()
    white = draw(rng, (0.6, 0.8))
    if margin:
        y, x = np.mgrid[0 : sheet.shape[0], 0 : sheet.shape[1]].astype(np.float32)
        x, y = LEFT + x / np.float32(DENSITY), np.float32(TOP) - y / np.float32(DENSITY)
        rim = draw(rng, (0.02, 0.06))
        outside = np.maximum(np.abs(x - middle[0]) - half[0], np.abs(y - middle[1]) - half[1]) > -rim
        sheet[outside] = white
    sheet[-4:, -4:] = white
    return sheet
