"""Hair, brows and lashes: fitted meshes, strands, colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads.pack import Bytes, Floats, Ints, Proxy, pack, picture

COLOURS: dict[str, tuple[float, float, float]] = {
    "black": (0.012, 0.010, 0.009),
    "dark brown": (0.032, 0.020, 0.013),
    "brown": (0.075, 0.043, 0.024),
    "light brown": (0.16, 0.10, 0.055),
    "blond": (0.36, 0.25, 0.125),
    "red": (0.19, 0.060, 0.022),
    "grey": (0.21, 0.205, 0.20),
    "white": (0.42, 0.415, 0.40),
}
"""Albedo in linear light."""

FRINGES = ("bob01", "bob02", "short03")


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A hair's texture: brightness with mean 128, alpha, and the direction of its strands in (u, v)."""

    brightness: Bytes  # (512, 512)
    alpha: Bytes
    strands: Floats  # (512, 512, 2) unit, without sign


@cache
def hair_sheet(style: str) -> Sheet:
    stored = picture(f"hair_{style}")
    light, alpha = stored[:512].astype(np.float32), stored[512:]
    inside = alpha > 128
    mean = max(float(light[inside].mean()), 1.0)
    # Where the picture is clear it is black: spread the hair's own brightness there, or every edge gets a dark rim.
    weight = (alpha > 60).astype(np.float32)
    spread = cv2.GaussianBlur(light * weight, (0, 0), 5) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 5), 1e-3)
    light = np.where((weight == 0) & (spread > 0), spread, light)
    light = np.where(light <= 0, mean, light)
    brightness = np.clip(128 * np.power(np.clip(light / mean, 0.15, 3.0), 0.8), 0, 255).astype(np.uint8)
    # The structure tensor's weak direction runs along the strands.
    smooth = cv2.GaussianBlur(light / mean, (0, 0), 1.0)
    du, dv = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    uu, vv, uv = (cv2.GaussianBlur(product, (0, 0), 9.0) for product in (du * du, dv * dv, du * dv))
    angle = 0.5 * np.arctan2(2 * uv, uu - vv) + np.pi / 2
    return Sheet(brightness, alpha, np.stack([np.cos(angle), np.sin(angle)], -1).astype(np.float32))


def tangents(vertices: Floats, triangles: Ints, uv: Floats, strands: Floats) -> Floats:
    """Direction of the strands at each vertex (N, 3): the texture's direction brought onto the mesh and averaged."""
    size = strands.shape[0]
    middle = np.clip((uv.mean(1) * size).astype(int), 0, size - 1)
    flow = strands[middle[:, 1], middle[:, 0]]  # (T, 2)
    p, q = vertices[triangles[:, 1]] - vertices[triangles[:, 0]], vertices[triangles[:, 2]] - vertices[triangles[:, 0]]
    d1, d2 = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    area = d1[:, :1] * d2[:, 1:] - d2[:, :1] * d1[:, 1:]
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    along_u, along_v = (p * d2[:, 1:] - q * d1[:, 1:]) / area, (q * d1[:, :1] - p * d2[:, :1]) / area
    strand = along_u * flow[:, :1] + along_v * flow[:, 1:]
    strand /= np.maximum(np.linalg.norm(strand, axis=1, keepdims=True), 1e-9)
    strand *= np.where(strand[:, 1:2] > 0, -1.0, 1.0)  # strands have no sign of their own: let all point down
    total = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(total, triangles[:, corner], strand)
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)
    return total.astype(np.float32)


def layers(triangles: Ints, vertices: int) -> Bytes:
    """A number for each triangle's strip (connected component), so that strips over each other cover differently."""
    parent = np.arange(vertices)
    changed = True
    while changed:  # label propagation: a handful of rounds, since each jumps to the smallest known label
        lowest = parent[triangles].min(1)
        before = parent.copy()
        for corner in range(3):
            np.minimum.at(parent, triangles[:, corner], lowest)
        parent = parent[parent]
        changed = bool((parent != before).any())
    _, number = np.unique(parent[triangles[:, 0]], return_inverse=True)
    return (number * 7 % 251).astype(np.uint8)


def lift_fringe(vertices: Floats) -> Floats:
    """Pull a fringe that hangs over the eyes up to the brows, with soft edges."""
    x, y, z = vertices.T
    low = np.clip((0.8 - y) / 0.1, 0, 1)
    middle = np.clip((0.66 - np.abs(x)) / 0.12, 0, 1)
    front = np.clip((z - 0.50) / 0.12, 0, 1)
    lifted = vertices.copy()
    lifted[:, 1] += low * middle * front * ((0.8 + (y - 0.8) * 0.16) - y)
    return lifted


def style(name: str) -> Proxy:
    return pack().proxies[f"hair_{name}"]


def brow_names() -> list[str]:
    return [name for name, proxy in pack().proxies.items() if proxy.kind == "brow"]


def shade_of(colour: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """One person's albedo (3,) of a named hair colour."""
    return (np.array(COLOURS[colour]) * np.exp(rng.normal(0, 0.18) + rng.normal(0, 0.04, 3))).astype(np.float32)
