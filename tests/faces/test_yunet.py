"""YuNet's file is the user's: what surrounds the network is tested with a stand-in that answers like it."""

import cv2
import numpy as np
import pytest

from sincera.faces.yunet import Yunet


class StandIn:
    """Finds one face at a fixed share of whatever picture it is given; order and layout as OpenCV documents them."""

    def __init__(self, shortest: int = 0) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.colours: list[list[int]] = []
        self.shortest = shortest

    def setInputSize(self, size):
        self.sizes.append(size)

    def detect(self, image):
        height, width = image.shape[:2]
        assert self.sizes[-1] == (width, height)
        self.colours.append(image[0, 0].tolist())
        if min(height, width) < self.shortest:
            return 1, None
        box = [0.25 * width, 0.25 * height, 0.5 * width, 0.5 * height]
        points = np.array([[0.4, 0.4], [0.6, 0.4], [0.5, 0.5], [0.4, 0.6], [0.6, 0.6]]) * [width, height] - 0.5
        return 1, np.array([[*box, *points.ravel(), 0.9]], np.float32)


@pytest.fixture
def opened(tmp_path, monkeypatch):
    (tmp_path / "yunet.onnx").write_bytes(b"weights")

    def build(stand_in: StandIn, **options) -> Yunet:
        monkeypatch.setattr(cv2.FaceDetectorYN, "create", lambda *_: stand_in)
        return Yunet(tmp_path / "yunet.onnx", **options)

    return build


@pytest.mark.parametrize("shape", [(240, 320), (960, 1280)])
def test_boxes_and_points_are_in_the_pictures_own_pixels(opened, shape):
    image = np.zeros((*shape, 3), np.uint8)
    image[...] = (1, 2, 3)
    stand_in = StandIn()
    (face,) = opened(stand_in).detect(image)
    height, width = shape
    assert face.box == pytest.approx([0.25 * width, 0.25 * height, 0.75 * width, 0.75 * height], abs=1e-3)
    assert face.points[0] == pytest.approx([0.4 * width - 0.5, 0.4 * height - 0.5], abs=1e-3)
    assert face.confidence == pytest.approx(0.9)
    assert stand_in.colours == [[3, 2, 1]]
    assert max(stand_in.sizes[0]) <= 640


def test_full_size_and_border_follow_where_nothing_is_found(opened):
    stand_in = StandIn(shortest=1000)
    (face,) = opened(stand_in).detect(np.zeros((800, 900, 3), np.uint8))
    assert stand_in.sizes == [(640, 569), (900, 800), (640, 596), (1440, 1340)]
    assert face.centre == pytest.approx((450, 400))


def test_small_faces_are_left_out(opened):
    assert opened(StandIn(), min_face=60, padding=0.0).detect(np.zeros((100, 100, 3), np.uint8)) == ()


def test_the_spec_names_the_file(opened):
    spec = opened(StandIn(), confidence=0.8).spec
    assert (spec.name, spec.confidence, spec.padding, spec.min_face) == ("yunet", 0.8, 0.3, 20)
    assert spec.sha256.startswith("9a129038")


def test_opencvs_log_level_is_left_as_it_was(opened):
    before = cv2.utils.logging.getLogLevel()
    opened(StandIn()).detect(np.zeros((40, 40, 3), np.uint8))
    assert cv2.utils.logging.getLogLevel() == before
