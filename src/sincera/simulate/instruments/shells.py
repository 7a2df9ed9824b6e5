"""Surfaces cut along an outline: triangles that cross the edge are divided, so that it is as smooth as the mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sincera.simulate.heads.pack import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What is left of a mesh.

    ends, share: (N, 2), (N,) each vertex lies `share` of the way from one old vertex to another.  triangles: (T, 3).
    source: (T,) the old triangle, and corner: (T, 3, 3) each corner's weights in it.  rim: (E, 2) edges that were cut,
    with what is left on their left.
    """

    ends: Ints
    share: Floats
    triangles: Ints
    source: Ints
    corner: Floats
    rim: Ints

    def of_vertices(self, values: Floats) -> Floats:
        """Values of the old vertices (…, C) at the new ones."""
        share = self.share[:, None]
        return np.asarray(values[self.ends[:, 0]] * (1 - share) + values[self.ends[:, 1]] * share, np.float32)

    def of_corners(self, values: Floats) -> Floats:
        """Values of the old triangles' corners (T, 3, C) at the new ones'."""
        return np.asarray(np.einsum("tij,tjc->tic", self.corner, values[self.source]), np.float32)


def cut(triangles: Ints, depth: Floats) -> Cut:
    """The part of a mesh in which `depth` (a value for every vertex, about its distance to the edge) is positive.

    >>> left = cut(np.array([[0, 1, 2]], np.int32), np.array([1.0, -1.0, -1.0], np.float32))
    >>> left.triangles.tolist(), left.share.tolist(), left.rim.tolist()
    ([[0, 1, 2]], [0.0, 0.5, 0.5], [[1, 2]])
    """
    inside = depth[triangles] > 0
    count = inside.sum(1)
    numbers: dict[tuple[int, int], int] = {}
    ends: list[tuple[int, int]] = []
    share: list[float] = []

    def number(a: int, b: int) -> int:
        key = (a, b) if a < b else (b, a)
        if key not in numbers:
            numbers[key] = len(ends)
            ends.append(key)
            low, high = float(depth[key[0]]), float(depth[key[1]])
            share.append(0.0 if key[0] == key[1] else low / (low - high))
        return numbers[key]

    faces: list[list[int]] = []
    sources: list[int] = []
    corners: list[list[Floats]] = []
    rim: list[tuple[int, int]] = []
    own = np.eye(3, dtype=np.float32)
    for t in np.flatnonzero(count > 0):
        old = [int(v) for v in triangles[t]]
        loop: list[tuple[int, Floats, bool]] = []  # number, weights, cut
        for i in range(3):
            j = (i + 1) % 3
            if inside[t, i]:
                loop.append((number(old[i], old[i]), own[i], False))
            if inside[t, i] != inside[t, j]:
                way = float(depth[old[i]] / (depth[old[i]] - depth[old[j]]))
                loop.append((number(old[i], old[j]), own[i] * (1 - way) + own[j] * way, True))
        for k in range(1, len(loop) - 1):
            faces.append([loop[0][0], loop[k][0], loop[k + 1][0]])
            corners.append([loop[0][1], loop[k][1], loop[k + 1][1]])
            sources.append(int(t))
        rim += [(a[0], b[0]) for a, b in zip(loop, loop[1:] + loop[:1], strict=True) if a[2] and b[2]]
    return Cut(
        np.array(ends, np.int32).reshape(-1, 2), np.array(share, np.float32),
        np.array(faces, np.int32).reshape(-1, 3), np.array(sources, np.int32),
        np.array(corners, np.float32).reshape(-1, 3, 3), np.array(rim, np.int32).reshape(-1, 2),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """vertices, normals: (N, 3) dm at rest.  triangles: (T, 3).  uv: (T, 3, 2) of whatever is drawn on it."""

    vertices: Floats
    normals: Floats
    triangles: Ints
    uv: Floats

    @classmethod
    def joined(cls, *parts: Surface) -> Surface:
        """Several as one."""
        firsts = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
        return cls(
            np.concatenate([part.vertices for part in parts]),
            np.concatenate([part.normals for part in parts]),
            np.concatenate([part.triangles + first for part, first in zip(parts, firsts, strict=True)]).astype(
                np.int32
            ),
            np.concatenate([part.uv for part in parts]),
        )

    def two_sided(self) -> Surface:
        """Also seen from behind, where the renderer drops what is turned away."""
        back = Surface(self.vertices, -self.normals, np.ascontiguousarray(self.triangles[:, ::-1]), self.uv[:, ::-1])
        return Surface.joined(self, back)

    def divided(self) -> Surface:
        """Each triangle as four, taken apart, for holes smaller than triangles."""
        at, out, uv = self.vertices[self.triangles], self.normals[self.triangles], self.uv

        triangles = np.arange(12 * len(at), dtype=np.int32).reshape(-1, 3)
        return Surface(_quarters(at).reshape(-1, 3), _quarters(out).reshape(-1, 3), triangles, _quarters(uv))

    def edge(self, rim: Ints, thickness: float, *, uv: tuple[float, float] | None = None) -> Surface:
        """The cut face along a rim of this surface: as deep as the stuff is thick.  uv: one place, None as the rim."""
        a, b = rim[:, 0], rim[:, 1]
        outer = np.stack([self.vertices[a], self.vertices[b]], 1)
        inward = np.stack([self.normals[a], self.normals[b]], 1)
        across = np.cross(outer[:, 1] - outer[:, 0], inward.mean(1))
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
        corners = np.concatenate([outer, outer - thickness * inward], 1).reshape(-1, 3)
        first = 4 * np.arange(len(rim))[:, None]
        triangles = np.concatenate([first + np.array(corner) for corner in ((0, 2, 1), (1, 2, 3))]).astype(np.int32)
        if uv is None:
            found = np.zeros((len(self.vertices), 2), np.float32)
            found[self.triangles.ravel()] = self.uv.reshape(-1, 2)
            of_corner = np.stack([found[a], found[b], found[a], found[b]], 1).reshape(-1, 2)
        else:
            of_corner = np.tile(np.array(uv, np.float32), (4 * len(rim), 1))
        return Surface(
            corners.astype(np.float32), np.repeat(across, 4, 0).astype(np.float32), triangles,
            of_corner[triangles].astype(np.float32),
        )  # fmt: skip


def _quarters(corners: Floats) -> Floats:
    """Values at the corners of triangles (T, 3, C) → at those of their quarters (4 T, 3, C)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    parts = [np.stack(part, 1) for part in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
    return np.asarray(np.concatenate(parts), np.float32)


def normals_of(vertices: Floats, triangles: Ints) -> Floats:
    """Unit normals (N, 3) of a mesh."""
    from sincera.simulate.heads.geometry import vertex_normals

    normals = np.zeros_like(vertices)
    vertex_normals(np.ascontiguousarray(vertices, np.float32), triangles, normals, len(vertices))
    return normals


def smoothed(vertices: Floats, triangles: Ints, times: int, share: float = 0.5) -> Floats:
    """Each vertex moved towards the mean of its neighbours, again and again: what a thick material does to features."""
    pairs = np.unique(
        np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1), axis=0
    )
    count = np.bincount(pairs.ravel(), minlength=len(vertices))[:, None]
    soft = vertices.astype(np.float32)
    for _ in range(times):
        total = np.zeros_like(soft)
        np.add.at(total, pairs[:, 0], soft[pairs[:, 1]])
        np.add.at(total, pairs[:, 1], soft[pairs[:, 0]])
        soft = np.where(count > 0, soft + np.float32(share) * (total / np.maximum(count, 1) - soft), soft)
    return np.asarray(soft, np.float32)
