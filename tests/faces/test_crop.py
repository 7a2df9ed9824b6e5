import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sincera.faces import DEFAULT_SPEC, TEMPLATE, CropSpec, Face, as_input, crop, similarity, transform, warp

WHOLE = CropSpec(kind="box", margin=0.0, size=64, aspect="box")


def face_at(turn: float, side: float, x: float, y: float) -> Face:
    """A face whose points lie on the template, turned by degrees, its square of `side` pixels centred at x, y."""
    angle = np.deg2rad(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATE - 0.5) * side @ rotation.T + [x, y]
    return Face([x - side / 2, y - side / 2, x + side / 2, y + side / 2], points, 1.0)


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


@given(st.floats(-180, 180), st.floats(10, 400), st.floats(-50, 500), st.floats(-50, 500), st.floats(0, 2))
def test_points_land_on_the_template(turn, side, x, y, margin):
    face = face_at(turn, side, x, y)
    matrix = transform(face, CropSpec(margin=margin), (480, 640))
    goal = ((TEMPLATE - 0.5) / (1 + margin) + 0.5) * 256 - 0.5
    assert np.abs(moved(matrix, face.points) - goal).max() < 0.05


def test_margin_widens_about_the_centre():
    tight = transform(face_at(0, 100, 200, 150), CropSpec(margin=0.0), (300, 400))
    wide = transform(face_at(0, 100, 200, 150), CropSpec(margin=1.0), (300, 400))
    centre = np.array([[200.0, 150.0]])
    assert moved(tight, centre) == pytest.approx(moved(wide, centre), abs=1e-3)
    assert np.linalg.norm(tight[:, 0]) == pytest.approx(2 * np.linalg.norm(wide[:, 0]), rel=1e-5)


def test_similarity_against_a_search():
    """Noisy points: no small change of turn, scale or shift brings them nearer."""
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    best = similarity(source, target)
    assert best[0, 0] == best[1, 1]
    assert best[0, 1] == -best[1, 0]

    def error(matrix: np.ndarray) -> float:
        return float(((moved(matrix, source) - target) ** 2).sum())

    for step in (1e-3, -1e-3):
        for change in ([[1, 0, 0], [0, 1, 0]], [[0, -1, 0], [1, 0, 0]], [[0, 0, 1], [0, 0, 0]], [[0, 0, 0], [0, 0, 1]]):
            assert error(best + step * np.array(change)) > error(best)


def test_two_points_fix_a_similarity_and_one_does_not():
    face = face_at(15, 120, 200, 150)
    eyes = Face(face.box, np.where(np.arange(5)[:, None] < 2, face.points, np.nan))
    all_five, two = (transform(f, DEFAULT_SPEC, (300, 400)) for f in (face, eyes))
    assert np.abs(all_five - two).max() < 1e-3
    one = Face(face.box, np.where(np.arange(5)[:, None] < 1, face.points, np.nan))
    none = Face(face.box)
    assert np.array_equal(transform(one, DEFAULT_SPEC, (300, 400)), transform(none, DEFAULT_SPEC, (300, 400)))
    assert transform(none, DEFAULT_SPEC, (300, 400))[0, 1] == 0


def test_points_that_coincide_are_as_good_as_none():
    face = Face([10, 10, 60, 60], np.full((5, 2), 30.0))
    assert np.isfinite(transform(face, DEFAULT_SPEC, (100, 100))).all()


def test_the_box_places_the_crop_where_the_points_would(portrait):
    """Without points the crop is a little off at most: the constant comes from many faces."""
    from sincera.faces.mtcnn import Mtcnn

    (face,) = Mtcnn().detect(portrait.image)
    by_points = transform(face, DEFAULT_SPEC, portrait.image.shape[:2])
    by_box = transform(Face(face.box), DEFAULT_SPEC, portrait.image.shape[:2])
    assert np.abs(moved(by_points, face.points) - moved(by_box, face.points)).max() < 25  # of 256


