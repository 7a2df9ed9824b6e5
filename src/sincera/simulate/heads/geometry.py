"""One frame's vertices: expression, gaze, pose and camera, in compiled loops."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads.jit import compiled
from sincera.simulate.heads.pack import Floats, Ints


@compiled
def follow(vertices: Floats, first: int, reference: Ints, weight: Floats, offset: Floats) -> None:
    """Put each following vertex from `first` on where its three reference vertices carry it."""
    for i in range(reference.shape[0]):
        a, b, c = reference[i, 0], reference[i, 1], reference[i, 2]
        for k in range(3):
            vertices[first + i, k] = (
                weight[i, 0] * vertices[a, k] + weight[i, 1] * vertices[b, k] + weight[i, 2] * vertices[c, k]
            ) + offset[i, k]


@compiled
def vertex_normals(vertices: Floats, triangles: Ints, normals: Floats, count: int) -> None:
    """Area-weighted normals (unit) of the first `count` vertices; others are left as they are."""
    normals[:count] = 0.0
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = (vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2])
        vx, vy, vz = (vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2])
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for corner in (a, b, c):
            normals[corner, 0] += x
            normals[corner, 1] += y
            normals[corner, 2] += z
    for i in range(count):
        length = np.sqrt(normals[i, 0] ** 2 + normals[i, 1] ** 2 + normals[i, 2] ** 2)
        if length > 0:
            normals[i] /= length


@compiled
def place(
    vertices: Floats,
    directions: Floats,
    head_share: Floats,
    head: Floats,
    body: Floats,
    camera: Floats,
    points: Floats,
    turned: Floats,
    screen: Floats,
) -> None:
    """Turn head and shoulders, blend them along the neck and project.

    directions: (K, N, 3) normals and tangents.  head_share: (N,) 1 = turns with the head.  head, body: (3, 4) maps.
    camera: focal length and centre in samples.  Out: points (N, 3) seen from the camera (x right, y up, z = minus the
    distance along the view), turned like directions, screen (N, 3): x, y in samples and 1 / distance.
    """
    m = np.empty((3, 4), np.float32)
    for i in range(vertices.shape[0]):
        share = head_share[i]
        for r in range(3):
            for c in range(4):
                m[r, c] = share * head[r, c] + (1.0 - share) * body[r, c]
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        for r in range(3):
            points[i, r] = m[r, 0] * x + m[r, 1] * y + m[r, 2] * z + m[r, 3]
        for k in range(directions.shape[0]):
            x, y, z = directions[k, i, 0], directions[k, i, 1], directions[k, i, 2]
            for r in range(3):
                turned[k, i, r] = m[r, 0] * x + m[r, 1] * y + m[r, 2] * z
        near = -1.0 / min(points[i, 2], -0.1)
        screen[i, 0] = camera[1] + camera[0] * points[i, 0] * near
        screen[i, 1] = camera[2] - camera[0] * points[i, 1] * near
        screen[i, 2] = near
