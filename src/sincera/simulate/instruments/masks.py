"""Masks: half, rubber, clear, folded from printed paper; and a mannequin's head, which nobody wears."""

from __future__ import annotations

import cv2
import numpy as np

from sincera.simulate.heads import Person, atlas, regions
from sincera.simulate.heads import materials as kinds
from sincera.simulate.heads.pack import Floats, pack
from sincera.simulate.instruments.dressing import HARD, PAPER, RUBBER, Disguise, Dressing
from sincera.simulate.instruments.facets import folded
from sincera.simulate.instruments.outlines import Outline, above, both, eye_holes, on_sheet, oval, places, without
from sincera.simulate.instruments.shells import Cut, Surface, cut, normals_of, smoothed
from sincera.simulate.instruments.strangers import Page
from sincera.simulate.light import LUMA, chance, draw

BARE = (0.999, 0.999)  # where a page is left blank
HAIRS = (kinds.BROW, kinds.LASH, kinds.BEARD)


def half_mask(wearer: Person, stranger: Person, rng: np.random.Generator) -> Disguise:
    """A moulded, painted face before one's own, with holes for the eyes; some end above the mouth."""
    dressing = Dressing(wearer)
    dressing.take_off_glasses()
    face = oval(draw(rng, (0.86, 1.0)), draw(rng, (0.90, 1.02)), y=0.03, power=draw(rng, (2.2, 3.2)))
    short = chance(rng, 0.35)
    if short:
        face = both(face, above(draw(rng, (-0.24, -0.19)), bend=0.35))
    dressing.off(kinds.BEARD, within=face if short else oval(1.0, 1.05))
    holes = eye_holes(draw(rng, (0.16, 0.21)), draw(rng, (0.08, 0.11)))
    thick = draw(rng, (0.035, 0.055))
    _cast(dressing, stranger, without(face, *holes), face, thick, like=draw(rng, (0.6, 1.0)), soft=2)
    dressing.palette[HARD] = 1.0, 1.0, 1.0, draw(rng, (0.28, 0.5))
    dressing.paint_hard(_small(_varnish(stranger, rng)))
    return dressing.finished(
        {"kind": "half mask", "thickness": round(thick, 3), "above_mouth": short}, freedom=1.0 if short else 0.15
    )


def silicone_mask(wearer: Person, stranger: Person, rng: np.random.Generator) -> Disguise:
    """A soft mask over the whole head and neck, with tight holes for the eyes; features blunt, skin waxen."""
    dressing = Dressing(wearer)
    dressing.take_off_glasses()
    hooded = chance(rng, 0.5)  # own hair below the mask, or over its edge
    dressing.off(*HAIRS, *((kinds.HAIR,) if hooded else ()))
    head = above(draw(rng, (-1.15, -0.95))) if hooded else both(oval(1.35, 1.0, y=0.05), above(-1.05))
    holes = eye_holes(draw(rng, (0.155, 0.185)), draw(rng, (0.07, 0.09)))
    whole = without(head, *holes)
    thick, waxen = draw(rng, (0.03, 0.05)), draw(rng, (0.4, 0.8))
    _cast(dressing, stranger, whole, head, thick, like=draw(rng, (0.5, 1.0)), soft=3, kind=RUBBER)
    own = Dressing(stranger)
    on = _edge(whole)
    soft = cv2.GaussianBlur(np.log(own.albedo), (0, 0), 3.0)
    mean = soft[300:750, 330:560].reshape(-1, 3).mean(0)
    # Less variety than skin has, and a tone that is nobody's: one pigment all through.
    tone = np.exp(mean + waxen * 0.0 + (1 - 0.5 * waxen) * (soft - mean)) * (1 + 0.06 * rng.normal(size=3))
    brows = _brows(rng)[..., None]
    tone = tone * (1 - brows) + brows * np.array([0.05, 0.035, 0.028]) * draw(rng, (0.5, 2.0))
    dressing.albedo += on[..., None] * (tone - dressing.albedo).astype(np.float32)
    dressing.slopes *= (1 - on * (0.3 + 0.7 * waxen))[..., None]
    dressing.oil += on * (draw(rng, (0.9, 1.6)) - dressing.oil)
    dressing.painted[:] = on
    return dressing.finished(
        {"kind": "silicone mask", "thickness": round(thick, 3), "waxen": round(waxen, 3), "hooded": hooded}, freedom=0.3
    )


