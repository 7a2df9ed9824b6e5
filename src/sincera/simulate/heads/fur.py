"""Beards and cropped hair: shells of the skin pushed outwards, each showing the hairs that are long enough."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads import atlas, regions
from sincera.simulate.heads.materials import BEARD, HAIR
from sincera.simulate.heads.mesh import Builder
from sincera.simulate.heads.pack import Bytes, Floats, pack
from sincera.simulate.heads.records import Attributes

SHELLS = 6
BEARD_LENGTH = {"moustache": 0.06, "goatee": 0.07, "short": 0.055, "full": 0.15}
CROP_LENGTH = {"buzz": 0.045, "crop": 0.13}
"""How far the outermost shell lies from the skin, dm."""


def grow(builder: Builder, attributes: Attributes, rng: np.random.Generator) -> Bytes | None:
    """Add shells for beard and cropped hair; gives the sheet (HEIGHT, WIDTH) of how long each hair is, or None."""
    beard = BEARD_LENGTH.get(attributes.beard, 0.0) * rng.uniform(0.75, 1.25)
    crop = CROP_LENGTH.get(attributes.hair_style, 0.0) * rng.uniform(0.8, 1.3)
    if not beard and not crop:
        return None
    chin = regions.beard(attributes.beard) if beard else np.zeros((atlas.HEIGHT, atlas.WIDTH), np.float32)
    height = regions.scalp_height() + 0.035 * regions.noise(rng, 10.0) + rng.uniform(-0.06, 0.03)
    scalp = regions.smooth(-0.03, 0.09, height) if crop else np.zeros_like(chin)
    curly = crop and attributes.origin[0] > 0.5
    hairs = _uniform(regions.noise(rng, 0.75, along=1.1 if curly else 3.0))
    clumps = _uniform(regions.noise(rng, 2.2, along=2.8 if curly else 7.0))
    length = np.maximum(chin, scalp) * (0.28 + 0.42 * hairs + 0.30 * clumps)
    for region, distance, part in ((chin, beard, 0), (scalp, crop, HAIR)):
        if distance:
            _shells(builder, region, distance, part, droop=0.5 if part == 0 else 0.1)
    return np.asarray(np.clip(length, 0, 1) * 255, np.uint8)


def _uniform(noise: Floats) -> Floats:
    """Normal noise spread evenly over 0 … 1 (a logistic curve, close to the normal's own)."""
    return np.asarray(1 / (1 + np.exp(-1.702 * noise)), np.float32)


def _shells(builder: Builder, region: Floats, distance: float, part: int, *, droop: float) -> None:
    assets = pack()
    uv = atlas.warp(assets.uv)
    middle = (np.clip(uv, 0, 0.9999) * np.array([atlas.WIDTH, atlas.HEIGHT])).astype(int)
    covered = region[middle[..., 1], middle[..., 0]].max(1) > 0.04
    chosen = covered & (assets.part < 2)
    triangles, corners = assets.triangles[chosen], uv[chosen]
    used, inverse = np.unique(triangles, return_inverse=True)
    local = np.asarray(inverse.reshape(-1, 3), np.int32)
    vertices, normals = builder.body[used], builder.normals[0][used]
    down = np.array([0, -1, 0.15], np.float32)
    down = down - (normals @ down)[:, None] * normals
    down /= np.maximum(np.linalg.norm(down, axis=1, keepdims=True), 1e-6)
    ease = np.zeros(len(assets.vertices), np.float32)  # shells start at the skin where the region ends
    np.maximum.at(ease, assets.triangles, region[middle[..., 1], middle[..., 0]])
    for shell in range(1, SHELLS + 1):
        out = distance * (shell / SHELLS) * ease[used][:, None]
        shifted = vertices + out * (normals + droop * (shell / SHELLS) * down)
        builder.shell(shifted - vertices, used, local, corners, BEARD, strands=down, layer=shell, part=part)
