import numpy as np

from sincera.simulate.light import decode, encode, sway, to_light, to_picture


def test_pictures_survive_the_way_to_light_and_back():
    picture = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    np.testing.assert_array_equal(to_picture(to_light(picture)), picture)


def test_the_curve_is_srgb():
    assert abs(float(encode(np.array([0.5]))[0]) - 0.735357) < 1e-5
    assert abs(float(decode(np.array([0.04]))[0]) - 0.04 / 12.92) < 1e-12


def test_sway_is_smooth_and_of_unit_size():
    rng = np.random.default_rng(0)
    motion = np.stack([sway(rng, 50, 2) for _ in range(40)])
    assert motion.shape == (40, 50, 2)
    assert 0.6 < motion.std() < 1.4
    assert np.abs(np.diff(motion, axis=1)).mean() < 0.5 * motion.std()