def transparent_mask(wearer: Person, stranger: Person, rng: np.random.Generator) -> Disguise:
    """Clear plastic with somebody's relief: one's own face below reflections and a little tint."""
    dressing = Dressing(wearer)
    dressing.take_off_glasses()
    face = oval(draw(rng, (0.88, 1.0)), draw(rng, (0.84, 0.95)), y=0.06, power=draw(rng, (2.2, 3.0)))
    holed = chance(rng, 0.6)
    whole = without(face, *eye_holes(0.16, 0.08)) if holed else face
    thick = draw(rng, (0.045, 0.075))
    surface, shell = _shell(dressing, stranger, whole, thick, like=draw(rng, (0.2, 0.6)), soft=3)
    dressing.off(kinds.BEARD, within=face)
    dressing.trim(kinds.HAIR, oval(0.86, 0.86))
    tint = np.full(3, draw(rng, (0.92, 0.98))) * (1 + 0.01 * rng.normal(size=3))
    # Light comes back from both of its faces.
    back = Surface(
        surface.vertices - np.float32(0.012) * surface.normals, surface.normals, surface.triangles, surface.uv
    )
    dressing.put_clear(Surface.joined(back, surface), tint.astype(np.float32), over=whole)
    # Its edge is thick enough to be seen as a pale line.
    rim = Surface.joined(surface.edge(shell.rim, draw(rng, (0.012, 0.02)))).two_sided()
    dressing.put(rim, kinds.FRAME)
    grey = draw(rng, (0.25, 0.6))
    dressing.palette[kinds.FRAME] = grey, grey, grey, 0.3
    return dressing.finished({"kind": "transparent mask", "thickness": round(thick, 3), "holes": holed}, freedom=0.6)


def paper_mask(wearer: Person, page: Page, rng: np.random.Generator) -> Disguise:
    """Somebody's printed face folded from paper into facets, with the eyes printed or cut out."""
    dressing = Dressing(wearer)
    dressing.take_off_glasses()
    dressing.off(kinds.BEARD, within=oval(1.0, 0.95))
    dressing.trim(kinds.HAIR, oval(0.9, 0.9))
    face = oval(draw(rng, (0.92, 1.02)), draw(rng, (0.94, 1.02)), y=0.02, power=draw(rng, (2.4, 3.4)))
    points = int(rng.integers(34, 70))
    surface, rim = folded(dressing, face, points, draw(rng, (0.07, 0.11)), rng)
    holed = chance(rng, 0.5)
    dressing.put(surface.edge(rim, 0.02, uv=BARE).two_sided(), PAPER)
    if holed:
        punched, holes = _punched(surface, eye_holes(0.16, 0.085))
        dressing.put(punched, PAPER)
        dressing.put(punched.edge(holes, 0.012, uv=BARE).two_sided(), PAPER)
    else:
        dressing.put(surface, PAPER)
    dressing.hide_skin(face if not holed else without(face, *eye_holes(0.26, 0.17)), 0.03)
    dressing.off(kinds.BROW, *(() if holed else (kinds.LASH, kinds.EYE, kinds.INSIDE)))
    dressing.off(kinds.INSIDE, within=without(face, above(0.12)))
    sheet = _creased(page.light, surface, draw(rng, (0.0, 0.16)))
    sheet[-4:, -4:] = draw(rng, (0.6, 0.8))  # bare paper, for its edges
    dressing.print_on(sheet)
    return dressing.finished(
        {"kind": "paper mask", "facets": points, "holes": holed, **page.parameters}, freedom=0.1, blinks=holed
    )


