"""Warnings: given where the fault is, silent where it is not, and never for the colour of a skin."""

import cv2
import numpy as np
import pytest

from sincera.faces.yunet import Yunet
from sincera.judge import QualityLimits, quality_warnings
from sincera.model.detection import YUNET


@pytest.fixture(scope="module")
def face(portrait):
    return Yunet(YUNET).detect(portrait)[0]


def lit(image, factor):
    """The same scene with that many times the light."""
    linear = np.clip((image / 255) ** 2.2 * factor, 0, 1)
    return np.round(255 * linear ** (1 / 2.2)).astype(np.uint8)


def test_a_good_picture_gives_no_warning(portrait, face):
    assert quality_warnings(portrait, face) == ()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda image: cv2.GaussianBlur(image, (0, 0), 6), "blurred"),
        (lambda image: lit(image, 0.05), "dark"),
        (lambda image: lit(image, 20), "over-exposed"),
    ],
)
def test_each_fault_has_its_word(portrait, face, spoil, words):
    assert words in quality_warnings(spoil(portrait), face)


def test_a_dark_sharp_picture_is_not_called_blurred(portrait, face):
    assert quality_warnings(lit(portrait, 0.05), face) == ("dark",)


def test_a_face_cut_by_the_edge_is_at_the_border(portrait, face):
    left = int(face.box[0]) + 5
    assert "face at the border" in quality_warnings(portrait[:, left:], face.moved(-left, 0))


def test_limits_are_the_callers(portrait, face):
    strict = QualityLimits(sharpness=1e9, highlights=2.0, burnt=-1.0, room=99.0)
    assert quality_warnings(portrait, face, strict) == ("blurred", "dark", "over-exposed", "face at the border")
