"""How much of the sky each vertex sees: baked once per person."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads.jit import compiled
from sincera.simulate.heads.pack import Bytes, Floats, Ints
from sincera.simulate.heads.raster import draw_depth

DIRECTIONS, SIZE, SCALE = 48, 112, 26.0


def bake_occlusion(vertices: Floats, normals: Floats, triangles: Ints, skip: Bytes) -> Floats:
    """(N,) cosine-weighted share of 48 directions from which the vertex is seen, 0 … 1."""
    seen, total = np.zeros(len(vertices), np.float32), np.full(len(vertices), 1e-6, np.float32)
    buffer = np.empty((SIZE, SIZE), np.float32)
    for view in _views():
        buffer[:] = -9.0
        points = ((vertices - np.array([0, 0.1, 0.1], np.float32)) @ view.T).astype(np.float32)
        draw_depth(points, triangles, skip, SIZE, SCALE, buffer)
        _count_seen(points, (normals @ view[2]).astype(np.float32), buffer, SCALE, seen, total)
    return np.asarray(np.minimum(seen / total, 1.0), np.float32)


def _views() -> list[Floats]:
    """Rotations (3, 3) whose third row points at evenly spread directions (golden spiral)."""
    step = np.arange(DIRECTIONS) + 0.5
    height, turn = 1 - 2 * step / DIRECTIONS, step * np.pi * (3 - np.sqrt(5))
    ring = np.sqrt(1 - height**2)
    every = np.stack([ring * np.cos(turn), height, ring * np.sin(turn)], -1).astype(np.float32)
    return [view_along(towards) for towards in every]


def view_along(towards: Floats) -> Floats:
    """A rotation (3, 3): rows right, up and towards, the last as given (unit)."""
    up = np.array([0, 1, 0]) if abs(towards[1]) < 0.95 else np.array([0, 0, 1])
    right = np.cross(up, towards)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(towards, right), towards]).astype(np.float32)


@compiled
def _count_seen(points: Floats, facing: Floats, buffer: Floats, scale: float, seen: Floats, total: Floats) -> None:
    size = buffer.shape[0]
    for i in range(points.shape[0]):
        if facing[i] <= 0.0:
            continue
        total[i] += facing[i]
        x, y = int(points[i, 0] * scale + size * 0.5 + 0.5), int(points[i, 1] * scale + size * 0.5 + 0.5)
        outside = x < 0 or y < 0 or x >= size or y >= size
        if outside or buffer[y, x] < points[i, 2] + 0.06 + 0.06 * (1.0 - facing[i]):
            seen[i] += facing[i]
