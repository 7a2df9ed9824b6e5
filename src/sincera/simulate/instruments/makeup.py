"""Make-up: to hide who one is, to pass for somebody else, or to look better. All of it lies on the skin's sheet."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike

from sincera.simulate.heads import Person, atlas, regions
from sincera.simulate.heads import materials as kinds
from sincera.simulate.heads.pack import Floats
from sincera.simulate.instruments.dressing import Disguise, Dressing
from sincera.simulate.instruments.outlines import on_sheet, oval
from sincera.simulate.light import chance, draw

PAINTS = np.array(
    [[0.75, 0.74, 0.72], [0.02, 0.02, 0.022], [0.55, 0.03, 0.03], [0.05, 0.10, 0.45], [0.05, 0.32, 0.08],
     [0.70, 0.50, 0.04], [0.32, 0.06, 0.36], [0.60, 0.22, 0.05], [0.25, 0.23, 0.20]], np.float32,
)  # fmt: skip
SEEN = (0.06, 0.22)  # opacity at which paint begins to count as an attack, and at which it does in full


def obfuscation(person: Person, rng: np.random.Generator) -> Disguise:
    """Face paint that breaks the face up: a ground, patches and strokes, as of clowns, ghosts and football fans."""
    dressing = _ready(person)
    face = on_sheet(oval(draw(rng, (0.85, 1.0)), draw(rng, (0.82, 0.95)), y=0.06))
    inside = regions.smooth(-0.02, 0.05, face + 0.02 * regions.noise(rng, 9.0))
    colours = PAINTS[rng.permutation(len(PAINTS))]
    ground = chance(rng, 0.6)
    if ground:
        _lay(dressing, inside * draw(rng, (0.55, 0.92)), colours[0], rng)
    patches = _patches(rng, ground=ground)
    for number, patch in enumerate(patches):
        _lay(dressing, patch * inside * draw(rng, (0.75, 0.97)), colours[1 + number % (len(colours) - 1)], rng)
    brows = chance(rng, 0.5)
    if brows:
        dressing.palette[kinds.BROW, :3] = colours[1]
        dressing.spoof(kinds.BROW)
    return dressing.finished({"kind": "obfuscation", "ground": ground, "patches": len(patches), "brows": brows})


def _patches(rng: np.random.Generator, *, ground: bool) -> list[Floats]:
    """Masks (H, W) of what is painted over the ground: rings around eyes, a nose, a mouth, stripes, cracks, halves."""
    at = atlas.position()[0]
    x, y = at[..., 0], at[..., 1]
    wild = 0.03 * regions.noise(rng, 7.0)
    front = regions.smooth(0.30, 0.45, at[..., 2])
    made: list[Floats] = []
    if chance(rng, 0.6):
        size = draw(rng, (0.16, 0.28))
        reach = np.hypot(np.abs(x) - 0.31, (y - 0.29) / draw(rng, (0.8, 1.5))) + wild
        made.append(regions.smooth(size + 0.02, size - 0.02, reach))
    if chance(rng, 0.4):
        size = draw(rng, (0.10, 0.17))
        made.append(regions.smooth(size + 0.01, size - 0.02, np.hypot(x, y + 0.09) + wild) * (at[..., 2] > 1.0))
    if chance(rng, 0.6):
        wide, high = draw(rng, (0.30, 0.55)), draw(rng, (0.10, 0.18))
        made.append(regions.smooth(1.08, 0.92, np.hypot(x / wide, (y + 0.39 - 0.25 * x**2) / high) + 4 * wild))
    if chance(rng, 0.5) or (not ground and not made):
        turn, pitch = rng.uniform(-0.6, 0.6), draw(rng, (0.16, 0.42))
        phase = (np.cos(turn) * x + np.sin(turn) * y + 0.7 * wild) / pitch + rng.random()
        made.append(regions.smooth(0.30, 0.24, np.abs(phase % 1 - 0.5)))
    if chance(rng, 0.3):
        made.append(regions.smooth(-0.02, 0.02, x * rng.choice([-1, 1]) + wild))
    if chance(rng, 0.5) or not ground:
        made.append(regions.smooth(0.75, 0.95, regions.noise(rng, draw(rng, (14.0, 34.0)))))
    return [np.asarray(mask * front, np.float32) for mask in made]


def impersonation(person: Person, stranger: Person, rng: np.random.Generator) -> Disguise:
    """Somebody else's complexion, contours, brows, lips and lines, laid on thickly from hairline to jaw."""
    dressing = _ready(person)
    edge = oval(draw(rng, (0.92, 1.05)), draw(rng, (0.88, 0.97)), y=0.06)
    inside = regions.smooth(-0.03, 0.10, on_sheet(edge))
    theirs = cv2.GaussianBlur(Dressing(stranger).albedo, (0, 0), 1.2)
    thick = draw(rng, (0.6, 0.92))
    _lay(dressing, inside * thick, theirs * (1 + 0.05 * rng.normal(size=3)).astype(np.float32), rng, cakes=0.08)
    at = atlas.position()[0]
    x, y = np.abs(at[..., 0]), at[..., 1]
    dark = np.array([0.10, 0.05, 0.035]) * draw(rng, (0.5, 1.6))
    hollow = regions.blob(0.50, -0.24, 0.72, draw(rng, (0.09, 0.14)))
    sides = np.exp(-(((x - draw(rng, (0.09, 0.13))) / 0.03) ** 2)) * regions.smooth(-0.12, 0.0, y)
    sides = sides * regions.smooth(0.34, 0.2, y) * (at[..., 2] > 0.95)
    shade = np.clip(draw(rng, (0.25, 0.6)) * hollow + draw(rng, (0.15, 0.5)) * sides, 0, 1)
    _lay(dressing, np.asarray(shade * inside, np.float32), dark, rng)
    pale = regions.blob(0.42, 0.08, 1.0, 0.08) + np.exp(-((x / 0.035) ** 2)) * regions.smooth(-0.15, 0.0, y) * (y < 0.4)
    _lay(dressing, np.asarray(draw(rng, (0.1, 0.4)) * pale.clip(0, 1) * inside, np.float32), [0.75, 0.62, 0.52], rng)
    lined = chance(rng, 0.6)
    if lined:
        _lay(dressing, _lines(rng) * draw(rng, (0.5, 0.85)), dark * 0.7, rng)
    bearded = chance(rng, 0.35) and person.attributes.beard == "none"
    if bearded:  # drawn with a pencil
        grown = regions.beard(("stubble", "moustache", "goatee")[int(rng.integers(3))])
        strokes = np.clip(0.6 + 0.6 * regions.noise(rng, 0.9, along=3.0), 0, 1)
        _lay(dressing, np.asarray(grown * strokes * draw(rng, (0.5, 0.9)), np.float32), dark * 0.5, rng)
    _lips(dressing, rng, (0.4, 0.9))
    dressing.palette[kinds.BROW, :3] = np.minimum(dark * 0.8, 0.2)
    dressing.spoof(kinds.BROW)
    return dressing.finished({"kind": "impersonation", "thickness": round(thick, 3), "lines": lined, "beard": bearded})


