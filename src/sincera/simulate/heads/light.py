"""Light that falls on a head: fixed set-ups and random ones."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads.pack import Floats
from sincera.simulate.heads.records import Lights


def front_lights() -> Lights:
    """Even light from the front, slightly from above: the picture for a passport."""
    return _lights(-15, 30, 0.75, np.ones(3), [(0.35, 70, 10), (0.35, -70, 10), (0.3, 0, 70), (0.15, 180, 0)], 1.0)


def window_lights() -> Lights:
    """A window at the picture's left in a bright room."""
    daylight = np.array([0.96, 1.0, 1.06])
    return _lights(-60, 20, 1.1, daylight, [(0.45, -50, 20), (0.22, 60, 5), (0.25, 0, 75), (0.15, 180, 10)], 0.8)


def random_lights(rng: np.random.Generator) -> Lights:
    """A room, an office, a window, the open sky or the sun: a key light within 75° of the front, four soft ones."""
    sunny = rng.random() < 0.12
    warmth = rng.uniform(-0.12, 0.28) if not sunny else rng.uniform(0.02, 0.15)
    colour = np.array([1 + warmth, 1.0, 1 - 1.2 * warmth])
    azimuth = float(np.clip(rng.normal(0, 38), -75, 75))
    height = rng.uniform(5, 60)
    key = rng.uniform(0.9, 1.9) if sunny else float(np.exp(rng.uniform(np.log(0.15), np.log(1.25))))
    ambient = rng.uniform(0.35, 0.8) if not sunny else rng.uniform(0.4, 0.7)
    soft = []
    for spread in (-70, 65, 0, 180):
        share = rng.uniform(0.15, 1.0) * (0.6 if spread == 180 else 1.0)
        tilt = rng.uniform(45, 90) if spread == 0 else rng.uniform(-15, 45)
        soft.append((share, spread + rng.normal(0, 20), tilt))
    total = sum(share for share, _, _ in soft)
    soft = [(share / total * ambient * 1.6, turn, tilt) for share, turn, tilt in soft]
    softness = rng.uniform(0.1, 0.3) if sunny else rng.uniform(0.3, 1.0)
    lights = _lights(azimuth, height, key, colour, soft, float(softness))
    # Sky or walls tint each soft light a little differently.
    tints = np.exp(rng.normal(0, 0.05, (4, 3))) * np.array([1 + warmth / 2, 1.0, 1 - warmth / 2])
    if sunny:
        tints *= np.array([0.88, 0.98, 1.16])
    tinted = (lights.soft_colour * tints).astype(np.float32)
    return Lights(lights.key, lights.key_colour, lights.soft, tinted, lights.softness)


def direction(azimuth: float, height: float) -> Floats:
    """Unit vector towards a light: azimuth in degrees to the picture's right of the camera, height above it."""
    turn, rise = np.radians(azimuth), np.radians(height)
    return np.array([np.sin(turn) * np.cos(rise), np.sin(rise), np.cos(turn) * np.cos(rise)], np.float32)


def _lights(
    azimuth: float,
    height: float,
    strength: float,
    colour: np.ndarray,
    soft: list[tuple[float, float, float]],
    softness: float,
) -> Lights:
    return Lights(
        key=direction(azimuth, height),
        key_colour=(strength * colour).astype(np.float32),
        soft=np.stack([direction(turn, tilt) for _, turn, tilt in soft]),
        soft_colour=np.stack([np.full(3, share, np.float32) for share, _, _ in soft]),
        softness=softness,
    )
