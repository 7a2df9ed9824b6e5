"""What stands before a lens: light, and with it the truth that no camera stores (depth, spoof mask, face points)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate import kernels
from sincera.simulate.light import Light, Picture, Plane, to_light

Points = NDArray[np.float32]  # (5, 2) pixels: image-left eye, image-right eye, nose, image-left and -right mouth corner


class Head(Protocol):
    """The part of `heads.Rendered` that a scene needs."""

    @property
    def rgb(self) -> Light: ...
    @property
    def alpha(self) -> Plane: ...
    @property
    def depth(self) -> Plane: ...
    @property
    def points(self) -> Points: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment before a camera, in camera pixels.

    light: (H, W, 3) linear.  spoof: (H, W) uint8, 255 where an instrument is seen.  relief: (H, W) in [0, 1], how near
    living skin is, 0 where there is none (so 0 all over a flat instrument), None where nobody knows (photographs).
    points: (5, 2) or None.  modulation: (H, W, 3) factor of structure too fine for the lens to blur, or None.
    softness: σ in pixels of blur that is in the light already.  haze: veiling light as a share of the mean.
    """

    light: Light
    spoof: NDArray[np.uint8]
    relief: Plane | None
    points: Points | None
    modulation: Light | None = None
    softness: float = 0.0
    haze: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        return self.light.shape[0], self.light.shape[1]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a face is: its centre and the length from the eyes' middle to the mouth's, in pixels, and its roll in radians.

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


def of_head(head: Head, room: Light, matrix: NDArray[np.float64]) -> Scene:
    """A rendered head before a room (H, W, 3); `matrix` (2, 3) takes the head's pixels to the room's."""
    size = (room.shape[1], room.shape[0])
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    how = {"flags": cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR, "borderMode": cv2.BORDER_CONSTANT}
    rgb = cv2.warpAffine(head.rgb, matrix, size, **how)
    alpha = cv2.warpAffine(head.alpha, matrix, size, **how)
    relief = cv2.warpAffine(relief_of(head), matrix, size, **how)
    points = (head.points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    light = kernels.paste(room, rgb, alpha)
    return Scene(light, np.zeros(room.shape[:2], np.uint8), relief, points)


def relief_of(head: Head) -> Plane:
    """A head's depth as nearness in [0, 1]: 1 at its nearest point, 0 two face lengths behind it and off the head."""
    on = head.alpha > 0.5
    if not on.any():
        return np.zeros_like(head.alpha)
    near = float(head.depth[on].min())
    span = Anchor.of(head.points).span
    # Depth has the renderer's units; the silhouette of the head, about 2.6 spans wide, gives their scale.
    reach = max(float(np.quantile(head.depth[on], 0.95)) - near, 1e-6)
    relief = np.where(on, np.clip(1.0 - (head.depth - near) / (1.25 * reach), 0.0, 1.0), 0.0)
    return relief.astype(np.float32) if span > 0 else np.zeros_like(head.alpha)


def of_photograph(picture: Picture, points: Points | None = None) -> Scene:
    """A stored live picture as if it stood before the lens; its depth is unknown."""
    return Scene(to_light(picture), np.zeros(picture.shape[:2], np.uint8), None, points)
