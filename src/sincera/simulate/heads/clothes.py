"""Tops: which one, and its cloth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads.materials import CLOTH
from sincera.simulate.heads.mesh import Builder
from sincera.simulate.heads.pack import Floats, pack

SIZE = 512
_LEFT, _TOP, _SPAN = -2.9, -0.9, 5.8
"""The cloth is projected from the front: this square (dm) around the shoulders."""


def dress(builder: Builder, sex: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Add a top that fits; gives which triangles of the body it hides."""
    kind = "male" if sex > 0.5 else "female"
    names = [name for name in pack().proxies if name.startswith(f"cloth_{kind}")]
    proxy = pack().proxies[names[int(rng.integers(len(names)))]]
    vertices = proxy.fit(builder.body)
    flat = (vertices[:, :2] - np.array([_LEFT, _TOP])) / np.array([_SPAN, -_SPAN])
    uv = np.clip(flat, 0, 1).astype(np.float32)[proxy.triangles]
    builder.piece(vertices, proxy.triangles, uv, CLOTH)
    return proxy.hides


def weave(rng: np.random.Generator) -> Floats:
    """A cloth (SIZE, SIZE, 3) in linear light: plain, striped, checked, dotted or melange, with a fine knit."""
    first, second = _colour(rng), _colour(rng)
    down, across = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE * _SPAN
    across = across - _SPAN / 2
    bend = 0.06 * np.cos(across * rng.uniform(0.8, 1.6))  # hems and stripes sag over the chest
    period = rng.uniform(0.10, 0.45)
    pattern = rng.choice(
        ["plain", "across", "down", "checks", "slanted", "dots", "melange"], p=[0.4, 0.17, 0.1, 0.1, 0.06, 0.07, 0.1]
    )
    width = rng.uniform(0.25, 0.6)
    mix = np.zeros_like(down)
    if pattern in ("across", "checks"):
        mix += ((down + bend) / period % 1 < width).astype(np.float32)
    if pattern in ("down", "checks"):
        mix += (across / period % 1 < width).astype(np.float32)
    if pattern == "slanted":
        mix += ((down + across) / period % 1 < width).astype(np.float32)
    if pattern == "dots":
        square = (down / period % 1 - 0.5) ** 2 + (across / period % 1 - 0.5) ** 2
        mix += (square < 0.05).astype(np.float32)
    if pattern == "melange":
        mix += cv2.GaussianBlur(rng.standard_normal((SIZE, SIZE), np.float32), (0, 0), 1.0, sigmaY=3.0) * 1.2
    mix = np.clip(cv2.GaussianBlur(mix / (2 if pattern == "checks" else 1), (0, 0), 0.7), 0, 1)[..., None]
    cloth = first * (1 - mix) + second * mix
    folds = cv2.GaussianBlur(rng.standard_normal((SIZE // 8, SIZE // 8), np.float32), (0, 0), 3.0)
    folds = cv2.resize(folds / folds.std(), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    knit = rng.standard_normal((SIZE, SIZE), np.float32)
    return np.asarray(np.clip(cloth * np.exp(0.06 * folds + 0.05 * knit)[..., None], 0.004, 0.85), np.float32)


def _colour(rng: np.random.Generator) -> Floats:
    """Mostly muted, sometimes white, black or bright."""
    dice = rng.random()
    if dice < 0.18:
        return np.full(3, rng.uniform(0.55, 0.8), np.float32) * np.array([1, 0.99, 0.96], np.float32)
    if dice < 0.40:
        return np.full(3, rng.uniform(0.012, 0.05), np.float32) * np.array([0.95, 1, 1.1], np.float32)
    spread = 0.9 if dice > 0.8 else 0.4
    return np.clip(np.exp(rng.normal(-1.7, 0.7) + rng.normal(0, spread, 3)), 0.01, 0.7).astype(np.float32)
