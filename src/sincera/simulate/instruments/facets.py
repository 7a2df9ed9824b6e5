"""A face folded from a sheet of paper: flat facets between points of the face, with sharp creases."""

from __future__ import annotations

import cv2
import numpy as np

from sincera.simulate.heads.pack import Floats, Ints
from sincera.simulate.instruments.dressing import Dressing
from sincera.simulate.instruments.outlines import Outline, places, unrolled
from sincera.simulate.instruments.shells import Surface
from sincera.simulate.instruments.strangers import uv_of


def folded(
    dressing: Dressing, face: Outline, points: int, off: float, rng: np.random.Generator
) -> tuple[Surface, Ints]:
    """About `points` corners spread over the face, `off` dm before it; and the surface's rim (E, 2)."""
    at = places()
    depth = face(at)
    used = np.unique(dressing.of_skin()[0])
    front = used[(at[used, 2] > 0.1) & (dressing.normals[used] @ np.array([0, 0, 1]) > -0.2)]
    rim = front[(np.abs(depth[front]) < 0.05)]
    inner = front[(depth[front] > 0.10) & (dressing.normals[front, 2] > 0.35)]
    corners = np.concatenate([_spread(at, rim, max(points // 3, 12), rng), _spread(at, inner, points, rng)])
    flat = np.stack([unrolled(at[corners]), at[corners, 1]], -1)
    triangles = _delaunay(flat)
    outward = dressing.body - np.array([0, 0.1, -0.2], np.float32)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    place = dressing.body[corners] + np.float32(off) * outward[corners]
    tri = place[triangles]
    normal = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
    turned = (normal * (tri.mean(1) - np.array([0, 0.1, -0.2]))).sum(1) < 0
    triangles[turned] = triangles[turned][:, ::-1]
    tri, normal = place[triangles], np.where(turned[:, None], -normal, normal)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    apart = np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3)
    # Printed for this very head: what lies before the eyes shows eyes.
    made = Surface(
        tri.reshape(-1, 3).astype(np.float32), np.repeat(normal, 3, 0).astype(np.float32), apart,
        uv_of(tri).astype(np.float32),
    )  # fmt: skip
    return made, _outer(triangles, apart)


def _spread(at: Floats, among: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Vertices far apart from one another: each the farthest from those taken before."""
    taken = [int(among[int(rng.integers(len(among)))])]
    distance = np.full(len(among), np.inf)
    for _ in range(min(count, len(among)) - 1):
        distance = np.minimum(distance, np.linalg.norm(at[among] - at[taken[-1]], axis=1))
        taken.append(int(among[int(distance.argmax())]))
    return np.array(taken, np.int32)


def _delaunay(flat: Floats) -> Ints:
    """Triangles (T, 3) between points (N, 2)."""
    low, high = flat.min(0) - 0.1, flat.max(0) + 0.1
    scale = 1000.0 / float((high - low).max())
    grid = ((flat - low) * scale).astype(np.float32)
    plane = cv2.Subdiv2D((0, 0, 1200, 1200))
    known: dict[int, int] = {}
    for index, (x, y) in enumerate(grid):
        known.setdefault(plane.insert((float(x), float(y))), index)
    found = []
    for corners in np.asarray(plane.getTriangleList(), np.float32).reshape(-1, 3, 2):
        if (corners < 0).any() or (corners > 1100).any():
            continue  # of the frame that the library puts around
        near = [int(np.abs(grid - corner).sum(1).argmin()) for corner in corners]
        if len(set(near)) == 3:
            found.append(near)
    return np.array(found, np.int32)


def _outer(triangles: Ints, apart: Ints) -> Ints:
    """Edges of one triangle alone, as numbers of the vertices taken apart."""
    seen: dict[tuple[int, int], tuple[int, int] | None] = {}
    for corners, own in zip(triangles.tolist(), apart.tolist(), strict=True):
        for i in range(3):
            a, b = corners[i], corners[(i + 1) % 3]
            key = (min(a, b), max(a, b))
            seen[key] = None if key in seen else (own[i], own[(i + 1) % 3])
    return np.array([edge for edge in seen.values() if edge is not None], np.int32).reshape(-1, 2)