def test_a_mirrored_picture_gives_the_mirrored_crop(portrait):
    points = portrait.points[0]
    face = Face([90, 10, 220, 190], points)
    width = portrait.image.shape[1]
    mirrored = np.stack([width - 1 - points[:, 0], points[:, 1]], axis=1)[[1, 0, 2, 4, 3]]
    other = crop(np.ascontiguousarray(portrait.image[:, ::-1]), Face([width - 220, 10, width - 90, 190], mirrored))
    assert np.abs(other[:, ::-1].astype(int) - crop(portrait.image, face)).mean() < 0.5


def test_whole_picture_at_its_own_size_is_the_picture():
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(crop(image, Face([0, 0, 64, 64]), WHOLE), image)


@pytest.mark.parametrize("factor", [2, 3, 5, 12])
def test_shrinking_averages_over_the_area(factor):
    image = np.random.default_rng(0).integers(0, 255, (64 * factor, 64 * factor, 3), dtype=np.uint8)
    found = crop(image, Face([0, 0, 64 * factor, 64 * factor]), WHOLE)
    slow = image.reshape(64, factor, 64, factor, 3).mean(axis=(1, 3))
    assert np.abs(found - slow).max() < (1 if factor < 9 else 3)  # halved first, in whole grey values


def test_shrinking_leaves_no_moire():
    """A grid finer than the crop's pixels averages to grey; sampled at points it would show as waves."""
    rows, columns = np.mgrid[0:700, 0:700]
    grid = np.where((rows // 2 + columns // 2) % 2, 255, 0).astype(np.uint8)
    image = np.repeat(grid[..., None], 3, axis=2)
    face = face_at(7, 500, 350, 350)
    spec = CropSpec(size=64, margin=0.0)
    plain = cv2.warpAffine(image, transform(face, spec, (700, 700)), (64, 64), flags=cv2.INTER_LINEAR)
    assert crop(image, face, spec).std() < 6
    assert plain.std() > 30


@pytest.mark.parametrize("border", ["replicate", "reflect", "constant"])
@pytest.mark.parametrize("corner", [(-30, -20), (40, 30), (20, -40)])
def test_borders_against_a_padded_picture(border, corner):
    image = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    modes = {"replicate": "edge", "reflect": "reflect", "constant": "constant"}
    padded = np.pad(image, ((50, 50), (50, 50), (0, 0)), mode=modes[border])
    x, y = corner
    spec = CropSpec(kind="box", margin=0.0, size=64, border=border)
    found = crop(image, Face([x, y, x + 64, y + 64]), spec)
    assert np.array_equal(found, padded[y + 50 : y + 114, x + 50 : x + 114])


def test_a_crop_far_outside_is_still_a_crop():
    image = np.full((40, 40, 3), 90, np.uint8)
    assert (crop(image, Face([500, 500, 540, 560])) == 90).all()


def test_pictures_beyond_opencvs_side_are_cut_too():
    image = np.zeros((70, 40000, 3), np.uint8)
    image[:, 33000:33064] = 200
    spec = CropSpec(kind="box", margin=0.0, size=64)
    assert (crop(image, Face([33000, 3, 33064, 67]), spec) == 200).all()


def test_a_large_face_is_halved_before_it_is_sampled():
    image = np.full((3000, 3000, 3), 10, np.uint8)
    image[:1500] = 250
    found = crop(image, Face([0, 0, 3000, 3000]), CropSpec(kind="box", margin=0.0, size=32))
    assert (found[:15] == 250).all()
    assert (found[17:] == 10).all()


def slow_shift(box: list[float], scale: float, height: int, width: int) -> tuple[int, int, int, int]:
    """MiniFASNet's window, step by step: x, y, w, h in, first and last pixel out."""
    x, y, w, h = box
    scale = min((height - 1) / h, (width - 1) / w, scale)
    new_w, new_h = w * scale, h * scale
    cx, cy = x + w / 2, y + h / 2
    left, top, right, bottom = cx - new_w / 2, cy - new_h / 2, cx + new_w / 2, cy + new_h / 2
    if left < 0:
        right, left = right - left, 0
    if top < 0:
        bottom, top = bottom - top, 0
    if right > width - 1:
        left, right = left - (right - width + 1), width - 1
    if bottom > height - 1:
        top, bottom = top - (bottom - height + 1), height - 1
    return int(left), int(top), int(right), int(bottom)


@given(st.integers(0, 150), st.integers(0, 150), st.integers(8, 120), st.integers(8, 120), st.sampled_from([1.7, 3.0]))
@example(57, 0, 87, 8, 1.7)  # a left edge that is 0 but for its last bit
def test_shifted_windows_against_the_slow_rule(x, y, w, h, margin):
    spec = CropSpec("box", margin, 80, "shift", "box")
    matrix = transform(Face([x, y, x + w, y + h]), spec, (160, 200))
    left, top, right, bottom = slow_shift([x, y, w, h], 1 + margin, 160, 200)
    corners = np.array([[left - 0.5, top - 0.5], [right + 0.5, bottom + 0.5]])
    found = moved(matrix, corners)
    # Rounding down may fall either way where a sum is whole but for the last bit.
    pixel = 80 / min(right - left + 1, bottom - top + 1)
    assert np.abs(found - [[-0.5, -0.5], [79.5, 79.5]]).max() < 1.01 * pixel
    inside = moved(np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2], np.array([[-0.5, -0.5], [79.5, 79.5]]))
    assert (inside > -0.51).all()
    assert (inside < [199.51, 159.51]).all()


def test_a_box_keeps_its_proportions_or_becomes_a_square():
    face = Face([20, 10, 60, 90])
    tall = transform(face, CropSpec("box", 0.0, 80, aspect="box"), (100, 100))
    square = transform(face, CropSpec("box", 0.0, 80, aspect="square"), (100, 100))
    assert tall[0, 0] == pytest.approx(2 * tall[1, 1])
    assert square[0, 0] == pytest.approx(square[1, 1]) == pytest.approx(1)


def test_depth_and_labels_are_drawn_by_the_same_map():
    face = face_at(10, 60, 50, 50)
    matrix = transform(face, CropSpec(size=32), (100, 100))
    rows = np.mgrid[0:100, 0:100][0].astype(np.float32)
    depth = warp(rows, matrix, 32)
    assert depth.dtype == np.float32
    centres = moved(np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2], np.array([[16.0, 10.0]]))
    assert depth[10, 16] == pytest.approx(centres[0, 1], abs=0.1)
    labels = np.where(rows > 50, 7, 2).astype(np.uint8)
    assert set(np.unique(warp(labels, matrix, 32, samples="nearest"))) == {2, 7}


