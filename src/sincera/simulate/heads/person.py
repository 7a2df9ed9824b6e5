"""A made person: bones, skin, hair and clothes from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads import atlas, clothes, fur, glasses, hair, skin
from sincera.simulate.heads.identity import draw_attributes
from sincera.simulate.heads.materials import (
    BEARD,
    BROW,
    CLOTH,
    EYE,
    HAIR,
    INSIDE,
    LASH,
    MATERIALS,
    NECK,
    SKIN,
    TEETH,
    TONGUE,
)
from sincera.simulate.heads.mesh import Builder, Covers, Mesh, halves, stack_covers, texels_per_dm
from sincera.simulate.heads.occlusion import bake_occlusion
from sincera.simulate.heads.pack import Bytes, Floats, Ints, linear, pack, picture
from sincera.simulate.heads.records import Attributes
from sincera.simulate.heads.shape import Shape, make_shape

EYE_COLOURS = ("brown", "brownlight", "green", "grey", "lightblue", "deepblue")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Person:
    """Someone who does not exist. `attributes` says what they look like; the rest is for `render`.

    habit: weights of targets at rest (nobody's resting face is the mesh's neutral).  eyes: first vertex of the eyes'
    mesh, which of its vertices belong to the subject's left eye, and both centres.  Sheets come at several sizes.
    """

    seed: int
    attributes: Attributes
    mesh: Mesh
    shape: Shape
    habit: dict[str, float]
    eyes: tuple[int, NDArray[np.bool_], Floats]
    lenses: glasses.Lenses | None
    covers: Covers
    palette: Floats
    skin: list[NDArray[np.uint16]]
    skin_density: float
    hair: list[Bytes]
    fur: list[Bytes]
    eye: list[Floats]
    teeth: Floats
    cloth: list[Floats]

    def __repr__(self) -> str:
        return f"Person(seed={self.seed}, {self.attributes})"

    def targets(self, weights: dict[str, float]) -> list[tuple[Ints, Floats]]:
        """Vertices and shifts (dm, of this head) of the targets with a weight."""
        known = pack().targets
        return [
            (known[name].index, known[name].shift * (self.shape.stretch * np.float32(weight)))
            for name, weight in weights.items()
            if abs(weight) > 1e-4
        ]


def make_person(seed: int, **wishes: Any) -> Person:
    """One adult, the same for the same seed and wishes.

    wishes: any field of `Attributes`, for example `age=30, sex=1.0, glasses="round"`; what is not wished for is drawn
    to fit. Takes about half a second. Raises UsageError for an attribute that does not exist or an age below 18.

    >>> make_person(7, hair_style="bob01").attributes.hair_style
    'bob01'
    """
    attributes = draw_attributes(np.random.default_rng([seed, 1]), wishes)
    rng = np.random.default_rng([seed, 2])
    sex = float(np.clip(attributes.sex + rng.uniform(-0.1, 0.1), -0.1, 1.1))
    shape = make_shape(attributes, sex, rng)
    builder = Builder(shape.vertices, pack().triangles)
    alphas: dict[int, Bytes] = {}
    palette = np.zeros((MATERIALS, 4), np.float32)
    palette[:, 3] = 0.5
    palette[INSIDE] = 0.16, 0.035, 0.03, 0.5
    palette[TONGUE] = 0.36, 0.12, 0.11, 0.4
    colour = hair.shade_of(attributes.hair_colour, rng)

    hidden = clothes.dress(builder, attributes.sex, rng)
    _body(builder, hidden)
    eyes = _eyes(builder, shape, palette)
    brightness = _hair(builder, shape, attributes, colour, palette, alphas)
    _brows_and_lashes(builder, shape, attributes, colour, palette, alphas, rng)
    _teeth(builder, shape, palette, rng)
    lengths = fur.grow(builder, attributes, rng)
    if lengths is not None:
        alphas[BEARD] = lengths
    palette[BEARD, :3] = colour
    lenses = None if attributes.glasses == "none" else glasses.wear(builder, attributes.glasses, palette, rng)
    palette[CLOTH] = 1.0, 1.0, 1.0, 0.7
    mesh = builder.mesh()
    skip = ((mesh.material == LASH) | (mesh.material == BROW) | (mesh.material == BEARD)).astype(np.uint8)
    mesh.occlusion = bake_occlusion(mesh.rest, mesh.directions[0], mesh.triangles, skip)
    lids = np.concatenate([pack().targets[f"eyeBlink{side}"].index for side in ("Left", "Right")])
    mesh.occlusion[lids] = np.maximum(mesh.occlusion[lids], 0.6)
    sheet = skin.paint(attributes, colour, rng)
    return Person(
        seed=seed,
        attributes=attributes,
        mesh=mesh,
        shape=shape,
        habit=_habit(rng),
        eyes=eyes,
        lenses=lenses,
        covers=stack_covers(alphas, mesh),
        palette=palette,
        skin=halves(sheet, 3),
        skin_density=texels_per_dm(mesh, SKIN, sheet.shape),
        hair=halves(brightness, 4),
        fur=halves(np.zeros((8, 8), np.uint8) if lengths is None else lengths, 4 if lengths is not None else 1),
        eye=halves(_eye_sheet(attributes, rng), 3),
        teeth=linear(picture("teeth")) * 0.9,
        cloth=halves(clothes.weave(rng), 3),
    )


def _body(builder: Builder, hidden: NDArray[np.bool_]) -> None:
    assets = pack()
    shown = ~hidden
    material = np.array([SKIN, NECK, INSIDE], np.uint8)[assets.part]
    builder.faces(assets.triangles[shown], atlas.warp(assets.uv[shown]), material[shown])


def _eyes(builder: Builder, shape: Shape, palette: Floats) -> tuple[int, NDArray[np.bool_], Floats]:
    proxy = pack().proxies["eyes"]
    vertices = proxy.fit(shape.vertices)
    # The pack's clear cornea is drawn from a corner of the texture; without it the iris lies at the surface.
    opaque = (proxy.uv.mean(1) < 0.86).any(1)
    first = builder.piece(vertices, proxy.triangles[opaque], proxy.uv[opaque], EYE, keep_back=-0.1)
    left = vertices[:, 0] > 0
    centres = np.stack([shape.vertices[helpers].mean(0) for helpers in pack().eyes])
    palette[EYE] = 0.66, 0.64, 0.62, 0.16
    return first, left, centres


def _hair(
    builder: Builder,
    shape: Shape,
    attributes: Attributes,
    colour: NDArray[np.float32],
    palette: Floats,
    alphas: dict[int, Bytes],
) -> Bytes:
    palette[HAIR, :3] = colour
    name = attributes.hair_style
    if name in ("bald", *fur.CROP_LENGTH):
        return np.full((8, 8), 128, np.uint8)
    proxy, sheet = hair.style(name), hair.hair_sheet(name)
    vertices = proxy.fit(shape.vertices)
    if name in hair.FRINGES:
        vertices = hair.lift_fringe(vertices)
    strands = hair.tangents(vertices, proxy.triangles, proxy.uv, sheet.strands)
    layer = hair.layers(proxy.triangles, len(vertices))
    builder.piece(vertices, proxy.triangles, proxy.uv, HAIR, strands=strands, layer=layer)
    radial = vertices - np.array([0, 0.45, 0.0], np.float32)
    radial /= np.linalg.norm(radial, axis=1, keepdims=True)
    own = builder.normals[-1]
    own *= np.where((own * radial).sum(1, keepdims=True) < 0, -1, 1)
    mixed = 0.4 * own + 0.6 * radial
    builder.normals[-1] = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
    alphas[HAIR] = sheet.alpha
    return sheet.brightness


def _brows_and_lashes(
    builder: Builder,
    shape: Shape,
    attributes: Attributes,
    colour: NDArray[np.float32],
    palette: Floats,
    alphas: dict[int, Bytes],
    rng: np.random.Generator,
) -> None:
    brows = hair.brow_names()
    thin = {"brow_006": 0.4 * (1 - attributes.sex), "brow_009": attributes.sex}
    odds = np.array([thin.get(name, 1.0) + 0.02 for name in brows])
    brow = brows[int(rng.choice(len(brows), p=odds / odds.sum()))]
    lash = ("lash_01", "lash_02", "lash_04")[int(rng.integers(3))]
    for name, kind in ((brow, BROW), (lash, LASH)):
        proxy = pack().proxies[name]
        vertices = proxy.fit(shape.vertices)
        strands = np.tile(np.array([1, 0, 0], np.float32), (len(vertices), 1))
        builder.piece(vertices, proxy.triangles, proxy.uv, kind, strands=strands, proxy=proxy)
        alphas[kind] = picture(name)
    palette[BROW, :3] = np.minimum(colour * 0.6, 0.25)
    palette[LASH, :3] = np.minimum(colour * 0.3, 0.03)


def _teeth(builder: Builder, shape: Shape, palette: Floats, rng: np.random.Generator) -> None:
    for name, kind in (("teeth", TEETH), ("tongue", TONGUE)):
        proxy = pack().proxies[name]
        builder.piece(proxy.fit(shape.vertices), proxy.triangles, proxy.uv, kind, proxy=proxy, keep_back=-0.4)
    palette[TEETH] = *(np.array([0.8, 0.76, 0.68]) * rng.uniform(0.75, 1.05)), 0.3


def _eye_sheet(attributes: Attributes, rng: np.random.Generator) -> Floats:
    light = attributes.origin[2] * (1 - attributes.skin_tone)
    odds = np.array([1.0, 0.35 + light, 0.3 * light, 0.35 * light, 0.5 * light, 0.4 * light])
    colour = EYE_COLOURS[int(rng.choice(6, p=odds / odds.sum()))]
    sheet = linear(picture(f"eye_{colour}"))
    grey = sheet.mean(2, keepdims=True)
    # The pack's irises are brighter and more colourful than any; the white is left nearly alone.
    muted = grey + (sheet - grey) * rng.uniform(0.35, 0.65)
    return np.asarray(muted * np.where(grey < 0.3, rng.uniform(0.55, 0.9), 1.0), np.float32)


def _habit(rng: np.random.Generator) -> dict[str, float]:
    """A resting face: brows a little up, lids a little closed, a trace of a smile."""
    brow, lid, smile = rng.uniform(0.06, 0.34), rng.uniform(0.05, 0.2), rng.uniform(0.05, 0.28)
    habit = {"browInnerUp": brow}
    for side in ("Left", "Right"):
        habit[f"browOuterUp{side}"] = brow * 0.7
        habit[f"eyeBlink{side}"] = lid
        habit[f"mouthSmile{side}"] = smile
    return habit
