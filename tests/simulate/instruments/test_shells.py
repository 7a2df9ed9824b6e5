import numpy as np
import pytest

from sincera.simulate.instruments.shells import Surface, cut, normals_of, smoothed

SIDE = 9


def square():
    """The unit square in the plane z = 0 as a mesh, facing +z, with uv = (x, y)."""
    grid = np.stack(np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE)), -1).reshape(-1, 2)
    vertices = np.column_stack([grid, np.zeros(len(grid))]).astype(np.float32)
    first = (np.arange(SIDE - 1)[:, None] * SIDE + np.arange(SIDE - 1)).ravel()[:, None]
    triangles = np.concatenate([first + np.array(c) for c in ((0, 1, SIDE), (1, SIDE + 1, SIDE))]).astype(np.int32)
    normals = np.tile(np.array([0, 0, 1], np.float32), (len(vertices), 1))
    return Surface(vertices, normals, triangles, vertices[triangles][..., :2])


def area(surface):
    at = surface.vertices[surface.triangles]
    return 0.5 * np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])[:, 2].sum()


def left_of(surface, depth):
    found = cut(surface.triangles, depth.astype(np.float32))
    made = Surface(
        found.of_vertices(surface.vertices),
        found.of_vertices(surface.normals),
        found.triangles,
        found.of_corners(surface.uv),
    )
    return made, found


def test_a_straight_cut_leaves_the_exact_area_and_pictures_stay_in_place():
    whole = square()
    made, found = left_of(whole, 0.33 - whole.vertices[:, 0])
    assert area(made) == pytest.approx(0.33, abs=1e-6)
    np.testing.assert_allclose(made.vertices[made.triangles][..., :2], made.uv, atol=1e-6)
    ends = made.vertices[found.rim]
    np.testing.assert_allclose(ends[..., 0], 0.33, atol=1e-6)
    assert np.abs(ends[:, 1, 1] - ends[:, 0, 1]).sum() == pytest.approx(1.0, abs=1e-6)


def test_the_kept_side_lies_on_the_left_of_the_rim_and_its_cut_face_looks_away():
    whole = square()
    made, found = left_of(whole, 0.3 - np.hypot(whole.vertices[:, 0] - 0.5, whole.vertices[:, 1] - 0.5))
    edge = made.edge(found.rim, 0.1)
    middle = np.array([0.5, 0.5, 0.0])
    at = edge.vertices[edge.triangles]
    facing = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
    outward = at.mean(1) - middle
    outward[:, 2] = 0
    assert ((facing * outward).sum(1) > 0).all()
    assert ((edge.normals * (edge.vertices - middle) * [1, 1, 0]).sum(1) > 0).all()
    assert edge.vertices[:, 2].min() == pytest.approx(-0.1)


def test_nothing_and_everything():
    whole = square()
    nothing, _ = left_of(whole, np.full(len(whole.vertices), -1.0))
    everything, found = left_of(whole, np.full(len(whole.vertices), 1.0))
    assert len(nothing.triangles) == 0
    assert area(everything) == pytest.approx(1.0)
    assert len(found.rim) == 0


def test_division_keeps_the_surface():
    fine = square().divided()
    assert len(fine.triangles) == 4 * len(square().triangles)
    assert area(fine) == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(fine.vertices[fine.triangles][..., :2], fine.uv, atol=1e-6)


def test_two_sides_face_both_ways():
    both = square().two_sided()
    assert area(both) == pytest.approx(0.0, abs=1e-6)
    assert len(both.triangles) == 2 * len(square().triangles)


def test_smoothing_leaves_a_plane_flat_and_takes_a_spike_down():
    whole = square()
    spiked = whole.vertices.copy()
    spiked[SIDE * 4 + 4, 2] = 1.0
    soft = smoothed(spiked, whole.triangles, 3)
    assert soft[:, 2].max() < 0.5
    assert np.abs(smoothed(whole.vertices, whole.triangles, 3)[:, 2]).max() == 0
    np.testing.assert_allclose(normals_of(whole.vertices, whole.triangles), whole.normals, atol=1e-6)
