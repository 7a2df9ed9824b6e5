"""A contact sheet of a simulated world: a row of live and a row of attack clips for each domain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from sincera.clip import Clip, Label
from sincera.data.sources import read_clips
from sincera.errors import MediaError
from sincera.media import Picture, read_frames
from sincera.simulate.files import write_bytes

COLUMNS, SIDE, GAP = 8, 150, 4


def write_sheet(path: Path, roots: Mapping[str, Path], *, seed: int = 0) -> None:
    """One frame from each of some clips; live above, attacks below, domains from top to bottom."""
    rng = np.random.default_rng(seed)
    rows = []
    for domain, root in roots.items():
        clips = read_clips(domain, domain, root).clips
        for label in (Label.LIVE, Label.ATTACK):
            those = [clip for clip in clips if clip.label is label]
            chosen = [those[i] for i in rng.permutation(len(those))[:COLUMNS]]
            rows.append(np.hstack([_tile(clip) for clip in chosen] + [_empty()] * (COLUMNS - len(chosen))))
    stored = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    jpeg = path.suffix.lower() in (".jpg", ".jpeg")
    done, packed = cv2.imencode(path.suffix, stored, [cv2.IMWRITE_JPEG_QUALITY, 78] if jpeg else [])
    if not done:
        raise MediaError(f"{path}: the encoder refused a contact sheet of {stored.shape}")
    write_bytes(path, packed.tobytes())


def _empty() -> Picture:
    return np.full((SIDE + GAP, SIDE + GAP, 3), 255, np.uint8)


def _tile(clip: Clip) -> Picture:
    image = next(iter(read_frames(clip.path, [0]))).image
    height, width = image.shape[:2]
    side = min(height, width)  # the lower middle: that is where simulated people sit
    top = (height - side) * 2 // 3
    left = (width - side) // 2
    square = cv2.resize(image[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    tile = _empty()
    tile[:SIDE, :SIDE] = square
    return tile
