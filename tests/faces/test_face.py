import numpy as np
import pytest

from sincera.faces import Face, largest_first


def test_a_face_cannot_be_changed():
    face = Face([0, 0, 10, 10], np.zeros((5, 2)), 0.5)
    with pytest.raises(ValueError):
        face.box[0] = 3
    with pytest.raises(AttributeError):
        face.confidence = 1.0


def test_unknown_is_nan():
    face = Face([0, 0, 10, 10])
    assert np.isnan(face.points).all()
    assert np.isnan(face.confidence)


@pytest.mark.parametrize("box", [[0, 0, 0, 5], [5, 0, 0, 5], [0, 0, np.nan, 5], [0, 0, 1]])
def test_boxes_without_area_are_refused(box):
    with pytest.raises(ValueError, match="face box"):
        Face(box)


def test_points_have_one_shape():
    with pytest.raises(ValueError, match="expected \\(5, 2\\)"):
        Face([0, 0, 1, 1], np.zeros((4, 2)))


def test_overlap_against_counted_pixels():
    rng = np.random.default_rng(0)
    for _ in range(50):
        corners = rng.integers(0, 12, (2, 2))
        sizes = rng.integers(1, 9, (2, 2))
        masks = np.zeros((2, 24, 24), bool)
        for mask, (x, y), (w, h) in zip(masks, corners, sizes, strict=True):
            mask[y : y + h, x : x + w] = True
        a, b = (Face([*corner, *(corner + size)]) for corner, size in zip(corners, sizes, strict=True))
        assert a.overlap(b) == pytest.approx((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


def test_the_largest_comes_first():
    small, large, surer = Face([0, 0, 5, 5], None, 0.9), Face([0, 0, 9, 9], None, 0.8), Face([1, 0, 6, 5], None, 0.95)
    assert largest_first([small, large, surer]) == (large, surer, small)


def test_moving_moves_box_and_points():
    face = Face([0, 0, 10, 10], np.full((5, 2), 4.0), 0.5).moved(3, -2)
    assert face.box.tolist() == [3, -2, 13, 8]
    assert face.points[0].tolist() == [7, 2]