def cosmetic(person: Person, rng: np.random.Generator) -> Disguise:
    """Foundation, shadow, liner, rouge and lipstick as for a party: seen where it is laid on, skin elsewhere."""
    dressing = _ready(person)
    at = atlas.position()[0]
    inside = regions.smooth(-0.03, 0.10, on_sheet(oval(0.95, 0.92, y=0.06)))
    thick = draw(rng, (0.35, 0.75))
    even = np.exp(cv2.GaussianBlur(np.log(dressing.albedo), (0, 0), 16.0))
    even = np.asarray(even * (1 + 0.02 * rng.normal(size=3)), np.float32) * np.float32(draw(rng, (1.0, 1.18)))
    _lay(dressing, inside * thick, even, rng)
    shadow = np.array(
        [[0.10, 0.05, 0.16], [0.05, 0.11, 0.22], [0.20, 0.10, 0.06], [0.04, 0.04, 0.045], [0.30, 0.14, 0.12],
         [0.07, 0.16, 0.12]],
    )[int(rng.integers(6))]  # fmt: skip
    lids = regions.blob(0.32, 0.36, 1.0, draw(rng, (0.06, 0.10))) * regions.smooth(0.25, 0.31, at[..., 1])
    _lay(dressing, np.asarray(lids.clip(0, 1) * draw(rng, (0.5, 0.9)), np.float32), shadow, rng)
    liner = cv2.GaussianBlur(regions.painted("eyelids"), (0, 0), 1.5)
    _lay(dressing, np.asarray(liner * draw(rng, (0.4, 0.85)), np.float32), [0.02, 0.017, 0.017], rng)
    rouge = regions.blob(0.48, -0.04, 0.85, draw(rng, (0.10, 0.16)))
    _lay(dressing, np.asarray(rouge * draw(rng, (0.25, 0.6)), np.float32), [0.52, 0.13, 0.14], rng)
    _lips(dressing, rng, (0.7, 0.97))
    dressing.palette[kinds.BROW, :3] *= 0.6
    dressing.palette[kinds.LASH, :3] *= 0.4
    dressing.spoof(kinds.LASH)
    return dressing.finished({"kind": "cosmetic", "foundation": round(thick, 3)})


