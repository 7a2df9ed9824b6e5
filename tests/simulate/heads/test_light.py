"""Lights: directions and ranges."""

from __future__ import annotations

import numpy as np
import pytest

from sincera.simulate.heads import front_lights, random_lights, window_lights
from sincera.simulate.heads.light import direction


def test_directions_count_from_the_camera_to_the_right_and_up() -> None:
    np.testing.assert_allclose(direction(0, 0), [0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(direction(90, 0), [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(direction(0, 90), [0, 1, 0], atol=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_random_lights_are_plausible(seed: int) -> None:
    lights = random_lights(np.random.default_rng(seed))
    assert np.linalg.norm(lights.key) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(np.linalg.norm(lights.soft, axis=1), 1, atol=1e-5)
    assert abs(np.degrees(np.arctan2(lights.key[0], lights.key[2]))) <= 75.01
    assert lights.key[1] > 0
    assert 0.1 < lights.key_colour.mean() < 2.2
    assert 0.3 < lights.soft_colour.mean(1).sum() < 2
    assert 0 < lights.softness <= 1


def test_fixed_lights_are_the_same_each_time_and_random_ones_follow_the_seed() -> None:
    for make in (front_lights, window_lights):
        np.testing.assert_array_equal(make().soft, make().soft)
    one, two, other = (random_lights(np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.key, two.key)
    assert np.abs(one.key - other.key).max() > 1e-3
