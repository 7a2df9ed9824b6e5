"""The fine relief of skin: pores and, with the years, lines. Heights in decimetres, given as slopes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads import atlas, regions
from sincera.simulate.heads.pack import Floats


def slopes(age: float, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Slopes along u and v (H, W) without unit, and how deep the lines are (H, W), 0 … 1, for their darkening."""
    years = float(np.clip((age - 28) / 42, 0, 1))
    coarse = rng.uniform(0.7, 1.4)
    pores = 0.00028 * regions.noise(rng, 0.55) + 0.00034 * coarse * regions.noise(rng, 0.9)
    pores += 0.00045 * coarse * regions.noise(rng, 1.9)
    pores *= 0.45 + 0.9 * (regions.blob(0.0, -0.1, 1.2, 0.25) + regions.blob(0.42, -0.05, 0.95, 0.22)).clip(0, 1)
    lines = _lines(years, rng)
    height = pores - 0.010 * lines
    density = atlas.density()
    along_u = np.gradient(height, axis=1) * density[..., 0]
    along_v = np.gradient(height, axis=0) * density[..., 1]
    return np.clip(0.85 * along_u, -0.6, 0.6), np.clip(0.85 * along_v, -0.6, 0.6), lines


def _lines(years: float, rng: np.random.Generator) -> Floats:
    """Forehead, frown, crow's feet, under the eyes and beside the mouth: depth 0 … 1."""
    half = (slice(None, None, 2), slice(None, None, 2))  # lines are wide enough for half the pixels
    places = atlas.position()[0][half]
    x, y, z = places[..., 0], places[..., 1], places[..., 2]
    bend, gap = regions.noise(rng, 26.0)[half], regions.noise(rng, 18.0)[half]
    strength = 0.06 + 0.95 * years * rng.uniform(0.55, 1.2)
    depth = np.zeros_like(x)

    forehead = _grooves((y + 0.10 * x * x + 0.012 * bend) / rng.uniform(0.075, 0.105), 0.16)
    band = regions.smooth(0.50, 0.60, y) * regions.smooth(1.0, 0.88, y) * regions.smooth(0.55, 0.35, np.abs(x))
    depth += strength * 0.75 * forehead * band * np.clip(0.65 + 0.5 * gap, 0, 1)

    frown = np.exp(-(((np.abs(x) - rng.uniform(0.055, 0.08)) / 0.013) ** 2)) * (z > 0.9)
    depth += strength * rng.uniform(0.1, 0.7) * frown * regions.smooth(0.33, 0.40, y) * regions.smooth(0.56, 0.48, y)

    side, rise = np.abs(x) - 0.44, y - 0.275
    reach = np.hypot(side, rise)
    fan = _grooves(np.arctan2(rise, side) / 0.33 + 0.2 * bend, 0.2)
    fan *= regions.smooth(0.06, 0.11, reach) * regions.smooth(0.28, 0.16, reach) * (side > 0)
    depth += strength * 0.65 * fan * np.clip(0.7 + 0.4 * gap, 0, 1)

    under = _grooves((y + 0.35 * (np.abs(x) - 0.31) ** 2 * 4 + 0.006 * bend) / 0.055, 0.2)
    depth += strength * 0.4 * under * regions.blob(0.32, 0.13, 1.0, 0.10)[half]

    fold = np.abs(x) - (0.21 + 0.34 * np.clip(-0.10 - y, 0, 0.4)) - 0.01 * bend
    fold = np.exp(-((fold / 0.02) ** 2)) * regions.smooth(-0.08, -0.16, y) * regions.smooth(-0.46, -0.36, y) * (z > 0.6)
    depth += (0.12 + strength * 0.6) * rng.uniform(0.4, 1.0) * fold
    depth = np.clip(depth, 0, 1).astype(np.float32)
    return np.asarray(cv2.resize(depth, (atlas.WIDTH, atlas.HEIGHT), interpolation=cv2.INTER_LINEAR), np.float32)


def _grooves(phase: NDArray[np.floating[Any]], width: float) -> Floats:
    """Narrow grooves at whole numbers of the phase."""
    away = np.abs(phase - np.round(phase))
    return np.asarray(np.exp(-((away / width) ** 2)), np.float32)
