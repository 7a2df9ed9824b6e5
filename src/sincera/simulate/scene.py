"""What stands before a lens: light, and with it the truth that no camera stores (depth, spoof mask, face points)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate import kernels
from sincera.simulate.light import Light, Picture, Plane, to_light
from sincera.simulate.pixels import affine, bordered, resize

Points = NDArray[np.float32]  # (5, 2) pixels: image-left eye, image-right eye, nose, image-left and -right mouth corner


class Head(Protocol):
    """The part of `heads.Rendered` that a scene needs; its docstring gives shapes and units."""

    @property
    def rgb(self) -> Light: ...
    @property
    def alpha(self) -> Plane: ...
    @property
    def depth(self) -> Plane: ...
    @property
    def parts(self) -> NDArray[np.uint8]: ...
    @property
    def points(self) -> Points: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment before a camera, in camera pixels.

    light: (H, W, 3) linear.  spoof: (H, W) uint8, 255 where an instrument is seen.  relief: (H, W) uint8, how near a
    living face is, 255 nearest, 0 where there is none (so 0 all over an instrument), None where nobody knows.
    points: (5, 2) or None.  modulation: (H, W, 3) factor of structure too fine for the lens to blur, or None.
    softness: σ in pixels of blur that is in the light already; defocus: of further blur that the camera adds, since it
    cannot focus on what is too near.  haze: veiling light as a share of the mean.
    """

    light: Light
    spoof: NDArray[np.uint8]
    relief: NDArray[np.uint8] | None
    points: Points | None
    modulation: Light | None = None
    softness: float = 0.0
    defocus: float = 0.0
    haze: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        return self.light.shape[0], self.light.shape[1]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a face is: centre and length from the eyes' middle to the mouth's, in pixels; roll in radians.

    >>> points = np.array([[40, 50], [60, 50], [50, 60], [42, 70], [58, 70]], np.float32)
    >>> Anchor.of(points)
    Anchor(x=50.0, y=60.0, span=20.0, roll=0.0)
    """

    x: float
    y: float
    span: float
    roll: float = 0.0

    @classmethod
    def of(cls, points: Points) -> Anchor:
        eyes, mouth = points[:2].mean(0), points[3:].mean(0)
        centre, axis = (eyes + mouth) / 2, mouth - eyes
        # A turned head shortens the eyes' distance, a nodding one the span: the longer of both stays nearly put.
        between = float(np.hypot(*(points[1] - points[0])))
        across = points[1] - points[0] + points[4] - points[3]
        roll = float(np.arctan2(across[1], across[0]))
        return cls(float(centre[0]), float(centre[1]), max(float(np.hypot(*axis)), between), roll)

    @classmethod
    def unknown(cls, size: tuple[int, int]) -> Anchor:
        """The guess for a photograph without points: one face in the middle, a fifth of the shorter side high."""
        height, width = size
        return cls(width / 2, height / 2, min(size) / 5)

    def moved(self, dx: float, dy: float) -> Anchor:
        """The same face elsewhere."""
        return Anchor(self.x + dx, self.y + dy, self.span, self.roll)

    def matrix_to(self, other: Anchor, *, upright: bool = False) -> NDArray[np.float64]:
        """(2, 3): moves this face onto the other's place and size, and onto its roll unless it shall stay upright."""
        scale = other.span / self.span
        turn = 0.0 if upright else other.roll - self.roll
        cos, sin = scale * np.cos(turn), scale * np.sin(turn)
        return np.array(
            [
                [cos, -sin, other.x - cos * self.x + sin * self.y],
                [sin, cos, other.y - sin * self.x - cos * self.y],
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A rendered person cut out: layer (H, W, 4) light times alpha, and alpha; relief (H, W) uint8; points (5, 2)."""

    layer: Light
    relief: NDArray[np.uint8]
    points: Points

    @classmethod
    def of(cls, head: Head, below: int = 0) -> Figure:
        """`below`: rows by which the last row is drawn out, since a rendered chest ends where a frame may not."""
        layer = np.dstack([head.rgb, head.alpha])
        _close_collar(layer, head.parts)
        relief = relief_of(head)
        if below:
            layer = bordered(layer, (0, below, 0, 0), cv2.BORDER_REPLICATE)
            relief = bordered(relief, (0, below, 0, 0), cv2.BORDER_CONSTANT)
        return cls(layer, relief, head.points)


def _close_collar(layer: Light, parts: NDArray[np.uint8]) -> None:
    """Cloth over the neckline in the last row, else the drawn-out chest would have a stripe of skin down to its end."""
    cloth = np.flatnonzero(parts[-1] == CLOTHES)
    if len(cloth) < 2:
        return
    columns = np.arange(cloth[0], cloth[-1] + 1)
    after = np.searchsorted(cloth, columns).clip(1, len(cloth) - 1)
    left, right = cloth[after - 1], cloth[after]
    layer[-1, columns] = layer[-1, np.where(columns - left < right - columns, left, right)]


def of_figure(figure: Figure, room: Light, matrix: NDArray[np.float64]) -> Scene:
    """A rendered person before a room (H, W, 3); `matrix` (2, 3) takes the figure's pixels to the room's."""
    size = (room.shape[0], room.shape[1])
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    layer, points = figure.layer, figure.points
    if scale < 0.6:  # an affine warp samples four pixels only: shrink first, or hair and glasses glitter
        layer = resize(layer, (round(layer.shape[0] * scale), round(layer.shape[1] * scale)))
        step = figure.layer.shape[1] / layer.shape[1]
        shrunk = matrix @ np.array([[step, 0, step / 2 - 0.5], [0, step, step / 2 - 0.5], [0, 0, 1]])
    else:
        shrunk = matrix
    seen = affine(layer, shrunk, size)
    relief = affine(figure.relief, matrix, size)
    placed = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    return Scene(kernels.paste(room, seen), np.zeros(room.shape[:2], np.uint8), relief, placed)


FARTHEST, NEAREST = 0.9, 2.5  # decimetres before the renderer's plane: behind the ears, before any nose's tip
CLOTHES = 11


def relief_of(head: Head) -> NDArray[np.uint8]:
    """A head's depth as nearness, 0 to 255; clothes and background are 0, since they are no face."""
    near = np.clip((head.depth - FARTHEST) / (NEAREST - FARTHEST), 0.0, 1.0)
    return np.where((head.parts == CLOTHES) | (head.alpha < 0.5), 0, np.rint(255 * near)).astype(np.uint8)


def of_photograph(picture: Picture, points: Points | None = None) -> Scene:
    """A stored live picture as if it stood before the lens; its depth is unknown."""
    return Scene(to_light(picture), np.zeros(picture.shape[:2], np.uint8), None, points)
