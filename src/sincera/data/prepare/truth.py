"""The truth beside a simulated clip (`<stem>.truth.npz`), seen through a crop's own transform.

docs/architecture.md describes the arrays; their maps may be coarser than the frames.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.data.store.records import TRUTH_SIZE
from sincera.errors import MediaError
from sincera.faces.crop import warp

Maps = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Truth:
    """depth, mask: (N, h, w) uint8 of every frame, None where unknown.  size: height and width of the frames."""

    size: tuple[int, int]
    depth: Maps | None
    mask: Maps | None
    attributes: Mapping[str, float]

    def seen(self, name: str, frame: int, matrix: NDArray[np.float64], size: int) -> NDArray[np.float32] | None:
        """One frame's "depth" or "mask" in a crop: (32, 32) float32 in [0, 1]; None where unknown.

        matrix: the crop's (2, 3) map from frame pixels to a square of `size` pixels.  Beyond the frame the maps go on
        as the crop's replicated pixels do.
        """
        maps = self.depth if name == "depth" else self.mask
        if maps is None or frame >= len(maps):
            return None
        height, width = maps.shape[1:]
        coarse = np.array([self.size[1] / width, self.size[0] / height])  # frame pixels under one pixel of the map
        small = TRUTH_SIZE / size
        # Pixel centres are whole numbers: a change of scale keeps the edges at -0.5 in place.
        turn = small * matrix[:, :2] * coarse
        shift = small * (matrix[:, :2] @ (0.5 * coarse - 0.5) + matrix[:, 2] + 0.5) - 0.5
        drawn = warp(maps[frame].astype(np.float32), np.column_stack([turn, shift]), TRUTH_SIZE)
        return np.clip(drawn / np.float32(255), 0, 1).astype(np.float32)


def read_truth(clip: Path) -> Truth | None:
    """The truth beside a clip, None where it has none.  MediaError where the sidecar is damaged."""
    path = clip.with_suffix(".truth.npz")
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            height, width = (int(side) for side in arrays["size"])
            depth, mask = arrays.get("depth"), arrays.get("mask")
            attributes = as_numbers(json.loads(str(arrays["attributes"])))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise MediaError(f"{path}: not a truth sidecar ({error}). Delete it or simulate the clip again.") from error
    return Truth((height, width), depth, mask, attributes)


def as_numbers(attributes: Mapping[str, Any]) -> dict[str, float]:
    """Attributes as numbers under flat names: words become `name=word`, lists `name.0`, `name.1`, ….

    >>> as_numbers({"age": 31, "beard": False, "hair": "brown", "origin": [0.25, 0.75], "eyes": None})
    {'age': 31.0, 'beard': 0.0, 'hair=brown': 1.0, 'origin.0': 0.25, 'origin.1': 0.75}
    """
    numbers: dict[str, float] = {}
    for name, value in attributes.items():
        if isinstance(value, str):
            numbers[f"{name}={value}"] = 1.0
        elif isinstance(value, Mapping):
            numbers |= as_numbers({f"{name}.{key}": part for key, part in value.items()})
        elif isinstance(value, (list, tuple)):
            numbers |= as_numbers({f"{name}.{i}": part for i, part in enumerate(value)})
        elif value is not None:
            numbers[name] = float(np.float32(value))
    return numbers
