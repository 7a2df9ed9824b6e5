"""Glasses that are the attack: joke glasses with big eyes on them, and glasses cut from printed paper."""

from __future__ import annotations

import cv2
import numpy as np

from sincera.simulate.heads import Person, glasses
from sincera.simulate.heads.mesh import Builder
from sincera.simulate.heads.pack import Floats, pack
from sincera.simulate.heads.records import PARTS
from sincera.simulate.instruments.dressing import METAL, PAPER, PLASTIC, Disguise, Dressing
from sincera.simulate.instruments.sheets import plane, profile
from sincera.simulate.instruments.shells import Surface, cut, normals_of
from sincera.simulate.light import chance, draw
from sincera.simulate.pixels import blur

WORN = PARTS.index("glasses")
RINGS = 6
SIDE = 160  # pixels of one eye's picture
STYLES = ("round", "square", "aviator", "cat")


def funny_eyes(person: Person, rng: np.random.Generator) -> Disguise:
    """A frame whose lenses are bulging eyes, white with an iris, under clear plastic."""
    dressing = Dressing(person)
    dressing.take_off_glasses()
    style = STYLES[int(rng.integers(len(STYLES)))]
    builder = Builder(dressing.body, pack().triangles)
    lenses = glasses.wear(builder, style, dressing.palette, rng)
    bright = chance(rng, 0.6)
    if bright:
        dressing.palette[METAL, :3] = rng.uniform(0.02, 0.7, 3)
    dressing.put(_frame(builder), METAL, part=WORN)
    first = int(lenses.triangles.min())
    rings = np.concatenate(builder.vertices)[first:].reshape(2, -1, 3)
    bulge, grown = draw(rng, (0.05, 0.22)), draw(rng, (1.0, 1.3))
    domes = [_dome(ring, bulge, grown, side) for side, ring in enumerate(rings)]
    for dome in domes:
        dressing.put(dome, PAPER, part=WORN)
        back = Surface(dome.vertices, -dome.normals, np.ascontiguousarray(dome.triangles[:, ::-1]), dome.uv)
        dressing.put(back, PLASTIC, part=WORN)
    dressing.palette[PLASTIC] = 0.6, 0.6, 0.6, 0.4
    clear = Surface.joined(*(_before(dome, 0.01) for dome in domes))
    dressing.put_clear(clear, np.full(3, 0.97, np.float32))
    dressing.print_on(np.hstack([_eye(rng, *_colours(rng))] * 2))
    return dressing.finished({"kind": "funny eyes", "style": style, "bulge": round(bulge, 3), "size": round(grown, 3)})


def _frame(builder: Builder) -> Surface:
    """The pieces of glasses that a builder was given, with the numbers of their own vertices."""
    count = len(builder.vertices[0])
    vertices = np.concatenate(builder.vertices[1:])
    return Surface(
        vertices, np.concatenate(builder.normals[1:]), np.concatenate(builder.triangles) - np.int32(count),
        np.concatenate(builder.uv),
    )  # fmt: skip


def _dome(ring: Floats, bulge: float, grown: float, side: int) -> Surface:
    """A lens (rim and, last, centre) as a dome; its picture is one half of the page."""
    rim, centre = ring[:-1], ring[:-1].mean(0)
    steps = np.linspace(1, 0, RINGS, endpoint=False)
    places = [centre + step * grown * (rim - centre) for step in steps]
    for step, place in zip(steps, places, strict=True):
        place[:, 2] += 0.03 + bulge * (1 - step**2)
    vertices = np.vstack([*places, centre + np.array([0, 0, 0.03 + bulge])]).astype(np.float32)
    n, triangles = len(rim), []
    for k in range(RINGS):
        for i in range(n):
            a, b = k * n + i, k * n + (i + 1) % n
            if k == RINGS - 1:
                triangles.append((a, b, RINGS * n))
            else:
                triangles += [(a, b, a + n), (b, b + n, a + n)]
    faces = np.array(triangles, np.int32)
    if float(normals_of(vertices, faces)[:, 2].sum()) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
    reach = 1.02 * np.abs(vertices[:, :2] - centre[:2]).max()
    flat = 0.5 + 0.5 * (vertices[:, :2] - centre[:2]) * np.array([1, -1]) / reach
    flat[:, 0] = (flat[:, 0] + side) / 2
    return Surface(vertices, normals_of(vertices, faces), faces, flat.astype(np.float32)[faces])


