"""Flat paper before a face: bent as cheeks and nose push it, straight from top to bottom."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads.pack import Floats
from sincera.simulate.instruments.dressing import Dressing
from sincera.simulate.instruments.shells import Surface
from sincera.simulate.instruments.strangers import uv_of

STEP = 0.03  # dm between the corners of a sheet's mesh
Profile = tuple[Floats, Floats]  # x of columns and the paper's z there, dm


def profile(
    dressing: Dressing, half: float, rows: tuple[float, float], *, stiff: float, gap: float, x: float = 0.0
) -> Profile:
    """How far out a sheet lies that is laid on the face between two heights, as far as `half` to both sides of x.

    It touches what sticks out and spans what lies deeper; `stiff` is the length (dm) over which it bends, `gap` its
    distance to what it touches.
    """
    body = dressing.body
    across = np.arange(x - half - 0.2, x + half + 0.2 + STEP, STEP, dtype=np.float32)
    band = (body[:, 1] > rows[0]) & (body[:, 1] < rows[1]) & (body[:, 2] > 0.2)
    seen = body[band]
    reach = np.abs(seen[None, :, 0] - across[:, None]) < 0.06
    top = np.where(reach, seen[None, :, 2], -9.0).max(1)
    top = np.where(top < -1, np.interp(across, across[top > -1], top[top > -1]), top)
    # The least concave line above: paper does not fold inwards.
    taut = np.array([max(_hang(across, top, float(at)), float(z)) for at, z in zip(across, top, strict=True)])
    kernel = np.exp(-0.5 * (np.arange(-3 * stiff, 3 * stiff + STEP, STEP) / stiff) ** 2)
    soft = np.convolve(np.pad(taut, len(kernel) // 2, mode="edge"), kernel / kernel.sum(), mode="valid")[: len(across)]
    soft += max(float((top - soft)[np.abs(across - x) < half].max()), 0.0) + gap
    return across, soft.astype(np.float32)


def _hang(across: Floats, top: Floats, at: float) -> float:
    """Height at `at` of the highest straight line between a point to its left and one to its right."""
    left, right = across < at, across > at
    if not left.any() or not right.any():
        return -9.0
    xl, zl, xr, zr = across[left][:, None], top[left][:, None], across[right][None], top[right][None]
    return float((zl + (zr - zl) * (at - xl) / (xr - xl)).max())


def plane(level: Profile, half: float, rows: tuple[float, float], *, x: float = 0.0) -> Surface:
    """A rectangular sheet along the profile; uv as a page shows what lies there."""
    across = np.arange(x - half, x + half + STEP / 2, STEP)
    down = np.arange(rows[0], rows[1] + STEP / 2, STEP)
    z = np.interp(across, *level)
    slope = np.gradient(z, across)
    grid = np.stack(np.broadcast_arrays(across[None], down[:, None], z[None]), -1).astype(np.float32)
    normal = np.stack(np.broadcast_arrays(-slope[None], 0 * down[:, None], np.ones((1, len(across)))), -1)
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    wide = len(across)
    first = (np.arange(len(down) - 1)[:, None] * wide + np.arange(wide - 1)[None]).ravel()[:, None]
    triangles = np.concatenate([first + np.array(corner) for corner in ((0, 1, wide), (1, wide + 1, wide))]).astype(
        np.int32
    )
    vertices = grid.reshape(-1, 3)
    return Surface(vertices, normal.reshape(-1, 3).astype(np.float32), triangles, uv_of(vertices)[triangles])
