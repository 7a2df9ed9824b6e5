"""A person's skin as one sheet: albedo, relief and oil."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads import atlas
from sincera.simulate.heads.pack import Floats, linear, picture
from sincera.simulate.heads.records import Attributes

LIGHTEST, DARKEST = np.log([0.63, 0.39, 0.285]), np.log([0.095, 0.048, 0.03])


def paint(attributes: Attributes, rng: np.random.Generator) -> NDArray[np.uint16]:
    source = linear(picture(_source(attributes, rng)))
    face = atlas.stretch(cv2.GaussianBlur(source, (0, 0), 0.55))
    log = np.log(np.clip(face, 0.004, 1))
    mask = atlas.stretch(picture("mask_face").astype(np.float32) / 255, scale=2.0)
    log -= (log[300:750, 280:560]).mean((0, 1))
    tone = (1 - attributes.skin_tone) * LIGHTEST + attributes.skin_tone * DARKEST
    albedo = np.exp(np.clip(log, -1.5, 0.7) + tone)
    out = np.full((atlas.HEIGHT, atlas.WIDTH, 6), 32768, np.uint16)
    out[:, :, :3] = np.sqrt(np.clip(albedo, 0, 1)) * 65535
    return out


def _source(attributes: Attributes, rng: np.random.Generator) -> str:
    years = "young" if attributes.age < 38 else "middleage" if attributes.age < 58 else "old"
    dark = "dark" if attributes.skin_tone > 0.6 else "light"
    return f"skin_{years}_{dark}_{'male' if attributes.sex > 0.5 else 'female'}"