def _before(surface: Surface, distance: float) -> Surface:
    moved = (surface.vertices + np.float32(distance) * surface.normals).astype(np.float32)
    return Surface(moved, surface.normals, surface.triangles, surface.uv)


def _colours(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Of the white and of the iris."""
    white = np.full(3, draw(rng, (0.65, 0.85))) if chance(rng, 0.75) else rng.uniform(0.05, 0.8, 3)
    iris = rng.uniform(0.01, 0.45, 3)
    return np.asarray(white, np.float32), np.asarray(iris, np.float32)


def _eye(rng: np.random.Generator, white: Floats, iris: Floats) -> Floats:
    """(SIDE, SIDE, 3): a cartoonist's eye, with red veins now and then."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5
    at = rng.normal(0, 0.05, 2)
    reach = np.hypot(x - at[0], y - at[1])
    sheet = np.ones((SIDE, SIDE, 3), np.float32) * white
    if chance(rng, 0.5):
        veins = np.zeros((SIDE, SIDE), np.uint8)
        for angle in rng.uniform(0, 2 * np.pi, 9):
            steps = np.linspace(0.2, 0.5, 5)
            turn = angle + np.cumsum(rng.normal(0, 0.15, 5))
            line = SIDE * (0.5 + np.stack([steps * np.cos(turn), steps * np.sin(turn)], -1))
            cv2.polylines(veins, [np.rint(line).astype(np.int32)], isClosed=False, color=255, lineType=cv2.LINE_AA)
        sheet *= np.exp(-(veins / np.float32(255))[..., None] * np.array([0.1, 1.5, 1.5], np.float32))
    size = draw(rng, (0.17, 0.32))
    for radius, colour in ((size, iris), (size * draw(rng, (0.35, 0.6)), np.full(3, 0.01, np.float32))):
        inside = np.clip((radius - reach) * SIDE / 1.5, 0, 1)[..., None]
        sheet = sheet * (1 - inside) + inside * colour
    glint = np.clip((0.045 - np.hypot(x - at[0] - 0.07, y - at[1] + 0.07)) * SIDE / 1.5, 0, 1)[..., None]
    return np.asarray(sheet * (1 - glint) + glint * 0.85, np.float32)


def paper_glasses(person: Person, rng: np.random.Generator) -> Disguise:
    """A paper frame in loud print before the eyes, with holes to look through, and paper temples."""
    dressing = Dressing(person)
    dressing.take_off_glasses()
    style, holed = STYLES[int(rng.integers(len(STYLES)))], chance(rng, 0.7)
    half, high = draw(rng, (0.56, 0.72)), draw(rng, (0.19, 0.28))
    level = profile(dressing, half, (0.0, 0.55), stiff=0.12, gap=0.02)
    front = plane(level, half, (0.29 - high - 0.06, 0.29 + high + 0.06))
    vertices = front.vertices
    left = cut(front.triangles, _outline(vertices, half, high, style, rng, holed=holed))
    flat = Surface(
        left.of_vertices(vertices), left.of_vertices(front.normals), left.triangles, left.of_corners(front.uv)
    )
    dressing.put(flat.two_sided(), PAPER, part=WORN)
    for side in (-1.0, 1.0):
        dressing.put(_temple(dressing, side, half, level, high), PAPER, part=WORN)
    dressing.print_on(_loud(rng))
    return dressing.finished({"kind": "paper glasses", "style": style, "holes": holed, "width": round(half, 3)})


def _outline(
    at: Floats, half: float, high: float, style: str, rng: np.random.Generator, *, holed: bool
) -> Floats:  # fmt: skip
    """Depth inside the paper at (N, 3): two lenses and a bridge, less the holes."""
    power = {"round": 2.0, "square": 5.0, "aviator": 2.8, "cat": 3.2}[style]
    x, y = np.abs(at[:, 0]), at[:, 1] - 0.285
    if style == "cat":
        y = y - 0.12 * np.clip(x - 0.3, 0, 1)
    wide = (half - 0.06) / 2
    centre = 0.06 + wide
    reach = (np.abs((x - centre) / wide) ** power + np.abs(y / high) ** power) ** (1 / power)
    lens = (1 - reach) * min(wide, high)
    bridge = np.minimum(0.11 - x, 0.055 - np.abs(y - 0.03))
    depth = np.maximum(lens, bridge)
    if holed:
        rim = draw(rng, (0.05, 0.10))
        inner = (np.abs((x - centre) / (wide - rim)) ** power + np.abs(y / (high - rim)) ** power) ** (1 / power)
        depth = np.minimum(depth, (inner - 1) * (min(wide, high) - rim))
    return np.asarray(depth, np.float32)


def _temple(dressing: Dressing, side: float, half: float, level: tuple[Floats, Floats], high: float) -> Surface:
    """A strip from the front's end back over the ear."""
    body = dressing.body
    front = float(np.interp(half, *level))
    steps = np.linspace(0, 1, 7)
    z = front + (-0.1 - front) * steps
    out = np.empty(len(steps))
    for i, depth in enumerate(z):
        near = (np.abs(body[:, 2] - depth) < 0.09) & (np.abs(body[:, 1] - 0.32) < 0.08) & (body[:, 0] * side > 0.2)
        head = float(np.quantile(np.abs(body[near, 0]), 0.5)) + 0.03 if near.sum() > 2 else half
        out[i] = max(head, half * (1 - 0.15 * steps[i])) if steps[i] < 0.6 else head
    out[0] = half - 0.02
    tall = np.linspace(0.09, 0.05, len(steps)) * (high / 0.22)
    edges = [np.stack([side * out, 0.315 + way * tall, z], -1) for way in (1, -1)]
    vertices = np.concatenate(edges).astype(np.float32)
    n = len(steps)
    faces = np.array([t for i in range(n - 1) for t in ((i, n + i, i + 1), (i + 1, n + i, n + i + 1))], np.int32)
    uv = np.stack([np.tile(0.1 + 0.3 * steps, 2), np.repeat([0.4, 0.5], n)], -1).astype(np.float32)
    if float((normals_of(vertices, faces)[:, 0] * side).sum()) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
    return Surface(vertices, normals_of(vertices, faces), faces, uv[faces]).two_sided()


def _loud(rng: np.random.Generator) -> Floats:
    """(h, w, 3) of what is printed on it: patches, stripes, dots or flowers in strong ink; never as bright as paint."""
    height, width = 128, 256
    kind = str(rng.choice(["patches", "stripes", "dots", "plain"], p=[0.45, 0.2, 0.2, 0.15]))
    inks = rng.uniform(0.02, 0.65, (5, 3)).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    if kind == "patches":
        fields = [
            blur(rng.standard_normal((height, width, 1), np.float32), draw(rng, (4, 12)))[..., 0] for _ in range(5)
        ]
        sheet = inks[np.argmax(np.stack([f / f.std() for f in fields]), 0)]
    elif kind == "stripes":
        turn, pitch = rng.uniform(0, np.pi), draw(rng, (10, 30))
        sheet = inks[((x * np.cos(turn) + y * np.sin(turn)) / pitch).astype(int) % 2]
    elif kind == "dots":
        pitch = draw(rng, (14, 28))
        inside = np.hypot(x % pitch - pitch / 2, y % pitch - pitch / 2) < 0.33 * pitch
        sheet = np.where(inside[..., None], inks[0], inks[1])
    else:
        sheet = np.ones((height, width, 3), np.float32) * inks[0]
    grain = 1 + 0.06 * blur(rng.standard_normal((height, width, 1), np.float32), 0.8)
    return np.asarray((blur(np.ascontiguousarray(sheet, np.float32), 0.6) * grain).clip(0.01, 0.85), np.float32)
