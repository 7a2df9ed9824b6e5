"""How a medium is put before the lens: size, tilt, a shaking hand, reflections; the same for paper and for screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate import kernels
from sincera.simulate.instruments.sheet import Sheet
from sincera.simulate.light import Light, Plane, Span, chance, draw, sway
from sincera.simulate.pixels import blur, perspective
from sincera.simulate.scene import Anchor, Points, Scene

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera wants the face: frame size (H, W), the face's place, and how the medium is supported."""

    size: tuple[int, int]
    face: Anchor
    support: str = "hand"  # or "fixed"


@dataclass(frozen=True, slots=True)
class Handling:
    """How a species is handled, as spans (degrees, shares) and probabilities.

    fills: the medium fills the frame, so that no rim or hand gives it away.  defocus: σ in pixels at 480 pixels of
    longer side, for what is nearer than the camera's nearest focus.
    """

    fills: float = 0.5
    tilt: Span = (0.0, 14.0)
    hands: float = 0.45
    glare: float = 0.4
    glare_level: Span = (0.05, 0.45)
    hazy: float = 0.35
    haze: Span = (0.03, 0.35)
    defocus: Span = (0.3, 1.3)
    lit: Span = (0.7, 1.3)

    def draw(self, rng: np.random.Generator, view: View, frames: int, *, fills: bool | None = None) -> Hold:
        """One presentation of `frames` frames."""
        fill = chance(rng, self.fills) if fills is None else fills
        shake = 0.012 if view.support == "hand" else 0.001
        return Hold(
            view=view,
            fills=fill,
            tilt=np.deg2rad(rng.choice([-1, 1], 2) * rng.uniform(*self.tilt, 2)),
            roll=float(np.deg2rad(rng.normal(0, 3.0))),
            motion=sway(rng, frames, 6) * shake * np.array([1, 1, 0.6, 1, 1.6, 1.6]),
            hands=not fill and view.support == "hand" and chance(rng, self.hands),
            glare=_glare(rng, view.size, draw(rng, self.glare_level)) if chance(rng, self.glare) else None,
            haze=draw(rng, self.haze) if chance(rng, self.hazy) else 0.0,
            defocus=draw(rng, self.defocus) * max(view.size) / 480,
            lit=_lit(rng, view.size, draw(rng, self.lit)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Hold:
    """One presentation as drawn. motion: (frames, 6) shifts, zoom, roll and tilts; tilt, roll in radians."""

    view: View
    fills: bool
    tilt: NDArray[np.float64]
    roll: float
    motion: NDArray[np.float64]
    hands: bool
    glare: Light | None
    haze: float
    defocus: float
    lit: Plane

    def parameters(self) -> dict[str, float | str | bool]:
        """What a reader of the truth file may want to know."""
        tilt = float(np.rad2deg(np.hypot(*self.tilt)))
        glare = 0.0 if self.glare is None else float(self.glare.max())
        return {
            "fills": self.fills, "hands": self.hands, "support": self.view.support, "tilt": round(tilt, 2),
            "glare": round(glare, 4), "haze": round(self.haze, 4),
            "defocus": round(self.defocus, 3),
        }  # fmt: skip

    def homography(self, index: int, face: Anchor, zoom: float = 1.0) -> Matrix:
        """(3, 3): pixel of the sheet → pixel of frame `index`, the sheet's `face` landing on the view's."""
        dx, dy, grow, turn, yaw, pitch = self.motion[index % len(self.motion)]
        longer = max(self.view.size)
        to_origin = np.array([[1, 0, -face.x], [0, 1, -face.y], [0, 0, 1.0]])
        scale = zoom * self.view.face.span / face.span * (1 + grow)
        angle = self.roll + turn - 0.7 * face.roll
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        similar = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
        about_y, about_x = self.tilt[0] + yaw, self.tilt[1] + pitch
        focal = 1.2 * longer
        tilted = np.array(
            [
                [np.cos(about_y), 0, 0],
                [0, np.cos(about_x), 0],
                [np.sin(about_y) / focal, np.sin(about_x) / focal, 1.0],
            ]
        )
        x, y = self.view.face.x + dx * longer, self.view.face.y + dy * longer
        to_place = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
        moved: Matrix = to_place @ tilted @ similar @ to_origin
        return moved

    def zoom_to_fill(self, sheet: Sheet, face: Anchor) -> float:
        """The least enlargement in [1, 1.6] with which the sheet covers every frame; 1 unless it is to fill them."""
        if not self.fills:
            return 1.0
        height, width = self.view.size
        corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
        high, wide = sheet.canvas.shape[:2]
        for zoom in np.arange(1.0, 1.61, 0.04):
            back = [mapped(_inverse(self.homography(i, face, zoom)), corners) for i in range(len(self.motion))]
            seen = np.concatenate(back)
            if (seen >= 0).all() and (seen[:, 0] <= wide - 1).all() and (seen[:, 1] <= high - 1).all():
                return float(zoom)
        return 1.6

    def compose(
        self, behind: Scene, front: Light, sheet: Sheet, matrix: Matrix, points: Points | None, *,
        emits: bool, softness: float, modulation: Light | None = None,
    ) -> Scene:  # fmt: skip
        """The scene of one frame from a medium's light, already in camera pixels."""
        height, width = self.view.size
        alpha = perspective(sheet.alpha, matrix, (height, width))
        spoof = alpha if sheet.spoof is sheet.alpha else perspective(sheet.spoof, matrix, (height, width))
        glare = np.zeros((height, width, 3), np.float32) if self.glare is None else self.glare
        lit = np.ones((height, width), np.float32) if emits else self.lit
        light = kernels.lay_over(behind.light, front, alpha, glare, lit)
        relief = None if behind.relief is None else np.where(alpha < 128, behind.relief, 0).astype(np.uint8)
        seen = None if points is None else mapped(matrix, points).astype(np.float32)
        if modulation is not None:
            modulation[spoof < 128] = 1.0
        return Scene(light, spoof, relief, seen, modulation, softness, self.defocus, self.haze)


def mapped(matrix: Matrix, points: NDArray[Any]) -> NDArray[np.float64]:
    """(N, 2) points through a homography."""
    lifted = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    flat: NDArray[np.float64] = lifted[:, :2] / lifted[:, 2:]
    return flat


def _glare(rng: np.random.Generator, size: tuple[int, int], level: float) -> Light:
    """(H, W, 3): a lamp's or a window's reflection, soft, somewhere near the face."""
    height, width = size
    spot = np.zeros(size, np.float32)
    centre = (int(rng.uniform(0.1, 0.9) * width), int(rng.uniform(0.1, 0.9) * height))
    if chance(rng, 0.5):
        axes = (int(rng.uniform(0.04, 0.25) * width), int(rng.uniform(0.04, 0.2) * height))
        cv2.ellipse(spot, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    else:
        box = (centre, (rng.uniform(0.1, 0.5) * width, rng.uniform(0.2, 0.7) * height), float(rng.uniform(-30, 30)))
        cv2.fillConvexPoly(spot, cv2.boxPoints(box).astype(np.int32), 1.0)
    spot = blur(spot, rng.uniform(0.01, 0.08) * max(size))
    return (level * spot)[..., None] * np.array([1.0, 0.97, 0.93], np.float32)


def _lit(rng: np.random.Generator, size: tuple[int, int], level: float) -> Plane:
    """(H, W): the room's light on the medium, brighter to one side."""
    height, width = size
    slope_x, slope_y = rng.normal(0, 0.18, 2)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    plane = level * (1 + slope_x * (x / width - 0.5) + slope_y * (y / height - 0.5))
    return np.asarray(np.clip(plane, 0.1, 3), np.float32)


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), np.float64)