def test_networks_get_what_the_spec_says():
    crops = np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3)
    plain = as_input(crops)
    assert plain.shape == (2, 3, 8, 8)
    assert plain.dtype == np.float32
    assert plain[1, 2, 3, 4] == pytest.approx(crops[1, 3, 4, 2] / 255)
    swapped = as_input(crops, CropSpec(colour="BGR", range="0-255"))
    assert np.array_equal(swapped[:, 0], crops[..., 2])
    centred = as_input(np.array([[[0, 127, 255]]], np.uint8), CropSpec(range="-1-1"))
    assert centred.ravel() == pytest.approx([-1, -1 / 255, 1], abs=1e-6)


@pytest.mark.parametrize("side", [40, 64, 300, 611])
def test_bilinear_samples_are_those_of_a_plain_resize(side):
    image = np.random.default_rng(side).integers(0, 256, (side, side, 3), np.uint8)
    spec = CropSpec(kind="box", margin=0.0, size=64, aspect="box", samples="bilinear")
    plain = cv2.resize(image, (64, 64), interpolation=cv2.INTER_LINEAR)
    apart = np.abs(crop(image, Face([0, 0, side, side]), spec).astype(int) - plain)
    # warpAffine places its samples on a grid of 1/32 pixel
    assert apart.max() <= 10
    assert apart.mean() < 1.5
