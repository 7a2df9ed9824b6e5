"""Between stored pictures and linear light, and the draws that every simulated thing is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # (H, W, 3) RGB as stored
Light = NDArray[np.float32]  # (H, W, 3) linear RGB, 1.0 is diffuse white
Plane = NDArray[np.float32]  # (H, W)
Span = tuple[float, float]

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def encode(light: NDArray[np.floating]) -> NDArray[np.float64]:
    """sRGB's curve: linear light, clipped to [0, 1], → stored value in [0, 1]."""
    x = np.clip(np.asarray(light, np.float64), 0.0, 1.0)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(x, 1 / 2.4) - 0.055)


def decode(stored: NDArray[np.floating]) -> NDArray[np.float64]:
    """The inverse of `encode`.

    >>> float(decode(encode(np.array([0.18])))[0].round(6))
    0.18
    """
    s = np.clip(np.asarray(stored, np.float64), 0.0, 1.0)
    return np.where(s <= 0.04045, s / 12.92, np.power((s + 0.055) / 1.055, 2.4))


LINEAR: NDArray[np.float32] = decode(np.arange(256) / 255).astype(np.float32)


def to_light(picture: Picture) -> Light:
    """A stored picture (H, W, 3) uint8 as linear light: what a perfect print of it would reflect."""
    light: Light = np.take(LINEAR, picture)
    return light


def to_picture(light: Light) -> Picture:
    """Linear light as a stored picture, without a camera's blur, noise or tone."""
    picture: Picture = np.rint(encode(light) * 255).astype(np.uint8)
    return picture


def draw(rng: np.random.Generator, span: Span) -> float:
    """One number, evenly from a span.

    >>> draw(np.random.default_rng(0), (2.0, 2.0))
    2.0
    """
    return float(rng.uniform(span[0], span[1]))


def chance(rng: np.random.Generator, share: float) -> bool:
    """True in `share` of all draws."""
    return bool(rng.random() < share)


def sway(rng: np.random.Generator, frames: int, channels: int, *, slow: float = 0.06) -> NDArray[np.float64]:
    """Smooth wandering of `channels` things over `frames` frames, (frames, channels), about unit size.

    Each is a sum of three slow waves: what a hand, a head or a tripod on a soft floor does.
    """
    time = np.arange(frames)[:, None]
    total = np.zeros((frames, channels))
    for octave in (1.0, 2.3, 5.1):
        rate = slow * octave * rng.uniform(0.6, 1.4, channels)
        total += np.sin(2 * np.pi * (rate * time + rng.random(channels))) / octave
    return total / 0.8
