"""The truth beside a simulated clip: `<stem>.truth.npz`, which readers of the owners' layouts pass over.

depth       (N, h, w) uint8   how near living skin is, 255 nearest, 0 where there is none (all over a flat attack);
                              absent where nobody knows (recaptured photographs)
mask        (N, h, w) uint8   255 where an instrument is seen
points      (N, 5, 2) float32 face points in pixels of the upright frame; NaN where unknown
size        (2,) int32        height and width of the upright frames; a map's pixel is W / w frame pixels wide
attributes  ()  str           JSON object: the person's attributes; {} where unknown
instrument  ()  str           JSON object: the instrument's species and parameters; {} for live
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.simulate.files import write_bytes
from sincera.simulate.pixels import resize
from sincera.simulate.scene import Scene

STEP = 4  # frame pixels per pixel of a map: 32 × 32 maps of a crop need no more


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one clip; see the module for the arrays."""

    mask: NDArray[np.uint8]
    points: NDArray[np.float32]
    size: tuple[int, int]
    depth: NDArray[np.uint8] | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    instrument: Mapping[str, Any] = field(default_factory=dict)


def truth_path(clip: Path) -> Path:
    """Where the truth of a clip lies.

    >>> truth_path(Path("Train_files/1_1_01_1.avi")).as_posix()
    'Train_files/1_1_01_1.truth.npz'
    """
    return clip.with_suffix(".truth.npz")


def of_scenes(
    scenes: Sequence[Scene], *, attributes: Mapping[str, Any] | None = None, instrument: Mapping[str, Any] | None = None
) -> Truth:
    """The truth of the scenes of one clip, maps reduced by `STEP`."""
    height, width = scenes[0].size
    small = (max(1, height // STEP), max(1, width // STEP))
    mask = np.stack([resize(scene.spoof, small) for scene in scenes])
    reliefs = [scene.relief for scene in scenes if scene.relief is not None]
    depth = None
    if len(reliefs) == len(scenes):
        resized = [resize(relief, small) for relief in reliefs]
        depth = np.stack(resized)
    unknown = np.full((5, 2), np.nan, np.float32)
    points = np.stack([unknown if scene.points is None else scene.points for scene in scenes]).astype(np.float32)
    return Truth(mask, points, (height, width), depth, attributes or {}, instrument or {})


def write_truth(path: Path, truth: Truth) -> None:
    """Write the sidecar; it appears under its name when it is whole."""
    arrays: dict[str, Any] = {
        "mask": truth.mask, "points": truth.points, "size": np.array(truth.size, np.int32),
        "attributes": np.array(json.dumps(dict(truth.attributes))),
        "instrument": np.array(json.dumps(dict(truth.instrument))),
    }  # fmt: skip
    if truth.depth is not None:
        arrays["depth"] = truth.depth
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    write_bytes(path, packed.getvalue())


def read_truth(path: Path) -> Truth:
    """The sidecar at `path`, loaded as data (no pickles)."""
    with np.load(path, allow_pickle=False) as arrays:
        height, width = (int(side) for side in arrays["size"])
        return Truth(
            mask=arrays["mask"],
            points=arrays["points"],
            size=(height, width),
            depth=arrays.get("depth"),
            attributes=json.loads(str(arrays["attributes"])),
            instrument=json.loads(str(arrays["instrument"])),
        )
