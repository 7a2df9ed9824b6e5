"""A person's skin as one sheet: albedo, relief and oil."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads import atlas, regions, relief
from sincera.simulate.heads.pack import Floats, linear, picture
from sincera.simulate.heads.records import Attributes

LIGHTEST, DARKEST = np.log([0.63, 0.39, 0.285]), np.log([0.095, 0.048, 0.03])
# What a little more blood or pigment takes from red, green and blue, in logarithms of the albedo.
BLOOD = np.array([-0.10, -1.0, -0.75], np.float32)
PIGMENT = np.array([-0.60, -1.0, -1.25], np.float32)
SLOPE = 8192.0


def paint(attributes: Attributes, hair: Floats, rng: np.random.Generator) -> NDArray[np.uint16]:
    """The sheet (HEIGHT, WIDTH, 6) that `shade` reads: √R, √G, √B, slopes along u and v, oil.

    hair: albedo (3,) of hair and beard, for what shimmers through on scalp and jaw.
    """
    along_u, along_v, lines = relief.slopes(attributes.age, rng)
    log = _source(attributes, rng)
    tone = (1 - attributes.skin_tone) * LIGHTEST + attributes.skin_tone * DARKEST
    log += (tone + rng.normal(0, 0.05) * np.array([0.4, 0.0, -1.0])).astype(np.float32)
    blood, pigment = _blotches(attributes, rng)
    blood += 0.10 * lines
    log += blood[..., None] * BLOOD + pigment[..., None] * PIGMENT
    albedo = np.asarray(cv2.exp(log), np.float32)
    _lips(albedo, attributes, rng)
    _make_up(albedo, attributes, rng)
    _hair_shade(albedo, attributes, hair, rng)
    sheet = np.empty((atlas.HEIGHT, atlas.WIDTH, 6), np.float32)
    sheet[..., :3] = np.sqrt(np.clip(albedo, 0.0008, 0.9)) * 65535
    sheet[..., 3], sheet[..., 4] = along_u * SLOPE + 32768, along_v * SLOPE + 32768
    sheet[..., 5] = 32768 * np.clip(_oil(attributes, rng), 0.1, 1.9)
    return sheet.astype(np.uint16)


def _source(attributes: Attributes, rng: np.random.Generator) -> Floats:
    """Logarithm of the pack's skins, two of a kind mixed, relative to the face's mean and flat below the hair."""
    years = "young" if attributes.age < 36 else "middleage" if attributes.age < 56 else "old"
    gender = "male" if attributes.sex > 0.5 else "female"
    dark = attributes.skin_tone + rng.normal(0, 0.07) > 0.52
    names = ["dark_" + gender] if dark else [f"light_{gender}", f"light_{gender}2"]
    if not dark and years == "young":
        names.append(f"light_{gender}3")
    first, second = (names[int(rng.integers(len(names)))] for _ in range(2))
    share = rng.uniform(0, 1)
    logs = [np.log(np.clip(linear(picture(f"skin_{years}_{name}")), 0.004, 1)) for name in (first, second)]
    log = cv2.GaussianBlur(share * logs[0] + (1 - share) * logs[1], (0, 0), 0.55)
    log = atlas.stretch(log.astype(np.float32))
    mean = log[300:750, 330:560].reshape(-1, 3).mean(0)
    cover = regions.smooth(-0.16, 0.0, regions.scalp_height())[..., None]
    # The skins' eyes and mouth have painted shadows; the mesh has its own.
    log = np.clip((log - mean) * (0.85 if dark else 1.0), -1.1, 0.45)
    return np.asarray(log * (1 - cover), np.float32)


def _blotches(attributes: Attributes, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """More or less blood and pigment at each pixel: mottling, red cheeks and nose, freckles, moles, dark rings."""
    age, tone = attributes.age, attributes.skin_tone
    amount = rng.uniform(0.7, 1.5)
    blood = sum(
        share * amount * regions.noise(rng, sigma) for sigma, share in ((1.6, 0.030), (7.0, 0.030), (40.0, 0.035))
    )
    pigment = sum(
        share * amount * regions.noise(rng, sigma) for sigma, share in ((0.9, 0.022), (3.2, 0.022), (28.0, 0.03))
    )
    red = rng.uniform(0.02, 0.26) * (1 - 0.75 * tone)
    blood = blood + red * regions.blob(0.47, -0.08, 0.9, 0.19) * rng.uniform(0.4, 1.2)
    blood += red * rng.uniform(0.4, 1.4) * regions.blob(0.0, -0.10, 1.3, 0.14) + 0.5 * red * regions.painted("ears")
    ring = rng.uniform(0.02, 0.20) + 0.10 * np.clip((age - 35) / 35, 0, 1)
    ring_mask = regions.blob(0.28, 0.14, 1.0, 0.085)
    blood += 0.5 * ring * ring_mask
    pigment = pigment + 0.6 * ring * ring_mask + rng.uniform(0.0, 0.16) * regions.blob(0.31, 0.33, 1.0, 0.10)
    spots = np.zeros((atlas.HEIGHT, atlas.WIDTH), np.float32)
    freckled = tone < 0.45 and rng.random() < 0.30
    _dots(spots, int(rng.uniform(60, 450)) if freckled else int(rng.uniform(0, 25)), (1.0, 2.3), (0.08, 0.35), rng)
    if age > 52:
        _dots(spots, int(rng.uniform(0, 40)), (2.5, 6.5), (0.08, 0.28), rng)
    _dots(spots, int(rng.integers(0, 9)), (1.8, 3.6), (0.6, 1.5), rng)
    return np.asarray(blood, np.float32), np.asarray(pigment + cv2.GaussianBlur(spots, (0, 0), 0.8), np.float32)


def _dots(
    spots: Floats, count: int, radius: tuple[float, float], depth: tuple[float, float], rng: np.random.Generator
) -> None:
    places = rng.uniform((110, 190), (610, 860), (count, 2))
    for (x, y), r, d in zip(places, rng.uniform(*radius, count), rng.uniform(*depth, count), strict=True):
        left, top, edge = int(x) - 8, int(y) - 8, 17
        across, down = np.ogrid[top : top + edge, left : left + edge]
        dot = d * np.exp(-(((across - y) ** 2 + (down - x) ** 2) / (r * r)))
        patch = spots[top : top + edge, left : left + edge]
        np.maximum(patch, dot[: patch.shape[0], : patch.shape[1]], out=patch)


def _lips(albedo: Floats, attributes: Attributes, rng: np.random.Generator) -> None:
    frame = regions.frame_of("lips")
    albedo, mask = albedo[frame], cv2.GaussianBlur(regions.painted("lips")[frame], (0, 0), 2.0)
    fullness = rng.uniform(0.25, 0.75) * (1 - 0.45 * attributes.skin_tone)
    natural = np.exp(mask[..., None] * fullness * np.array([-0.22, -0.75, -0.50], np.float32))
    albedo *= natural
    if attributes.sex < 0.5 and rng.random() < 0.35:
        colour = np.array([[0.32, 0.03, 0.045], [0.42, 0.10, 0.13], [0.28, 0.05, 0.10], [0.38, 0.13, 0.10]])
        chosen = colour[int(rng.integers(4))] * (1 - 0.5 * attributes.skin_tone)
        weight = (mask * rng.uniform(0.3, 0.8))[..., None]
        albedo *= 1 - weight
        albedo += weight * chosen.astype(np.float32)


def _make_up(albedo: Floats, attributes: Attributes, rng: np.random.Generator) -> None:
    """Shadow and liner on the lids of some women."""
    if attributes.sex > 0.5 or rng.random() > 0.5:
        return
    frame = regions.frame_of("eyelids")
    albedo, lids = albedo[frame], cv2.GaussianBlur(regions.painted("eyelids")[frame], (0, 0), 4.0)
    tint = np.array([[-0.5, -0.65, -0.6], [-0.7, -0.7, -0.45], [-0.35, -0.6, -0.75]])[int(rng.integers(3))]
    albedo *= np.exp(lids[..., None] * (tint * rng.uniform(0.3, 1.0)).astype(np.float32))


def _hair_shade(albedo: Floats, attributes: Attributes, hair: Floats, rng: np.random.Generator) -> None:
    """Hair that shows through the skin: the scalp, and the roots of a beard as streaks along the atlas' u."""
    height = regions.scalp_height() + 0.03 * regions.noise(rng, 9.0)
    cover = regions.smooth(-0.04, 0.10, height)
    if attributes.hair_style == "bald":
        fringe = 0.30 * regions.smooth(0.55, 0.30, atlas.position()[0][..., 1])  # what is left above the ears
        cover *= fringe * np.clip(0.6 + 0.4 * regions.noise(rng, 1.0, along=4), 0, 1)
    else:
        cover *= 0.82
    shadow = 0.0
    if attributes.beard != "none":
        shadow = {"stubble": rng.uniform(0.25, 0.6), "moustache": 0.5, "goatee": 0.55}.get(attributes.beard, 0.65)
    elif attributes.sex > 0.5:
        shadow = rng.uniform(0.0, 0.22)  # shaved this morning
    kind = attributes.beard if attributes.beard != "none" else "stubble"
    streaks = np.clip(0.5 + 0.55 * regions.noise(rng, 0.8, along=2.2), 0, 1)
    grown = regions.beard(kind) * shadow * (0.35 + 0.65 * streaks)
    if kind in ("moustache", "goatee"):
        grown = np.maximum(grown, regions.beard("stubble") * rng.uniform(0, 0.2) * streaks)
    cover = np.maximum(cover, grown)[..., None]
    # Hair below the surface looks blue-grey and half as dark.
    through = 0.55 * hair + 0.45 * albedo * np.array([0.44, 0.46, 0.49], np.float32)
    albedo *= 1 - cover
    albedo += cover * through


def _oil(attributes: Attributes, rng: np.random.Generator) -> Floats:
    """Gloss relative to plain skin: more on forehead, nose and lips, less with the years and below a beard."""
    zone = regions.blob(0.0, -0.05, 1.25, 0.2) + 0.7 * regions.blob(0.0, 0.7, 1.05, 0.28)
    level = rng.uniform(0.45, 0.95) * (1.05 - 0.3 * np.clip((attributes.age - 30) / 50, 0, 1))
    oil = level * (0.65 + rng.uniform(0.1, 0.6) * zone + 0.5 * regions.painted("lips"))
    oil *= 1 + 0.14 * regions.noise(rng, 2.6)
    return np.asarray(oil * (1 - 0.6 * regions.beard("full") * (attributes.beard in ("short", "full"))), np.float32)
