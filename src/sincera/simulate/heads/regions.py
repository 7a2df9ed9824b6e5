"""Where things grow or redden on a face: soft masks on the skin's sheet, by the position of each pixel on the head."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads import atlas
from sincera.simulate.heads.pack import Floats, picture


def smooth(edge: float, other: float, value: NDArray[np.floating[Any]]) -> Floats:
    """0 at `edge`, 1 at `other`, smooth between; either way round."""
    share = np.clip((value - edge) / (other - edge), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


@lru_cache(maxsize=16)
def blob(x: float, y: float, z: float, width: float) -> Floats:
    """A soft spot on both sides of the face: 1 at (±x, y, z), 0.6 at `width` dm from there."""
    places, _ = atlas.position()
    square = (np.abs(places[..., 0]) - x) ** 2 + (places[..., 1] - y) ** 2 + (places[..., 2] - z) ** 2
    return np.asarray(np.exp(-square / (2 * width * width)), np.float32)


@cache
def painted(name: str) -> Floats:
    """One of the pack's masks on the sheet: lips, eyelids, ears or face, 0 … 1."""
    mask = np.zeros((858, 376), np.float32)
    mask[:704] = picture(f"mask_{name}").astype(np.float32) / 255
    return np.clip(atlas.stretch(mask, scale=2.0), 0, 1)


@cache
def frame_of(name: str) -> tuple[slice, slice]:
    """Rows and columns of the sheet outside which a painted mask, softened a little, is zero."""
    rows, columns = np.nonzero(painted(name) > 0.02)
    edge = 16
    return (
        slice(max(int(rows.min()) - edge, 0), int(rows.max()) + edge),
        slice(max(int(columns.min()) - edge, 0), int(columns.max()) + edge),
    )


@cache
def scalp_height() -> Floats:
    """How far (dm) a pixel lies above the hairline: from the forehead's top down before the ears to the nape."""
    places, _ = atlas.position()
    x, y, z = places[..., 0], places[..., 1], places[..., 2]
    line = np.interp(
        z, [-0.8, -0.5, -0.1, 0.15, 0.45, 0.62, 0.80, 0.95], [-0.5, -0.35, 0.0, 0.18, 0.62, 0.86, 0.95, 1.0]
    )
    rounded = line - 0.9 * np.clip(np.abs(x) - 0.80, 0, 1)
    ears = cv2.GaussianBlur(painted("ears"), (0, 0), 9)
    return (y - rounded - 2.0 * ears).astype(np.float32)


@cache
def beard(kind: str) -> Floats:
    """Where a beard of one kind grows, 0 … 1."""
    places, _ = atlas.position()
    x, y, z = np.abs(places[..., 0]), places[..., 1], places[..., 2]
    lips = np.clip(cv2.GaussianBlur(painted("lips"), (0, 0), 4) * 2.2, 0, 1)
    upper = smooth(-0.19, -0.24, y) * smooth(0.36, 0.20, x) * smooth(0.85, 0.95, z)
    upper *= smooth(-0.50, -0.40, y)
    chin = smooth(-0.42, -0.50, y) * smooth(0.34, 0.24, x) * smooth(0.30, 0.55, z) * smooth(-1.0, -0.85, y)
    corner = smooth(0.21, 0.29, x) * smooth(0.44, 0.36, x) * smooth(-0.28, -0.34, y) * smooth(-0.62, -0.50, y)
    corner *= smooth(0.75, 0.85, z)
    if kind == "moustache":
        grown = upper
    elif kind == "goatee":
        grown = np.maximum(np.maximum(upper, chin), corner)
    else:
        line = np.interp(z, [0.1, 0.22, 0.4, 0.6, 0.8, 0.95, 1.1], [0.4, 0.22, -0.12, -0.26, -0.34, -0.34, -0.30])
        jaw = smooth(0.03, -0.06, y - line) * smooth(-0.02, 0.10, z + 0.35 * np.clip(-0.5 - y, 0, 1))
        jaw *= smooth(-1.02, -0.80, y) * smooth(0.16, 0.26, x + np.clip(-0.33 - y, 0, 1) * 9)
        grown = np.maximum(np.maximum(jaw, upper), np.maximum(corner, chin))
    bare = np.clip(cv2.GaussianBlur(painted("ears"), (0, 0), 6) * 2, 0, 1)
    return np.asarray(cv2.GaussianBlur(grown * (1 - lips) * (1 - bare), (0, 0), 3), np.float32)


def noise(rng: np.random.Generator, sigma: float, *, along: float | None = None) -> Floats:
    """Gaussian noise of mean 0 and spread 1 on the sheet, blurred by sigma pixels (`along` pixels along u)."""
    coarse = max(1, int(min(sigma, along or sigma) / 2))
    shape = (atlas.HEIGHT // coarse + 1, atlas.WIDTH // coarse + 1)
    raw = rng.standard_normal(shape, np.float32)
    blurred = cv2.GaussianBlur(raw, (0, 0), (along or sigma) / coarse, sigmaY=sigma / coarse)
    field = np.asarray(blurred / max(float(np.std(blurred)), 1e-6), np.float32)
    if coarse > 1:
        field = np.asarray(cv2.resize(field, (atlas.WIDTH, atlas.HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32)
    return field[: atlas.HEIGHT, : atlas.WIDTH]
