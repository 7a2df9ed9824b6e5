"""The skin's sheet: a warped atlas that gives the face most of the pixels, and where each pixel lies on the head.

The face fills 110 × 135 of the pack's 188 × 429 texels. Stretching both axes piecewise gives it 480 × 600 of the
640 × 1152 pixels kept here: 4.4 pixels a texel, about 230 a decimetre, without more memory than a plain threefold.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from sincera.simulate.heads.pack import ATLAS, Bytes, Floats, pack
from sincera.simulate.heads.raster import bake
from sincera.simulate.heads.shape import APART, EYES

WIDTH, HEIGHT = 640, 1152
_ACROSS = (np.array([0.0, 55, 170, 188]), np.array([0.0, 100, 605, 640]))
_DOWN = (np.array([0.0, 108, 246, 352, 429]), np.array([0.0, 220, 830, 1042, 1152]))


def warp(uv: Floats) -> Floats:
    """Corner coordinates (…, 2) of the pack's atlas → of the warped sheet, both 0 … 1."""
    u = np.interp(uv[..., 0] * ATLAS[0], *_ACROSS) / WIDTH
    v = np.interp(uv[..., 1] * ATLAS[1], *_DOWN) / HEIGHT
    return np.stack([u, v], -1).astype(np.float32)


@cache
def _lookup() -> tuple[Floats, Floats]:
    columns = np.interp(np.arange(WIDTH) + 0.5, _ACROSS[1], _ACROSS[0]) - 0.5
    rows = np.interp(np.arange(HEIGHT) + 0.5, _DOWN[1], _DOWN[0]) - 0.5
    across, down = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    return across, down


def stretch(image: Floats, *, scale: float = 1.0) -> Floats:
    """A picture on the pack's atlas (scale pixels a texel), resampled to the sheet (HEIGHT, WIDTH[, C])."""
    across, down = _lookup()
    if scale != 1.0:
        across, down = (across + 0.5) * np.float32(scale) - 0.5, (down + 0.5) * np.float32(scale) - 0.5
    sheet = cv2.remap(image, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sheet, np.float32)


@cache
def position() -> tuple[Floats, Bytes]:
    """Where each pixel of the sheet lies on the base head: (H, W, 3) dm, normalised space; and (H, W) 1 = used."""
    assets = pack()
    skin = assets.part < 2
    left, right = (assets.vertices[helpers].mean(0) for helpers in assets.eyes)
    places = (assets.vertices - (left + right) / 2) * (APART / np.linalg.norm(left - right)) + EYES
    uv = warp(assets.uv[skin]) * np.array([WIDTH, HEIGHT], np.float32)
    sheet, used = np.zeros((HEIGHT, WIDTH, 3), np.float32), np.zeros((HEIGHT, WIDTH), np.uint8)
    bake(uv - 0.5, places[assets.triangles[skin]].astype(np.float32), sheet, used)
    # Grow the islands a little, so that nothing painted by position ends at a seam.
    grown = used.copy()
    for _ in range(6):
        weight = cv2.blur(grown.astype(np.float32), (3, 3))
        mean = cv2.blur(sheet * grown[..., None], (3, 3)) / np.maximum(weight, 1e-6)[..., None]
        new = (grown == 0) & (weight > 0)
        sheet[new] = mean[new]
        grown[new] = 1
    return sheet, used


@cache
def density() -> Floats:
    """Pixels per decimetre along u and along v at each pixel of the sheet: (H, W, 2)."""
    places, _ = position()
    both = []
    for axis in (1, 0):
        step = np.linalg.norm(np.gradient(places, axis=axis), axis=2)
        step = cv2.medianBlur(np.clip(step, 1e-4, 0.05).astype(np.float32), 5)
        both.append(1 / np.maximum(step, 1e-3))
    return np.stack(both, -1).astype(np.float32)
