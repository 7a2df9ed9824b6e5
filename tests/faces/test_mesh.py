"""Depth from a face mesh: the drawing against known surfaces, the way through the crops with a network that is none."""

import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from sincera.errors import MissingExtraError, WeightsError
from sincera.faces.crop import DEFAULT_SPEC, transform
from sincera.faces.face import Face
from sincera.faces.mesh import DepthSpec, MeshDepth, joined, moved, open_mesh, relief
from sincera.faces.spec import CropSpec

SIZE, SIDE = 256, 32


def grid(count):
    """(N, 2) points spread over the unit disc, its rim among them."""
    rings = [np.zeros((1, 2))]
    for ring in range(1, count + 1):
        angle = np.linspace(0, 2 * np.pi, 6 * ring, endpoint=False) + ring
        rings.append(np.column_stack([np.cos(angle), np.sin(angle)]) * ring / count)
    return np.concatenate(rings)


def dome(count, *, nose=0.0, yaw=0.0):
    """A round head of radius 80 pixels with a nose, in the middle of the crop; turned by `yaw` degrees."""
    at = grid(count)
    away = (at**2).sum(1)
    height = 0.8 * np.sqrt(1.05 - away) + nose * np.exp(-away / 0.02)
    turn = np.deg2rad(yaw)
    across = np.cos(turn) * at[:, 0] + np.sin(turn) * height
    towards = np.cos(turn) * height - np.sin(turn) * at[:, 0]
    middle = (across.max() + across.min()) / 2
    return np.column_stack([127.5 + 80 * (across - middle), 127.5 + 80 * at[:, 1], -80 * towards])


def slow(points):
    """Nearness by a great many points: the nearest in each fine cell, then the mean over each cell of the map."""
    fine = SIDE * 4
    near = (points[:, 2].max() - points[:, 2]) / np.ptp(points[:, 2])
    column, row = (np.floor((points[:, axis] + 0.5) * fine / SIZE).astype(int) for axis in (0, 1))
    seen = np.zeros((fine, fine))
    np.maximum.at(seen, (row, column), near)
    return seen.reshape(SIDE, 4, SIDE, 4).mean((1, 3))


def test_a_head_seen_from_the_front():
    drawn, expected = relief(dome(12), SIZE), slow(dome(250))
    assert drawn.shape == (SIDE, SIDE)
    assert drawn.dtype == np.float32
    assert np.abs(drawn - expected).mean() < 0.01
    inside = cv2.erode((expected > 0).astype(np.uint8), np.ones((5, 5))) > 0
    assert np.abs(drawn - expected)[inside].max() < 0.06
    assert drawn[15:17, 15:17].mean() == pytest.approx(1, abs=0.02)
    corners = np.hypot(*(np.mgrid[:SIDE, :SIDE] - 15.5)) > 12
    assert (drawn[corners] == 0).all()


@pytest.mark.parametrize("yaw", [-40, 25, 50])
def test_a_turned_head_hides_its_far_cheek_behind_the_nose(yaw):
    drawn, expected = relief(dome(12, nose=0.9, yaw=yaw), SIZE), slow(dome(250, nose=0.9, yaw=yaw))
    assert np.abs(drawn - expected).mean() < 0.007  # 0.009 and more where points are joined as the camera sees them
    assert np.corrcoef(drawn.ravel(), expected.ravel())[0, 1] > 0.995


def test_a_mirrored_head_gives_the_mirrored_map():
    points = dome(12, nose=0.3, yaw=20)
    mirrored = points * [-1, 1, 1] + [SIZE - 1, 0, 0]
    np.testing.assert_allclose(relief(mirrored, SIZE), relief(points, SIZE)[:, ::-1], atol=0.05)


def test_neither_the_unit_nor_the_origin_of_depth_matters_and_a_larger_crop_gives_the_same_map():
    points = dome(8, nose=0.3)
    np.testing.assert_allclose(relief(points * [1, 1, 1.2] + [0, 0, 50], SIZE), relief(points, SIZE), atol=1e-6)
    larger = np.column_stack([(points[:, :2] + 0.5) * 2 - 0.5, points[:, 2] * 2])
    np.testing.assert_allclose(relief(larger, 2 * SIZE), relief(points, SIZE), atol=1e-6)


def test_a_shift_by_one_cell_shifts_the_map():
    points = dome(8)
    np.testing.assert_allclose(
        relief(points + np.array([8, 0, 0]), SIZE)[:, 1:], relief(points, SIZE)[:, :-1], atol=1e-6
    )


def test_triangles_cover_the_surface_once():
    points = dome(9, nose=0.2, yaw=30)
    triangles = joined(points)
    assert len(triangles) == 2 * len(points) - 2 - 6 * 9  # Euler, for a hull of the rim's points
    assert set(triangles.ravel().tolist()) == set(range(len(points)))
    flat = dome(9, yaw=0)[:, :2][triangles]
    ab, ac = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    areas = np.abs(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) / 2
    assert areas.sum() == pytest.approx(np.pi * 80**2, rel=0.01)


# The way through the crops


def finds_the_blob(picture):
    """Stands for the network: a dome over what is red in its (192, 192, 3) picture."""
    assert picture.shape == (192, 192, 3)
    assert picture.dtype == np.float32
    assert 0 <= picture.min() <= picture.max() <= 1
    rows, columns = np.nonzero((picture[..., 0] > 0.5) & (picture[..., 2] < 0.5))
    if not len(rows):
        return np.zeros((468, 3)), -3.0
    assert abs(rows.mean() - 96) < 8  # the nose is in the middle of what the network is shown
    radius = np.sqrt(len(rows) / np.pi)
    points = (dome(12) - [127.5, 127.5, 0]) / 80 * radius + [columns.mean(), rows.mean(), 0]
    return points[:468], 12.0


