from dataclasses import replace

import numpy as np
import pytest

from sincera.simulate.camera import CameraModel, resolution, tone_curve
from sincera.simulate.scene import Scene

SIZE = (96, 128)
POINTS = np.array([[50, 35], [78, 35], [64, 48], [53, 63], [75, 63]], np.float32)
QUIET = CameraModel(haze=(0, 0), shot=(0, 0), read=(0, 0), sharpened=0, vignette=(0, 0), obedience=1.0)


def scene(tint=(1.0, 1.0, 1.0), gain=1.0, **changes):
    rng = np.random.default_rng(0)
    light = rng.uniform(0.1, 0.5, (*SIZE, 1)) * np.array([1.3, 1.0, 0.7]) * np.array(tint) * gain
    base = Scene(light.astype(np.float32), np.zeros(SIZE, np.uint8), None, POINTS)
    return replace(base, **changes)


@pytest.mark.parametrize("seen", [scene(gain=3.0), scene(tint=(0.7, 1, 1.5)), scene(tint=(1.3, 1.0, 0.6), gain=0.2)])
def test_metering_brings_every_face_to_the_same_colour_and_brightness(seen):
    camera = QUIET.draw(np.random.default_rng(1), SIZE)
    pictures = [camera.photograph(s, np.random.default_rng(2)) for s in (scene(), seen)]
    faces = [p[30:68, 45:83].reshape(-1, 3).mean(0) for p in pictures]
    np.testing.assert_allclose(faces[0], faces[1], atol=13)  # exposure has a power of 0.9


def test_the_same_draw_gives_the_same_picture():
    pictures = [
        CameraModel().draw(np.random.default_rng(5), SIZE).photograph(scene(), np.random.default_rng(6))
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*pictures)
    assert pictures[0].dtype == np.uint8


def test_blur_that_is_in_the_light_already_is_not_added_again():
    camera = QUIET.draw(np.random.default_rng(1), SIZE).softened(3)
    settings = camera.meter(scene())
    spread = [
        float(camera.capture(s, settings, np.random.default_rng(2)).std())
        for s in (scene(softness=100.0), scene(), scene(defocus=6.0))
    ]
    assert spread[0] > spread[1] > spread[2]


def test_tone_never_falls_and_ends_at_white():
    for gamma in (0.6, 1.0, 1.7):
        curve = tone_curve(gamma, 0.2, 0.6).astype(int)
        assert (np.diff(curve) >= 0).all()
        assert curve[0] == 0
        assert curve[-1] == 255


def test_resolutions_keep_the_shape_and_are_even():
    assert resolution((1920, 1080), 480) == (480, 270)
    assert resolution((720, 480), 321) == (320, 214)
