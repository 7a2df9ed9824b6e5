import numpy as np

from sincera.simulate.heads import atlas
from sincera.simulate.heads.pack import pack
from sincera.simulate.instruments.outlines import (
    above,
    both,
    either,
    eye_holes,
    on_sheet,
    oval,
    places,
    without,
)

NOSE, CHEEK, NAPE = np.array([[0, -0.05, 1.3], [0.45, -0.1, 0.9], [0, 0.0, -0.9]], np.float32)


def test_vertices_and_the_sheet_share_their_places():
    face = oval(0.9, 0.9)
    triangle = pack().triangles[pack().part == 0]
    uv = atlas.warp(pack().uv[pack().part == 0])
    column, row = (uv * [atlas.WIDTH, atlas.HEIGHT]).mean(1).astype(int).T
    on_mesh, painted = face(places()[triangle].mean(1)), on_sheet(face)[row.clip(0, 1151), column.clip(0, 639)]
    assert np.median(np.abs(on_mesh - painted)) < 0.01


def test_an_oval_is_the_front_of_a_head():
    depth = oval(0.9, 0.9)(np.stack([NOSE, CHEEK, NAPE]))
    assert depth[0] > depth[1] > 0 > depth[2]


def test_eyes_look_through_their_holes_and_nothing_else_does():
    left, right = eye_holes()
    eyes = np.array([[-0.31, 0.29, 0.95], [0.31, 0.29, 0.95], [0.31, 0.29, -0.9]], np.float32)
    assert (left(eyes) > 0).tolist() == [True, False, False]
    assert (right(eyes) > 0).tolist() == [False, True, False]
    assert (without(oval(0.9, 0.9), left, right)(eyes[:2]) < 0).all()


def test_outlines_combine_as_sets():
    at = np.random.default_rng(0).uniform(-1, 1.3, (500, 3)).astype(np.float32)
    a, b = oval(0.8, 0.7), above(0.1)
    inside_a, inside_b = a(at) > 0, b(at) > 0
    np.testing.assert_array_equal(both(a, b)(at) > 0, inside_a & inside_b)
    np.testing.assert_array_equal(either(a, b)(at) > 0, inside_a | inside_b)
    np.testing.assert_array_equal(without(a, b)(at) > 0, inside_a & ~inside_b)
