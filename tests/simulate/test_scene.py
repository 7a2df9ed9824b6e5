from types import SimpleNamespace

import numpy as np

from sincera.simulate.scene import Anchor, Figure, of_figure, of_photograph

POINTS = np.array([[40, 50], [60, 52], [50, 60], [42, 70], [58, 72]], np.float32)


def drawn_head():
    alpha = np.zeros((100, 100), np.float32)
    alpha[30:90, 30:70] = 1
    depth = np.where(alpha > 0, 2.0, 0).astype(np.float32)
    depth[60, 50] = 2.5
    parts = np.where(alpha > 0, 1, 0).astype(np.uint8)
    parts[80:90] = 11
    rgb = np.dstack([alpha * 0.5, alpha * 0.3, alpha * 0.2])
    return SimpleNamespace(rgb=rgb, alpha=alpha, depth=depth, parts=parts, points=POINTS)


def test_an_anchor_lands_on_another():
    here, there = Anchor.of(POINTS), Anchor(200, 100, 40, 0.3)
    matrix = here.matrix_to(there)
    moved = Anchor.of((POINTS @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32))
    np.testing.assert_allclose([moved.x, moved.y, moved.span, moved.roll], [200, 100, 40, 0.3], atol=1e-3)


def test_upright_keeps_the_roll_of_the_face():
    here = Anchor.of(POINTS)
    matrix = here.matrix_to(Anchor(0, 0, here.span, 1.0), upright=True)
    np.testing.assert_allclose(matrix[:, :2], np.eye(2), atol=1e-6)


def test_relief_is_the_face_without_clothes():
    figure = Figure.of(drawn_head(), below=20)
    assert figure.layer.shape == (120, 100, 4)
    assert figure.relief[60, 50] == 255 == figure.relief.max()
    assert 0 < figure.relief[40, 40] < 255
    assert figure.relief[82:].max() == 0
    assert figure.relief[10, 10] == 0


def test_a_figure_stands_before_its_room():
    room = np.full((200, 160, 3), 0.8, np.float32)
    figure = Figure.of(drawn_head())
    matrix = np.array([[2.0, 0, -20], [0, 2.0, -10]])
    scene = of_figure(figure, room, matrix)
    np.testing.assert_allclose(scene.points, POINTS * 2 + [-20, -10], atol=1e-4)
    np.testing.assert_allclose(scene.light[110, 80], [0.5, 0.3, 0.2], atol=1e-5)
    np.testing.assert_allclose(scene.light[5, 5], 0.8)
    assert scene.spoof.max() == 0


def test_a_shrunk_figure_lies_where_it_should():
    room = np.zeros((40, 40, 3), np.float32)
    scene = of_figure(Figure.of(drawn_head()), room, np.array([[0.4, 0, 0], [0, 0.4, 0]]))
    ys, xs = np.nonzero(scene.light[..., 0] > 0.25)
    np.testing.assert_allclose([xs.min(), xs.max(), ys.min(), ys.max()], [12, 27, 12, 35], atol=1)


def test_a_photograph_has_no_known_relief():
    scene = of_photograph(np.full((20, 30, 3), 128, np.uint8))
    assert scene.relief is None
    assert scene.points is None
    assert scene.size == (20, 30)
