import numpy as np
import pytest

from sincera.simulate import kernels
from sincera.simulate.camera import tone_curve


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def f32(array):
    return np.asarray(array, np.float32)


def test_expose_equals_the_slow_way(rng):
    light, vignette = f32(rng.random((6, 7, 3))), f32(rng.uniform(0.7, 1, (6, 7)))
    modulation, gains, veil = f32(rng.uniform(0.9, 1.1, (6, 7, 3))), f32([1.2, 1, 0.8]), f32([0.01, 0.02, 0.03])
    noise, grain, curve = f32(rng.normal(size=(8, 8, 3))), f32([0.001, 0.0001]), tone_curve(1.1, 0.2, 0.7)
    origin = np.array([5, 6])
    got = kernels.expose(light, modulation, gains, veil, vignette, noise, origin, grain, 1.3, curve)

    slow = (light + veil) * gains * vignette[..., None] * modulation
    tile = np.array([[noise[(y + 5) % 8, (x + 6) % 8] for x in range(7)] for y in range(6)])
    slow = slow + np.sqrt(grain[0] * np.maximum(slow, 0) + grain[1]) * tile
    luma = slow @ np.array([0.2126, 0.7152, 0.0722])
    slow = luma[..., None] + 1.3 * (slow - luma[..., None])
    index = np.sqrt(np.maximum(slow, 0) / 2) * (len(curve) - 1)
    expected = curve[np.minimum(len(curve) - 1, np.rint(index).astype(int))]
    assert np.abs(got.astype(int) - expected.astype(int)).max() <= 1


def test_emit_looks_up_each_channel_and_row(rng):
    picture, table, rows = rng.integers(0, 256, (4, 5, 3), np.uint8), f32(rng.random((256, 3))), f32(rng.random(4))
    expected = np.stack([table[picture[..., c], c] * rows[:, None] for c in range(3)], axis=-1)
    np.testing.assert_allclose(kernels.emit(picture, table, rows), expected, rtol=1e-6)


def test_grid_follows_the_medium():
    wave = f32(np.cos(2 * np.pi * np.arange(256) / 256))
    pattern = kernels.grid((4, 32), f32(np.eye(3)), f32([8, 8]), f32([0, 0, 0]), 0.1, wave)
    x, y = np.meshgrid(np.arange(32), np.arange(4))
    expected = 1 + 0.1 * (np.cos(2 * np.pi * x / 8) + 0.4 * np.cos(2 * np.pi * y / 8))
    np.testing.assert_allclose(pattern[..., 0], expected, atol=1e-5)


def test_a_grid_finer_than_the_camera_shows_as_coarse_waves():
    wave = f32(np.cos(2 * np.pi * np.arange(256) / 256))
    pattern = kernels.grid((2, 200), f32(np.eye(3)), f32([1.1, 1.1]), f32([0, 0, 0]), 0.1, wave)[0, :, 0]
    spectrum = np.abs(np.fft.rfft(pattern - pattern.mean()))
    assert abs(int(spectrum.argmax()) - 200 * (1 - 1 / 1.1)) < 2  # the beat, one period in 11 pixels


def test_layers_are_laid_over_what_is_behind(rng):
    behind, front = f32(rng.random((3, 4, 3))), f32(rng.random((3, 4, 3)))
    alpha, glare, lit = rng.integers(0, 256, (3, 4), np.uint8), f32(rng.random((3, 4, 3))), f32(rng.random((3, 4)))
    share = alpha[..., None] / 255
    expected = behind * (1 - share) + (front * lit[..., None] + glare) * share
    np.testing.assert_allclose(kernels.lay_over(behind, front, alpha, glare, lit), expected, rtol=1e-5)
    layer = f32(np.dstack([front * 0.3, np.full((3, 4), 0.3)]))
    np.testing.assert_allclose(kernels.paste(behind, layer), front * 0.3 + behind * 0.7, rtol=1e-5)
