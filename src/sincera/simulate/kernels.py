"""The loops over pixels that would cost several passes in NumPy; compiled once and cached beside this file."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads.jit import compiled

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

CURVE = 4096  # entries of a camera's tone table, over the square root of light in [0, 2]


@compiled
def expose(
    light: F32, modulation: F32, gains: F32, veil: F32, vignette: F32, noise: F32, origin: NDArray[np.int64],
    grain: F32, saturation: float, curve: U8,
) -> U8:  # fmt: skip
    """Light on the sensor → stored picture: gains, veil, fine structure, noise, saturation and tone in one pass.

    light (H, W, 3); modulation (H, W, 3) or empty; gains, veil (3,); vignette (H, W); noise (S, S, 3) with S a power
    of two, read from `origin`; grain (2,) is shot and read noise; curve (CURVE,) uint8 over sqrt(light / 2).
    """
    height, width, _ = light.shape
    wrap = noise.shape[0] - 1
    fine = modulation.shape[0] > 0
    out = np.empty((height, width, 3), np.uint8)
    top = curve.shape[0] - 1
    scale = top / math.sqrt(2.0)
    for y in range(height):
        row = (y + origin[0]) & wrap
        for x in range(width):
            column = (x + origin[1]) & wrap
            fall = vignette[y, x]
            r = (light[y, x, 0] + veil[0]) * gains[0] * fall
            g = (light[y, x, 1] + veil[1]) * gains[1] * fall
            b = (light[y, x, 2] + veil[2]) * gains[2] * fall
            if fine:
                r *= modulation[y, x, 0]
                g *= modulation[y, x, 1]
                b *= modulation[y, x, 2]
            r += math.sqrt(grain[0] * max(r, 0.0) + grain[1]) * noise[row, column, 0]
            g += math.sqrt(grain[0] * max(g, 0.0) + grain[1]) * noise[row, column, 1]
            b += math.sqrt(grain[0] * max(b, 0.0) + grain[1]) * noise[row, column, 2]
            luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
            r = luma + saturation * (r - luma)
            g = luma + saturation * (g - luma)
            b = luma + saturation * (b - luma)
            out[y, x, 0] = curve[min(top, int(math.sqrt(max(r, 0.0)) * scale + 0.5))]
            out[y, x, 1] = curve[min(top, int(math.sqrt(max(g, 0.0)) * scale + 0.5))]
            out[y, x, 2] = curve[min(top, int(math.sqrt(max(b, 0.0)) * scale + 0.5))]
    return out


@compiled
def emit(picture: U8, table: F32, rows: F32) -> F32:
    """A screen's pixels → light: one table a channel (256, 3), and a gain a row (H,) for flicker and scan lines."""
    height, width, _ = picture.shape
    out = np.empty((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                out[y, x, c] = table[picture[y, x, c], c] * rows[y]
    return out


@compiled
def grid(shape: tuple[int, int], inverse: F32, pitch: F32, phase: F32, amount: float, wave: F32) -> F32:
    """A screen's or a halftone's pattern of coloured dots, evaluated at camera pixels so that it aliases by itself.

    inverse (3, 3): camera pixel → pixel of the medium; pitch (2,): period in pixels of the medium along x and y;
    phase (3,): of the three colours, in periods; wave: one period as a table, its length a power of two.
    """
    height, width = shape
    wrap = wave.shape[0] - 1
    out = np.empty((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            w = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2]
            u = (inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]) / w / pitch[0]
            v = (inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]) / w / pitch[1]
            across = 0.4 * wave[math.floor(v * wave.shape[0]) & wrap]
            for c in range(3):
                along = wave[math.floor((u + phase[c]) * wave.shape[0]) & wrap]
                out[y, x, c] = 1.0 + amount * (along + across)
    return out


@compiled
def lay_over(behind: F32, front: F32, alpha: U8, glare: F32, lit: F32) -> F32:
    """A medium laid over what is behind it: front × lit + glare where alpha says so. glare (H, W, 3), lit (H, W)."""
    height, width, _ = behind.shape
    out = np.empty((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            a = alpha[y, x] * np.float32(1 / 255)
            for c in range(3):
                seen = front[y, x, c] * lit[y, x] + glare[y, x, c]
                out[y, x, c] = behind[y, x, c] + a * (seen - behind[y, x, c])
    return out


@compiled
def paste(behind: F32, layer: F32) -> F32:
    """A layer (H, W, 4), light times alpha and alpha, over what is behind it."""
    height, width, _ = behind.shape
    out = np.empty((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            through = 1.0 - layer[y, x, 3]
            for c in range(3):
                out[y, x, c] = layer[y, x, c] + behind[y, x, c] * through
    return out
