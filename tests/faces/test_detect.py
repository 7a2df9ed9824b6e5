import numpy as np
import pytest

from sincera.errors import UsageError, WeightsError
from sincera.faces import Annotated, Face, FaceDetector, crop, face_from_eyes, open_detector, transform
from sincera.faces.border import with_border
from sincera.faces.spec import DEFAULT_SPEC


def test_every_detector_has_one_face():
    for name in ("mtcnn", "annotated"):
        detector = open_detector(name)
        assert isinstance(detector, FaceDetector)
        assert detector.spec.name == name
        assert detector.detect(np.full((40, 40, 3), 127, np.uint8)) == ()
        assert detector.detect_many([]) == []


@pytest.mark.parametrize("name", ["haar", "yunet", "mtcnn=file", "annotated=x", ""])
def test_other_names_are_refused(name):
    with pytest.raises(UsageError, match="expected one of mtcnn, yunet=FILE, annotated"):
        open_detector(name)


def test_yunets_file_must_be_one(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        open_detector(f"yunet={tmp_path / 'none.onnx'}")
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(WeightsError, match="not a YuNet network"):
        open_detector(f"yunet={tmp_path / 'text.onnx'}")


def test_annotations_answer_by_frame():
    marked = {0: Face([1, 1, 5, 5]), 7: Face([2, 2, 6, 6])}
    detector = Annotated().of(marked)
    picture = np.zeros((8, 8, 3), np.uint8)
    assert detector.detect(picture) == (marked[0],)
    assert detector.detect_many([picture] * 3, [7, 3, 0]) == [(marked[7],), (), (marked[0],)]


@pytest.mark.parametrize("scene", ["portrait", "tilted"])
def test_eyes_alone_place_box_and_crop(request, scene):
    drawn = request.getfixturevalue(scene)
    (found,) = open_detector("mtcnn").detect(drawn.image)
    eyes = face_from_eyes(found.points[0], found.points[1])
    assert np.isnan(eyes.points[2:]).all()
    assert eyes.overlap(found) > 0.6
    shape = drawn.image.shape[:2]
    by_eyes, by_all = transform(eyes, DEFAULT_SPEC, shape), transform(found, DEFAULT_SPEC, shape)
    middle = found.points.mean(axis=0)
    apart = by_eyes[:, :2] @ middle + by_eyes[:, 2] - by_all[:, :2] @ middle - by_all[:, 2]
    assert np.linalg.norm(apart) < 20  # of 256 pixels
    assert crop(drawn.image, eyes).shape == (256, 256, 3)


@pytest.mark.parametrize("eyes", [((3, 3), (3, 3)), ((np.nan, 0), (5, 5))])
def test_eyes_must_be_two_points(eyes):
    with pytest.raises(ValueError, match="two different points"):
        face_from_eyes(*eyes)


def test_the_border_is_a_second_look_only():
    looks = []

    def find(image):
        looks.append(image.shape)
        return (Face([1, 1, 3, 3]),) if len(looks) == 1 else ()

    assert len(with_border(np.zeros((10, 20, 3), np.uint8), find, 0.3)) == 1
    assert looks == [(10, 20, 3)]


def test_faces_of_the_second_look_lie_in_the_picture_itself():
    image = np.arange(10 * 20 * 3, dtype=np.uint8).reshape(10, 20, 3)

    def find(picture):
        if picture.shape == image.shape:
            return ()
        assert np.array_equal(picture[6:-6, 6:-6], image)
        assert np.array_equal(picture[0, 6:-6], image[0])
        return (Face([6, 6, 16, 12]),)

    (face,) = with_border(image, find, 0.3)
    assert face.box.tolist() == [0, 0, 10, 6]
    assert with_border(image, find, 0) == ()