def mannequin(person: Person, rng: np.random.Generator) -> Disguise:
    """A shop window's head: hard, even, with painted eyes and lips, bald or under a wig; nothing of it lives."""
    dressing = Dressing(person)
    dressing.take_off_glasses()
    wig = chance(rng, 0.55)
    dressing.off(*HAIRS, *(() if wig else (kinds.HAIR,)))
    dressing.spoof(HARD, kinds.EYE, kinds.HAIR, kinds.INSIDE)
    styles = {"flesh": 0.6, "white": 0.2, "black": 0.08, "grey": 0.12}
    style = str(rng.choice(list(styles), p=list(styles.values())))
    base = {
        "flesh": np.array([0.55, 0.36, 0.27]) * draw(rng, (0.6, 1.15)), "white": np.full(3, draw(rng, (0.6, 0.8))),
        "black": np.full(3, draw(rng, (0.02, 0.05))), "grey": np.full(3, draw(rng, (0.2, 0.4))),
    }[style]  # fmt: skip
    sheet = np.ones((atlas.HEIGHT, atlas.WIDTH, 3), np.float32) * (base * (1 + 0.04 * rng.normal(size=3))).astype(
        np.float32
    )
    sheet *= np.exp(0.03 * regions.noise(rng, 40.0))[..., None]
    if style == "flesh":
        _painted_features(sheet, rng)
    dressing.palette[HARD] = 1.0, 1.0, 1.0, draw(rng, (0.3, 0.55))
    dressing.palette[kinds.INSIDE] = *base, 0.5
    if style != "flesh":
        dressing.palette[kinds.EYE] = *(0.9 * base), 0.4
        plain = np.ones((8, 8, 3), np.float32)
        dressing.plain_eyes(plain)
    dressing.paint_hard(_small(sheet))
    dressing.remake(kinds.SKIN, HARD)
    dressing.remake(kinds.NECK, HARD)
    return dressing.finished({"kind": "mannequin", "style": style, "wig": wig}, freedom=0.0, blinks=False)


def _shell(
    dressing: Dressing, stranger: Person, whole: Outline, thick: float, *, like: float, soft: int
) -> tuple[Surface, Cut]:
    """A surface before the face with `like` of a stranger's features, nowhere closer to the skin than `thick`."""
    triangles, uv = dressing.of_skin()
    body, normals = dressing.body, dressing.normals
    theirs = stranger.mesh.rest[: stranger.mesh.body]
    shape = smoothed(body + np.float32(like) * (theirs - body), pack().triangles, soft)
    over = ((shape - body) * normals).sum(1, keepdims=True)
    shape = (shape + normals * np.maximum(thick - over, 0)).astype(np.float32)
    left = cut(triangles, whole(places()))
    made = Surface(
        left.of_vertices(shape), left.of_vertices(normals_of(shape, pack().triangles)), left.triangles,
        left.of_corners(uv),
    )  # fmt: skip
    return made, left


def _cast(
    dressing: Dressing, stranger: Person, whole: Outline, face: Outline, thick: float, *, like: float, soft: int,
    kind: int = HARD,
) -> None:  # fmt: skip
    """Put a shell with its cut edges on, and take away the skin that it hides."""
    surface, left = _shell(dressing, stranger, whole, thick, like=like, soft=soft)
    dressing.put(
        surface, kind, occlusion=left.of_vertices(dressing.occlusion()[:, None])[:, 0].clip(0.55, 1),
        share=left.of_vertices(dressing.head_share()[:, None])[:, 0],
    )  # fmt: skip
    dressing.put(surface.edge(left.rim, 1.2 * thick).two_sided(), kind)
    dressing.trim(kinds.HAIR, oval(0.82, 0.86))
    dressing.hide_skin(whole, 0.06)
    dressing.off(kinds.BROW, within=face)