def _ready(person: Person) -> Dressing:
    dressing = Dressing(person)
    dressing.take_off_glasses()
    return dressing


def _lay(
    dressing: Dressing, opacity: Floats, colour: ArrayLike, rng: np.random.Generator, *, cakes: float = 0.04
) -> None:
    """Paint of a colour over what is there: it fills pores, dulls the skin's oil, and lies a little unevenly."""
    uneven = np.clip(1 + cakes * regions.noise(rng, 3.0), 0, 1.2)
    share = np.clip(opacity * uneven, 0, 1)[..., None].astype(np.float32)
    paint = np.asarray(colour, np.float32)
    dressing.albedo += share * (paint - dressing.albedo)
    dressing.slopes *= 1 - 0.6 * share
    dressing.oil *= 1 - 0.45 * share[..., 0]
    dressing.painted = np.maximum(dressing.painted, regions.smooth(*SEEN, opacity))


def _lips(dressing: Dressing, rng: np.random.Generator, strength: tuple[float, float]) -> None:
    lips = cv2.GaussianBlur(regions.painted("lips"), (0, 0), 1.6)
    colour = np.array(
        [[0.45, 0.02, 0.04], [0.30, 0.02, 0.06], [0.55, 0.16, 0.20], [0.16, 0.02, 0.04], [0.50, 0.10, 0.05]]
    )
    _lay(dressing, np.asarray(lips * draw(rng, strength), np.float32), colour[int(rng.integers(5))], rng)
    dressing.oil += lips * draw(rng, (0.2, 0.9))


def _lines(rng: np.random.Generator) -> Floats:
    """Wrinkles drawn with a pencil: across the forehead, beside nose and mouth."""
    at = atlas.position()[0]
    x, y, z = np.abs(at[..., 0]), at[..., 1], at[..., 2]
    bend = 0.012 * regions.noise(rng, 24.0)
    rows = (y + 0.1 * x**2 + bend) / draw(rng, (0.09, 0.13))
    forehead = np.exp(-(((rows - np.round(rows)) / 0.10) ** 2))
    forehead = forehead * regions.smooth(0.56, 0.62, y) * regions.smooth(0.95, 0.85, y) * regions.smooth(0.5, 0.3, x)
    fold = x - (0.22 + 0.34 * np.clip(-0.10 - y, 0, 0.4)) - bend
    fold = np.exp(-((fold / 0.016) ** 2)) * regions.smooth(-0.10, -0.18, y) * regions.smooth(-0.5, -0.4, y) * (z > 0.6)
    return np.asarray(np.maximum(forehead, fold), np.float32)
