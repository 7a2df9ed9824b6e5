"""Glasses: rims, bridge and temples as tubes, and lenses that tint and reflect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sincera.simulate.heads.geometry import vertex_normals
from sincera.simulate.heads.materials import FRAME
from sincera.simulate.heads.mesh import Builder
from sincera.simulate.heads.pack import Floats, Ints

ROUND_STEPS, TUBE_STEPS = 28, 6
BEND = 0.16
"""How fast the front bends back to the temples, 1 / dm."""
FRAME_COLOURS = np.array(
    [[0.015, 0.015, 0.017], [0.05, 0.022, 0.012], [0.30, 0.30, 0.31], [0.42, 0.30, 0.13], [0.02, 0.03, 0.08],
     [0.10, 0.015, 0.015]], np.float32,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Lenses:
    """Two lenses as vertices of the head's mesh: triangles (T, 3), and what they let through (3,)."""

    triangles: Ints
    tint: Floats


def wear(builder: Builder, style: str, palette: Floats, rng: np.random.Generator) -> Lenses:
    """Add a pair of glasses to the mesh, fitted to eyes, brows and ears of this head."""
    body = builder.body
    colour = FRAME_COLOURS[int(rng.integers(len(FRAME_COLOURS)))] * np.exp(rng.normal(0, 0.2))
    palette[FRAME] = *colour, 0.25
    thick = rng.uniform(0.014, 0.022) if style in ("aviator", "half", "round") else rng.uniform(0.016, 0.030)
    outline = _outline(style, rng)
    front = (np.abs(body[:, 0]) < 0.62) & (np.abs(body[:, 1] - 0.28) < 0.3)
    near = body[front & (np.abs(body[:, 0]) > 0.15)]
    level = float(np.quantile(near[:, 2] + BEND * near[:, 0] ** 2, 0.99)) + 0.04
    outer = np.abs(outline[:, 0]).max()
    rims = []
    for side in (-1.0, 1.0):
        ring = np.empty((len(outline), 3), np.float32)
        ring[:, 0] = side * (0.325 + outline[:, 0])
        ring[:, 1] = 0.265 + outline[:, 1]
        # The front is bent back a little towards the temples.
        ring[:, 2] = level - BEND * ring[:, 0] ** 2
        rims.append(ring)
        top_only = style == "half"
        path = ring[outline[:, 1] > -0.02] if top_only else np.vstack([ring, ring[:2]])
        if top_only:
            path = path[np.argsort(path[:, 0])]
        _tube(builder, path, thick)
        _temple(builder, side, 0.325 + outer, level, thick)
    nose = 0.325 - outer
    arch = np.linspace(-1, 1, 9)
    bridge = np.stack([arch * (nose + 0.01), 0.30 + 0.045 * (1 - arch**2), np.full(9, level - 0.012)], -1)
    _tube(builder, bridge.astype(np.float32), thick * 0.9)
    tint = np.ones(3) * 0.93 if rng.random() < 0.85 else np.array([0.72, 0.66, 0.58])
    return _lenses(builder, rims, tint.astype(np.float32))


def _outline(style: str, rng: np.random.Generator) -> Floats:
    """One lens' rim around its centre (N, 2), dm, drawn for the subject's left eye (outwards is +x)."""
    wide, tall = rng.uniform(0.215, 0.255), rng.uniform(0.14, 0.20)
    power = {"round": 2.0, "square": 4.5, "aviator": 2.6, "cat": 3.2, "half": 3.2}[style]
    if style == "round":
        wide = tall = rng.uniform(0.195, 0.235)
    turn = np.linspace(0, 2 * np.pi, ROUND_STEPS, endpoint=False)
    cosine, sine = np.cos(turn), np.sin(turn)
    x = wide * np.sign(cosine) * np.abs(cosine) ** (2 / power)
    y = tall * np.sign(sine) * np.abs(sine) ** (2 / power)
    if style == "aviator":
        y = np.where(y < 0, y * 1.25, y)
        x = x * (1 - 0.16 * np.clip(-y / tall, 0, 1.3))
    if style == "cat":
        y = y + 0.05 * (x / wide) * (y > 0)
    return np.stack([x, y], -1).astype(np.float32)


def _temple(builder: Builder, side: float, out: float, level: float, thick: float) -> None:
    """From the hinge back to the ear and a little down behind it, never inside the head."""
    body = builder.body
    steps = np.array([0.0, 0.10, 0.35, 0.6, 0.82, 1.0])
    back = -0.12
    hinge = level - BEND * out**2
    path = np.empty((len(steps), 3), np.float32)
    for i, step in enumerate(steps):
        z = hinge + (back - hinge) * step
        near = (np.abs(body[:, 2] - z) < 0.09) & (np.abs(body[:, 1] - 0.32) < 0.08) & (body[:, 0] * side > 0.2)
        head = float(np.quantile(np.abs(body[near, 0]), 0.5)) + 0.03 if near.sum() > 2 else out
        path[i] = side * max(head, out * (1 - 0.2 * step) if step < 0.5 else head), 0.315 - 0.02 * step, z
    _tube(builder, path, thick * 0.85)


def _tube(builder: Builder, path: Floats, radius: float) -> None:
    """A tube (two flat ends left open) along a path (N, 3)."""
    forward = np.gradient(path, axis=0)
    forward /= np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-6)
    side = np.cross(forward, np.array([0.0, 0.3, 1.0]))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-6)
    up = np.cross(side, forward)
    turn = np.linspace(0, 2 * np.pi, TUBE_STEPS, endpoint=False)
    ring = radius * (np.cos(turn)[None, :, None] * side[:, None] + np.sin(turn)[None, :, None] * up[:, None])
    vertices = (path[:, None] + ring).reshape(-1, 3).astype(np.float32)
    triangles = []
    for i in range(len(path) - 1):
        for k in range(TUBE_STEPS):
            a, b = i * TUBE_STEPS + k, i * TUBE_STEPS + (k + 1) % TUBE_STEPS
            triangles += [(a, a + TUBE_STEPS, b), (b, a + TUBE_STEPS, b + TUBE_STEPS)]
    faces = np.array(triangles, np.int32)
    normals = np.zeros_like(vertices)
    vertex_normals(vertices, faces, normals, len(vertices))
    if float((normals * ring.reshape(-1, 3)).sum()) < 0:
        faces = faces[:, ::-1].copy()
    builder.piece(vertices, faces, np.zeros((len(faces), 3, 2), np.float32), FRAME)


def _lenses(builder: Builder, rims: list[Floats], tint: Floats) -> Lenses:
    vertices: list[Floats] = []
    triangles: list[tuple[int, int, int]] = []
    for ring in rims:
        first = sum(map(len, vertices))
        centre = ring.mean(0) + np.array([0, 0, 0.02])
        vertices.append(np.vstack([ring, centre[None]]).astype(np.float32))
        n = len(ring)
        triangles += [(first + i, first + (i + 1) % n, first + n) for i in range(n)]
    start = builder.loose(np.vstack(vertices).astype(np.float32))
    return Lenses(np.array(triangles, np.int32) + start, tint)
