"""Random changes of one crop, by numbers drawn for this crop alone: threads and ranks change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as v2

from sincera.train.feed import Augment

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one example: the same to all its frames, and to its maps."""

    flip: bool
    angle: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)  # of the picture's side
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)  # brightness, contrast, saturation

    @property
    def moves(self) -> bool:
        return self.angle != 0 or self.scale != 1


def draw_change(augment: Augment, dice: np.random.Generator, *, flip: bool) -> Change:
    """Draw angle, crop and colour; the flip is given, since the plan decides it."""
    if augment.mirrors_only:
        return Change(flip)
    share = dice.uniform(augment.crop, 1.0)
    scale = float(share**-0.5)
    room = (scale - 1) / 2  # how far the enlarged picture may move and still fill the frame
    return Change(
        flip,
        angle=float(dice.uniform(-augment.rotate, augment.rotate)),
        scale=scale,
        shift=(float(dice.uniform(-room, room)), float(dice.uniform(-room, room))),
        colour=tuple(dice.uniform(1 - augment.jitter, 1 + augment.jitter, 3).tolist()),
    )


def change_crop(crop: Array, change: Change) -> Array:
    """(H, W, 3) uint8 → the same; moved, coloured and mirrored."""
    if change.moves or change.colour != (1.0, 1.0, 1.0):
        picture = torch.from_numpy(np.ascontiguousarray(crop)).permute(2, 0, 1)
        picture = _move(picture, change)
        brightness, contrast, saturation = change.colour
        picture = v2.adjust_brightness(picture, brightness)
        picture = v2.adjust_contrast(picture, contrast)
        picture = v2.adjust_saturation(picture, saturation)
        crop = picture.permute(1, 2, 0).numpy()
    return crop[:, ::-1] if change.flip else crop


def change_map(value: Array, change: Change) -> Array:
    """(h, w) float32 depth or mask → the same, moved and mirrored with its crop."""
    if change.moves:
        value = _move(torch.from_numpy(np.ascontiguousarray(value))[None], change)[0].numpy()
    return value[:, ::-1] if change.flip else value


def change_all(crops: Array, maps: Mapping[str, Array], change: Change) -> tuple[Array, dict[str, Array]]:
    """One example's frames (T, H, W, 3) and maps (T, h, w)."""
    moved = {name: np.stack([change_map(value, change) for value in values]) for name, values in maps.items()}
    return np.stack([change_crop(crop, change) for crop in crops]), moved


def _move(picture: torch.Tensor, change: Change) -> torch.Tensor:
    if not change.moves:
        return picture
    side = picture.shape[-1]
    moved: torch.Tensor = v2.affine(
        picture,
        angle=change.angle,
        translate=[change.shift[0] * side, change.shift[1] * side],
        scale=change.scale,
        shear=[0.0, 0.0],
        interpolation=InterpolationMode.BILINEAR,
    )
    return moved