def _punched(surface: Surface, holes: tuple[Outline, ...]) -> tuple[Surface, np.ndarray]:
    """A surface with holes in it, by the places of its own vertices; and their rims."""
    surface = surface.divided().divided().divided()
    left = cut(surface.triangles, without(lambda at: np.ones(at.shape[:-1], np.float32), *holes)(surface.vertices))
    made = Surface(
        left.of_vertices(surface.vertices), left.of_vertices(surface.normals), left.triangles,
        left.of_corners(surface.uv),
    )  # fmt: skip
    return made, left.rim


def _creased(light: Floats, surface: Surface, worn: float) -> Floats:
    """The page with its ink worn off by so much along the creases between facets."""
    lines = np.zeros(light.shape[:2], np.uint8)
    corners = surface.uv * np.array([light.shape[1], light.shape[0]], np.float32)
    cv2.polylines(lines, list(np.rint(corners).astype(np.int32)), isClosed=True, color=255, lineType=cv2.LINE_AA)
    share = np.float32(worn / 255) * cv2.GaussianBlur(lines, (0, 0), 0.7)[..., None].astype(np.float32)
    return np.asarray(light + share * (0.8 - light), np.float32)


def _edge(outline: Outline) -> Floats:
    return regions.smooth(-0.004, 0.004, on_sheet(outline))


def _small(sheet: Floats) -> Floats:
    """At half the size: it is read without smaller copies."""
    return np.asarray(cv2.resize(sheet, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)


def _brows(rng: np.random.Generator) -> Floats:
    """(H, W) strokes where brows are painted."""
    at = atlas.position()[0]
    x, arch = np.abs(at[..., 0]), draw(rng, (0.03, 0.09))
    line = 0.455 + arch * np.sin(np.clip((x - 0.1) / 0.42, 0, 1) * np.pi * 0.8)
    stroke = np.exp(-(((at[..., 1] - line) / draw(rng, (0.02, 0.035))) ** 2))
    stroke *= regions.smooth(0.09, 0.14, x) * regions.smooth(0.50, 0.40, x) * (at[..., 2] > 0.5)
    return np.asarray(stroke * draw(rng, (0.6, 0.95)), np.float32)


def _painted_features(sheet: Floats, rng: np.random.Generator) -> None:
    """Brows, lips, rouge and shadow, as a painter of dolls sets them."""
    dark = np.array([0.06, 0.035, 0.025]) * draw(rng, (0.5, 2.5))
    lips = cv2.GaussianBlur(regions.painted("lips"), (0, 0), 1.5) * draw(rng, (0.5, 0.9))
    red = np.array([0.42, 0.09, 0.09]) * draw(rng, (0.6, 1.2))
    rouge = draw(rng, (0.0, 0.4)) * regions.blob(0.47, -0.08, 0.9, 0.17)
    lids = cv2.GaussianBlur(regions.painted("eyelids"), (0, 0), 3.0) * draw(rng, (0.0, 0.5))
    for mask, colour in ((rouge, red * 1.2), (lids, dark * 2), (lips, red), (_brows(rng), dark)):
        sheet += mask[..., None] * (colour.astype(np.float32) - sheet)


def _varnish(stranger: Person, rng: np.random.Generator) -> Floats:
    """A stranger's skin as painted on plastic: fewer tones, duller or louder than life, features drawn in."""
    skin = Dressing(stranger).albedo
    soft = cv2.GaussianBlur(np.log(skin), (0, 0), 4.0)
    mean = soft[300:750, 330:560].reshape(-1, 3).mean(0)
    loud = draw(rng, (0.6, 1.5))
    sheet = np.exp(mean + 0.7 * (soft - mean))
    grey = (sheet @ LUMA)[..., None]
    sheet = (grey + loud * (sheet - grey)).clip(0.01, 0.9) * draw(rng, (0.8, 1.2))
    sheet = np.asarray(sheet.clip(0.01, 0.85), np.float32)
    _painted_features(sheet, rng)
    return sheet
