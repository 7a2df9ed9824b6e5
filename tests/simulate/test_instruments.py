import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from sincera.simulate.instruments.handling import Handling, View
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.screen import ScreenModel
from sincera.simulate.instruments.sheet import Shot, cropped
from sincera.simulate.instruments.species import SPECIES, instrument
from sincera.simulate.scene import Anchor, Scene

SIZE = (160, 120)
POINTS = np.array([[48, 68], [72, 68], [60, 80], [51, 92], [69, 92]], np.float32)
STEADY = Handling(glare=0, hazy=0, hands=0)


def shot(points=POINTS):
    """A dark picture with a bright blob at each point."""
    picture = np.full((*SIZE, 3), 40, np.uint8)
    for x, y in points:
        cv2.circle(picture, (int(x), int(y)), 3, (230, 230, 230), -1)
    return Shot(picture, points)


def behind():
    return Scene(np.full((*SIZE, 3), 0.05, np.float32), np.zeros(SIZE, np.uint8), np.full(SIZE, 200, np.uint8), None)


def view(span=26.0):
    return View(SIZE, Anchor(60, 82, span))


def sees_its_points(scene):
    """The light at each point is far above the light between the eyes and the mouth's corners."""
    x, y = np.rint(scene.points).astype(int).T
    spot, between = scene.light[y, x].mean(1), scene.light[int(y[0] * 0.6 + y[2] * 0.4), int(x[2])].mean()
    return bool((spot > 1.6 * between).all())


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize("fills", [True, False])
def test_every_species_shows_the_face_where_its_truth_says(species, fills):
    model = (
        replace(instrument(species), handling=STEADY, eyes_cut=False)
        if "eyes_cut" in dir(instrument(species))
        else None
    )
    model = model or replace(instrument(species), handling=STEADY, amplitude=(0, 0))
    presented = model.present([shot()] * 3, view(), 3, np.random.default_rng(4), fills=fills)
    for index in range(3):
        assert sees_its_points(presented.scene(index, behind()))


@pytest.mark.parametrize("species", SPECIES)
def test_a_medium_that_fills_the_frame_leaves_nothing_else(species):
    model = instrument(species)
    filled = model.present([shot()] * 2, view(40), 2, np.random.default_rng(0), fills=True).scene(0, behind())
    apart = model.present([shot()] * 2, view(20), 2, np.random.default_rng(0), fills=False).scene(0, behind())
    assert filled.spoof.mean() / 255 > (0.93 if species == "cut" else 0.99)
    assert 0.1 < apart.spoof.mean() / 255 < 0.95
    assert apart.relief[apart.spoof > 200].max() == 0
    assert filled.light.dtype == np.float32


@pytest.mark.parametrize("species", SPECIES)
def test_parameters_are_plain_json(species):
    presented = instrument(species).present([shot()] * 2, view(), 2, np.random.default_rng(0))
    told = json.loads(json.dumps(presented.parameters))
    assert told["kind"] in ("print", "screen")
    assert {"fills", "tilt", "haze", "support"} <= set(told)


def test_living_eyes_look_through_a_cut_photograph():
    model = PrintModel(handling=STEADY, eyes_cut=True, bent=0)
    presented = model.present([shot()], view(), 1, np.random.default_rng(1), fills=True)
    scene = presented.scene(0, behind())
    left, right, nose = np.rint(presented.face_at(0)[:3]).astype(int)
    for eye in (left, right):
        assert scene.spoof[eye[1], eye[0]] < 40
        assert scene.relief[eye[1], eye[0]] == 200
    assert scene.spoof[nose[1], nose[0]] == 255


def test_hands_hide_the_medium_and_are_no_part_of_it():
    model = PrintModel(handling=Handling(hands=1, glare=0, hazy=0), margin=1, bent=0)
    held = model.present([shot()], view(20), 1, np.random.default_rng(2), fills=False).scene(0, behind())
    free = replace(model, handling=STEADY).present([shot()], view(20), 1, np.random.default_rng(2), fills=False)
    assert held.spoof.sum() < free.scene(0, behind()).spoof.sum()
    assert (np.abs(held.light - 0.05).max(-1)[held.spoof == 0] > 0.02).any()


def test_a_wobbling_print_changes_and_a_still_one_does_not():
    steady = Handling(glare=0, hazy=0, hands=0)
    for wobbles in (True, False):
        model = PrintModel(handling=steady, bent=1, wobbles=wobbles)
        presented = model.present([shot()], View(SIZE, Anchor(60, 82, 26), "fixed"), 6, np.random.default_rng(1))
        presented = replace(presented, hold=replace(presented.hold, motion=np.zeros((6, 6))))
        first, last = (presented.scene(i, behind()).light for i in (0, 5))
        assert (np.abs(first - last).max() > 0.02) == wobbles


def test_a_video_moves_and_a_still_does_not():
    moved = shot(POINTS + np.array([6, 0], np.float32))
    for still in (0.0, 1.0):
        model = ScreenModel(handling=STEADY, still=still, grid=0, lines=0)
        presented = model.present([shot(), moved], View(SIZE, Anchor(60, 82, 26), "fixed"), 2, np.random.default_rng(1))
        first, second = (presented.scene(i, behind()).points for i in (0, 1))
        assert (np.abs(first - second).max() > 3) == (still == 0)


def test_a_small_medium_takes_only_the_surroundings_of_the_face():
    part = cropped(shot(), (1.0, 1.2, 1.4))
    assert part.picture.shape[0] < SIZE[0]
    for before, after in zip(POINTS, part.points, strict=True):
        np.testing.assert_array_equal(
            shot().picture[int(before[1]), int(before[0])], part.picture[int(after[1]), int(after[0])]
        )


def test_the_pixel_grid_is_seen_on_the_medium_only():
    model = ScreenModel(handling=STEADY, grid=1, amplitude=(0.1, 0.1), bezel=0)
    scene = model.present([shot()], view(18), 1, np.random.default_rng(0), fills=False).scene(0, behind())
    assert scene.modulation[scene.spoof > 200].std() > 0.02
    np.testing.assert_array_equal(scene.modulation[scene.spoof == 0], 1)
