"""The rasteriser against slow, obvious versions."""

from __future__ import annotations

import numpy as np
import pytest

from sincera.simulate.heads.materials import HAIR, MATERIALS, SKIN
from sincera.simulate.heads.occlusion import bake_occlusion, view_along
from sincera.simulate.heads.raster import draw, draw_depth


def draw_all(screen: np.ndarray, triangles: np.ndarray, kind: int, cover: int = 255) -> tuple[np.ndarray, np.ndarray]:
    count = len(triangles)
    starts = np.zeros((MATERIALS, 3), np.int32)
    starts[:, 1:] = 1
    near, ids = np.zeros((24, 32), np.float32), np.full((24, 32), -1, np.int32)
    draw(
        screen.astype(np.float32),
        triangles.astype(np.int32),
        np.full(count, kind, np.uint8),
        np.zeros(count, np.uint8),
        np.zeros((count, 3, 2), np.float32),
        np.array([cover], np.uint8),
        starts,
        2,
        near,
        ids,
    )
    return near, ids


def test_each_sample_shows_the_nearest_triangle_that_faces_it() -> None:
    rng = np.random.default_rng(0)
    screen = np.column_stack([rng.uniform(-5, 37, 30), rng.uniform(-5, 29, 30), rng.uniform(0.1, 1, 30)])
    triangles = np.arange(30).reshape(10, 3)
    near, ids = draw_all(screen, triangles, SKIN)
    expected_near, expected = np.zeros((24, 32)), np.full((24, 32), -1)
    for y in range(24):
        for x in range(32):
            for t, (a, b, c) in enumerate(screen[triangles]):
                area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
                if area >= 0:
                    continue
                weights = np.linalg.solve(np.array([[a[0], b[0], c[0]], [a[1], b[1], c[1]], [1, 1, 1]]), [x, y, 1])
                depth = float(weights @ [a[2], b[2], c[2]])
                if weights.min() >= 0 and depth > expected_near[y, x]:
                    expected_near[y, x], expected[y, x] = depth, t
    assert (ids != expected).sum() <= 3  # samples on an edge may fall to either side
    agree = ids == expected
    np.testing.assert_allclose(near[agree], expected_near[agree], atol=1e-4)
    assert (ids >= 0).sum() > 50


@pytest.mark.parametrize(("cover", "share"), [(0, 0.0), (80, 0.25), (128, 0.5), (200, 0.75), (255, 1.0)])
def test_alpha_becomes_that_share_of_a_pixels_samples(cover: int, share: float) -> None:
    screen = np.array([[-50, -50, 1.0], [-50, 200, 1.0], [200, -50, 1.0]])
    _, ids = draw_all(screen, np.array([[0, 1, 2]]), HAIR, cover)
    covered = (ids >= 0).reshape(12, 2, 16, 2).mean((1, 3))
    np.testing.assert_allclose(covered, share)


def test_depth_from_the_light_is_the_largest() -> None:
    square = np.array([[-1, -1, 0.5], [1, -1, 0.5], [1, 1, 0.5], [-1, 1, 0.5]], np.float32)
    lower = square * [0.5, 0.5, 0] + [0, 0, 0.2]
    points = np.vstack([lower, square]).astype(np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], np.int32)
    buffer = np.full((16, 16), -9.0, np.float32)
    draw_depth(points, triangles, np.array([0, 0, 0, 0], np.uint8), 16, 4.0, buffer)
    assert buffer[8, 8] == pytest.approx(0.5)
    assert buffer[0, 0] == -9
    buffer[:] = -9
    draw_depth(points, triangles, np.array([0, 0, 1, 1], np.uint8), 16, 4.0, buffer)
    assert buffer[8, 8] == pytest.approx(0.2)


def test_a_plate_sees_all_the_sky_and_a_plate_below_a_roof_less() -> None:
    corners = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]], np.float32)
    faces = np.array([[0, 2, 1], [0, 3, 2]], np.int32)
    up = np.tile(np.array([0, 1, 0], np.float32), (4, 1))
    open_sky = bake_occlusion(corners * 0.4, up, faces, np.zeros(2, np.uint8))
    np.testing.assert_allclose(open_sky, 1.0, atol=0.02)
    roofed = np.vstack([corners * 0.4, corners + np.array([0, 0.3, 0], np.float32)]).astype(np.float32)
    both = np.vstack([faces, faces + 4]).astype(np.int32)
    below = bake_occlusion(roofed, np.vstack([up, up]), both, np.zeros(4, np.uint8))
    assert below[:4].max() < 0.75
    np.testing.assert_allclose(below[4:], 1.0, atol=0.02)


def test_a_view_is_a_rotation_towards_its_direction() -> None:
    for towards in ((0, 0, 1.0), (0, 1.0, 0), (0.6, -0.48, 0.64)):
        view = view_along(np.array(towards, np.float32))
        np.testing.assert_allclose(view @ view.T, np.eye(3), atol=1e-6)
        assert np.linalg.det(view) == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(view[2], towards)
