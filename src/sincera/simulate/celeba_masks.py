"""A rigid mask with somebody's face: cast and painted, worn by a bald wearer.

It has the face's relief and no life: no pores, no hair, dull colours, a sheen that skin has not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads import Expression, Person, Pose, make_person, random_lights, render
from sincera.simulate.heads.records import PARTS
from sincera.simulate.light import LUMA, Light, draw
from sincera.simulate.pixels import affine, blur
from sincera.simulate.scene import Anchor, Figure, Scene, of_figure
from sincera.simulate.takes import ABOVE, BELOW, DRAWN_OUT, SIDE

_CAST = tuple(PARTS.index(part) for part in ("skin", "mouth", "eye", "teeth", "tongue", "brow", "lash"))


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """figure: wearer and mask, relief of the wearer alone.  cast: (H, W) uint8, 255 where the mask is.  parameters."""

    figure: Figure
    cast: NDArray[np.uint8]
    parameters: dict[str, float | str]

    def scene(self, room: Light, face: Anchor) -> Scene:
        """Before a room, the mask's face where `face` is."""
        matrix = Anchor.of(self.figure.points).matrix_to(face, upright=True)
        worn = of_figure(self.figure, room, matrix)
        return replace(worn, spoof=affine(self.cast, matrix, (room.shape[0], room.shape[1])))


def cast_of(identity: int) -> Person:
    """The face of a person without hair, beard and glasses: what a mould takes."""
    return make_person(identity, hair_style="bald", beard="none", glasses="none")


def put_on(cast: Person, rng: np.random.Generator, eyes: float) -> Mask:
    """The mask worn once, with `eyes` pixels between the eyes, in another light each time."""
    width, height = round(2 * SIDE * eyes), round((ABOVE + BELOW) * eyes)
    yaw, pitch, roll = rng.normal(0, (5.0, 3.0, 2.0))
    pose = Pose(
        yaw=float(yaw), pitch=float(pitch), roll=float(roll), centre=(0.5, ABOVE / (ABOVE + BELOW)),
        scale=eyes / min(width, height), distance=float(rng.uniform(42, 85)),
    )  # fmt: skip
    head = render(cast, pose, Expression(), random_lights(rng), size=(height, width))
    mould = np.where(np.isin(head.parts, _CAST), 255, 0).astype(np.uint8)
    soft = blur(mould, 0.7)[..., None] / np.float32(255)
    dull, sheen, smooth = draw(rng, (0.45, 0.8)), draw(rng, (0.1, 0.45)), draw(rng, (0.035, 0.08))
    painted = blur(head.rgb, smooth * eyes)
    painted = dull * painted + (1 - dull) * (painted @ LUMA)[..., None]
    painted = painted * draw(rng, (0.85, 1.15)) + sheen * _gloss(head.depth, rng)[..., None]
    cast_rgb = (head.rgb + soft * (painted - head.rgb)).astype(np.float32)
    figure = Figure.of(replace(head, rgb=cast_rgb), below=round(DRAWN_OUT * eyes))
    whole = np.zeros(figure.relief.shape, np.uint8)
    whole[: len(mould)] = mould
    relief = np.where(whole > 0, 0, figure.relief).astype(np.uint8)
    parameters: dict[str, float | str] = {
        "kind": "mask",
        "sheen": round(sheen, 3),
        "colour": round(dull, 3),
        "smooth": round(smooth, 4),
    }
    return Mask(replace(figure, relief=relief), whole, parameters)


def _gloss(depth: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """(H, W): where a lamp's reflection lies on the relief; narrow, since plastic is smooth."""
    high = cv2.GaussianBlur(depth, (0, 0), 1.2)
    slope_x, slope_y = cv2.Sobel(high, cv2.CV_32F, 1, 0), cv2.Sobel(high, cv2.CV_32F, 0, 1)
    steep = max(float(np.abs(slope_x[depth > 0]).mean()), 1e-4)
    towards = rng.normal(0, 0.5, 2) - np.array([0.0, 0.4])
    off = (slope_x / steep - towards[0]) ** 2 + (slope_y / steep - towards[1]) ** 2
    gloss = np.exp(-off / 0.35) * (depth > 0)
    return np.asarray(cv2.GaussianBlur(gloss.astype(np.float32), (0, 0), 1.0), np.float32)
