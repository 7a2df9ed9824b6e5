"""A flat thing with a picture on it: paper with its margin, a device with its rim, the fingers that hold it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate.light import Picture, draw
from sincera.simulate.pixels import blur, bordered
from sincera.simulate.scene import Anchor, Points


@dataclass(frozen=True, slots=True)
class Shot:
    """A stored picture that is about to be printed or shown: where its face is, and how soft it is (σ, pixels)."""

    picture: Picture
    points: Points | None = None
    softness: float = 0.0

    @property
    def anchor(self) -> Anchor:
        return Anchor.unknown(self.picture.shape[:2]) if self.points is None else Anchor.of(self.points)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pixels of a medium. alpha: 255 where something is (fingers too).  spoof: 255 where the medium itself is seen."""

    canvas: Picture
    alpha: NDArray[np.uint8]
    spoof: NDArray[np.uint8]
    shift: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, picture: Picture) -> Sheet:
        """A medium that ends where its picture ends."""
        full = np.full(picture.shape[:2], 255, np.uint8)
        return cls(np.ascontiguousarray(picture), full, full)

    def grown(self, rim: tuple[int, int, int, int], colour: tuple[int, int, int], *, solid: bool) -> Sheet:
        """Wider by (top, bottom, left, right) pixels: of the medium itself if solid, else of empty space around it."""
        top, _bottom, left, _right = rim
        edge = 255 if solid else 0
        return Sheet(
            bordered(self.canvas, rim, cv2.BORDER_CONSTANT, colour),
            bordered(self.alpha, rim, cv2.BORDER_CONSTANT, edge),
            bordered(self.spoof, rim, cv2.BORDER_CONSTANT, edge),
            (self.shift[0] + left, self.shift[1] + top),
        )


def cropped(shot: Shot, around: tuple[float, float, float]) -> Shot:
    """The part of a picture that gets onto a small medium: (left and right, up, down) in face spans around the face."""
    anchor = shot.anchor
    height, width = shot.picture.shape[:2]
    side, up, down = (anchor.span * reach for reach in around)
    x0, x1 = int(max(anchor.x - side, 0)), int(min(anchor.x + side, width))
    y0, y1 = int(max(anchor.y - up, 0)), int(min(anchor.y + down, height))
    if x1 - x0 < 8 or y1 - y0 < 8:
        return shot
    points = None if shot.points is None else shot.points - np.array([x0, y0], np.float32)
    return replace(shot, picture=np.ascontiguousarray(shot.picture[y0:y1, x0:x1]), points=points)


def cut_eyes(sheet: Sheet, points: Points, rng: np.random.Generator) -> Sheet:
    """Holes where the eyes are, so that whoever stands behind looks through."""
    alpha = sheet.alpha.copy()
    between = float(np.hypot(*(points[1] - points[0])))
    wide, high = between * draw(rng, (0.24, 0.32)), between * draw(rng, (0.10, 0.16))
    for eye in points[:2] + np.array(sheet.shift, np.float32):
        turn = float(rng.uniform(-8, 8))
        cv2.ellipse(alpha, ((float(eye[0]), float(eye[1])), (wide * 2, high * 2), turn), 0, -1)
    alpha = blur(alpha, 0.6)
    return replace(sheet, alpha=alpha, spoof=np.minimum(sheet.spoof, alpha))


def held(sheet: Sheet, rng: np.random.Generator) -> Sheet:
    """With one or two hands at its lower edges: a thumb over the rim, the palm and an arm beyond it."""
    height, width = sheet.canvas.shape[:2]
    pad = int(0.35 * max(height, width))
    wide = sheet.grown((pad // 8, pad, pad, pad), (0, 0, 0), solid=False)
    canvas, alpha, spoof = wide.canvas.copy(), wide.alpha.copy(), wide.spoof.copy()
    finger = max(3.0, draw(rng, (0.075, 0.11)) * min(height, width))
    skin = np.array([0.80, 0.58, 0.46]) * draw(rng, (0.45, 1.05)) * (1 + 0.05 * rng.normal(size=3))
    sides = [[0], [1], [0, 1]][int(rng.integers(3))]
    for side in sides:
        edge = pad if side == 0 else pad + width
        inward = 1.0 if side == 0 else -1.0
        root = np.array([edge - inward * 1.6 * finger, pad // 8 + height * draw(rng, (0.7, 1.0)) + finger])
        tip = np.array([edge + inward * finger * draw(rng, (0.6, 1.8)), root[1] - finger * draw(rng, (0.8, 2.2))])
        elbow = root + np.array([-inward * pad, 1.2 * pad])
        layer = np.zeros(alpha.shape, np.uint8)
        _limb(layer, elbow, root, finger * 2.2)
        _limb(layer, root, tip, finger)
        for k in range(3):  # fingertips that come round from behind, seen at the rim
            at = np.array([edge - inward * 0.2 * finger, root[1] - finger * (2.2 + 1.05 * k)])
            _limb(layer, at - np.array([inward * finger, 0]), at, finger * 0.8)
        shade = blur(layer, finger * 0.45).astype(np.float32) / 255
        colour = np.clip(255 * skin * (0.45 + 0.6 * shade[..., None]), 0, 255)
        on = blur(layer, 0.8).astype(np.float32)[..., None] / 255
        canvas = np.clip(canvas + on * (colour - canvas), 0, 255).astype(np.uint8)
        alpha = np.maximum(alpha, layer)
        spoof = np.where(layer > 127, 0, spoof).astype(np.uint8)
    return Sheet(canvas, alpha, spoof, wide.shift)


def _limb(layer: NDArray[np.uint8], start: NDArray[np.float64], end: NDArray[np.float64], width: float) -> None:
    a, b = (tuple(round(float(v)) for v in p) for p in (start, end))
    cv2.line(layer, a, b, 255, max(1, int(width)), cv2.LINE_AA)
