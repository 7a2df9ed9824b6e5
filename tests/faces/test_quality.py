import cv2
import numpy as np
import pytest

from sincera.faces import CUES, crop, cues
from sincera.faces.face import Face


@pytest.fixture(scope="module")
def face(portrait):
    return crop(portrait.image, Face([90, 10, 220, 190], portrait.points[0]))


def test_every_cue_is_measured_and_finite(face):
    found = cues(face)
    assert tuple(found) == CUES
    assert all(np.isfinite(value) for value in found.values())


def test_blur_lowers_sharpness_alone(face):
    plain, blurred = cues(face), cues(cv2.GaussianBlur(face, (0, 0), 2))
    assert blurred["sharpness"] < 0.5 * plain["sharpness"]
    assert blurred["brightness"] == pytest.approx(plain["brightness"], abs=0.01)


def test_light_contrast_and_colour(face):
    plain = cues(face)
    assert cues(face // 2)["brightness"] < 0.6 * plain["brightness"]
    assert cues(face // 2 + 60)["contrast"] < 0.6 * plain["contrast"]
    grey = np.repeat(face[..., :1], 3, axis=2)
    assert cues(grey)["saturation"] == 0
    assert cues(grey)["blue_red"] == 0
    swapped = cues(np.ascontiguousarray(face[..., ::-1]))
    assert swapped["blue_red"] == pytest.approx(-plain["blue_red"], abs=1e-6)
    assert swapped["mean_red"] == pytest.approx(plain["mean_blue"], abs=1e-6)


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_a_frame_shows_on_every_side(face, side):
    framed = face.copy()
    bar = {"top": np.s_[:30], "bottom": np.s_[-30:], "left": np.s_[:, :30], "right": np.s_[:, -30:]}[side]
    framed[bar] = 5
    assert cues(framed)["border"] > max(0.15, 1.5 * cues(face)["border"])


def test_texture_is_no_frame():
    noise = np.random.default_rng(0).integers(0, 255, (256, 256, 3), dtype=np.uint8)
    assert cues(noise)["border"] < 0.05


def test_only_crops_are_measured():
    with pytest.raises(ValueError, match="expected uint8"):
        cues(np.zeros((8, 8), np.uint8))