MESH = MeshDepth(finds_the_blob, DepthSpec("facemesh", "0" * 64))


def scene(roll):
    """A red disc of radius 45 at the nose of a face that is tilted by `roll` degrees, in a grey picture."""
    middle = np.array([210.0, 160.0])
    image = np.full((320, 400, 3), 120, np.uint8)
    cv2.circle(image, (210, 160), 45, (230, 20, 20), -1)
    turn = np.deg2rad(roll)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = np.array([[-28, -32], [28, -32], [0, 0], [-24, 33], [24, 33]]) @ turned.T + middle
    return image, Face([160, 95, 260, 235], points, 0.9), middle


@pytest.mark.parametrize("roll", [0, 25])
def test_points_come_back_in_pixels_of_the_picture(roll):
    image, face, middle = scene(roll)
    points = MESH.mesh(image, face)
    assert points.shape == (468, 3)
    np.testing.assert_allclose(points[0, :2], middle, atol=0.5)
    radius = np.hypot(*(points[:, :2] - middle).T).max()
    assert radius == pytest.approx(45, abs=1.5)
    depth = 0.8 * (np.sqrt(1.05) - np.sqrt(0.05))
    assert np.ptp(points[:, 2]) == pytest.approx(depth * radius, rel=0.02)


@pytest.mark.parametrize("spec", [DEFAULT_SPEC, CropSpec(margin=1.5, size=128), CropSpec(kind="box", margin=0.4)])
def test_depth_lies_where_the_crop_shows_the_face(spec):
    image, face, middle = scene(15)
    drawn = MESH.depth(image, face, spec)
    matrix = transform(face, spec, image.shape[:2])
    where = (matrix[:, :2] @ middle + matrix[:, 2] + 0.5) * 32 / spec.size - 0.5
    rows, columns = np.mgrid[:32, :32]
    found = [(drawn * columns).sum() / drawn.sum(), (drawn * rows).sum() / drawn.sum()]
    np.testing.assert_allclose(found, where, atol=0.3)
    radius = 45 * np.sqrt(np.linalg.det(matrix[:, :2])) * 32 / spec.size
    assert np.pi * radius**2 < (drawn > 0).sum() < np.pi * (radius + 1) ** 2


def test_without_a_face_there_is_no_depth():
    _, face, _ = scene(0)
    assert MESH.mesh(np.full((320, 400, 3), 120, np.uint8), face) is None
    assert MESH.depth(np.full((320, 400, 3), 120, np.uint8), face) is None


# The file


def pretend_openvino(monkeypatch, *, taken=(1, 192, 192, 3), given=((1, 1, 1, 1404), (1, 1, 1, 1)), broken=False):
    """An openvino module whose one network counts its points up, and says 7."""
    numbers = [np.arange(1404, dtype=np.float32) if np.prod(shape) == 1404 else np.array([7.0]) for shape in given]

    class Core:
        def read_model(self, path):
            if broken:
                raise RuntimeError("not a model")
            inputs, outputs = [SimpleNamespace(shape=taken)], [SimpleNamespace(shape=shape) for shape in given]
            return SimpleNamespace(inputs=inputs, outputs=outputs)

        def compile_model(self, model, device, config):
            assert config["INFERENCE_PRECISION_HINT"] == "f32"

            def run(batch):
                assert batch.shape == taken
                return [values.reshape(shape) for values, shape in zip(numbers, given, strict=True)]

            return run

    monkeypatch.setitem(sys.modules, "openvino", SimpleNamespace(Core=Core))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "face_landmark.tflite"
    path.write_bytes(b"points")
    return path


@pytest.mark.parametrize("given", [((1, 1, 1, 1404), (1, 1, 1, 1)), ((1, 1), (1, 1404))])
def test_the_file_is_known_by_its_hash_and_its_outputs_by_their_size(file, monkeypatch, given):
    pretend_openvino(monkeypatch, given=given)
    mesh = open_mesh(file)
    # sha256 of the bytes "points"
    assert mesh.spec == DepthSpec("facemesh", "c54a061dfcc125cb160421b2680feaf6d65d938d756d887fe4d8d1d046eb626e")
    assert DepthSpec.from_dict(mesh.spec.to_dict()) == mesh.spec
    image, face, _ = scene(0)
    points = mesh.mesh(image, face)
    matrix = cv2.invertAffineTransform(transform(face, CropSpec(margin=0.33, size=192), image.shape[:2]))
    steps = moved(np.arange(1404.0).reshape(468, 3), matrix)
    np.testing.assert_allclose(np.diff(points, axis=0), np.diff(steps, axis=0), atol=1e-6)


def test_without_openvino_the_extra_is_named(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match=r"sincera\[depth\]"):
        open_mesh(file)


def test_what_is_no_face_mesh_is_refused(file, tmp_path, monkeypatch):
    with pytest.raises(WeightsError, match="cannot be read"):
        open_mesh(tmp_path / "absent.tflite")
    pretend_openvino(monkeypatch, broken=True)
    with pytest.raises(WeightsError, match="not a network that OpenVINO can read"):
        open_mesh(file)
    pretend_openvino(monkeypatch, taken=(1, 128, 128, 3))
    with pytest.raises(WeightsError, match=r"128, 128, 3.*Expected face_landmark.tflite"):
        open_mesh(file)
    pretend_openvino(monkeypatch, given=((1, 1434), (1, 1)))
    with pytest.raises(WeightsError, match="1434"):
        open_mesh(file)
