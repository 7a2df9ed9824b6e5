"""What the store says about a clip, and one crop on its way into it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip, Label

Outcome = Literal["ok", "no_face", "unreadable"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
TRUTH_SIZE = 32  # side of the stored depth and mask


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One view of one face on its way into a shard.

    time: seconds from the clip's start, None where unknown.  box (4,) and points (5, 2): pixels of the upright frame,
    NaN where unknown.  depth, mask: (32, 32) float32 of the crop, where the clip has a truth sidecar.
    """

    frame: int
    time: float | None
    view: str
    box: NDArray[np.float32]
    points: NDArray[np.float32]
    confidence: float
    jpeg: bytes
    depth: NDArray[np.float32] | None = None
    mask: NDArray[np.float32] | None = None

    @property
    def sha256(self) -> str:
        """Of the JPEG."""
        return hashlib.sha256(self.jpeg).hexdigest()


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """One clip's row in clips.parquet.

    outcome: ok where at least one frame has a face.  reason: why it is unreadable, else "".
    frames_asked, frames_with_face: what preparation looked at and found.  size: bytes on disk.
    width, height, length (frames), fps: of the whole clip, None where unknown.
    attributes: of the person, where the clip has a truth sidecar.  extras: which of depth and mask its rows carry.
    rows: its crops in the store.  content: hash of those crops.
    """

    clip: Clip
    outcome: Outcome
    reason: str = ""
    frames_asked: int = 0
    frames_with_face: int = 0
    size: int | None = None
    width: int | None = None
    height: int | None = None
    length: int | None = None
    fps: float | None = None
    attributes: Mapping[str, float] = field(default_factory=dict, hash=False)
    extras: tuple[str, ...] = ()
    rows: int = 0
    content: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Flat and plain: a row of clips.parquet, and an entry of a shard's metadata."""
        clip = self.clip
        return {
            **facts(clip),
            "path": str(clip.path),
            "annotation": None if clip.annotation is None else str(clip.annotation),
            **{name: getattr(self, name) for name in _PLAIN},
            "attributes": dict(self.attributes),
            "extras": list(self.extras),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> ClipRecord:
        """Read what `to_dict` wrote; the maps may come as pairs, as Parquet gives them."""
        annotation = record["annotation"]
        clip = Clip(
            path=Path(record["path"]),
            label=Label(record["label"]),
            attack=record["attack"],
            domain=record["domain"],
            subject=record["subject"],
            split=record["split"],
            conditions=dict(record["conditions"]),
            name=record["clip"],
            annotation=None if annotation is None else Path(annotation),
        )
        plain = {name: record[name] for name in _PLAIN}
        return cls(clip, **plain, attributes=dict(record["attributes"]), extras=tuple(record["extras"]))


_PLAIN = (
    "outcome",
    "reason",
    "frames_asked",
    "frames_with_face",
    "size",
    "width",
    "height",
    "length",
    "fps",
    "rows",
    "content",
)


def facts(clip: Clip) -> dict[str, Any]:
    """What a clip's owner states, under the names of the store's columns; where it lies on disk is left out."""
    return {
        "clip": clip.name,
        "domain": clip.domain,
        "label": str(clip.label),
        "attack": clip.attack,
        "subject": clip.subject,
        "split": clip.split,
        "conditions": {str(key): str(value) for key, value in sorted(clip.conditions.items())},
    }


def content_of(rows: Iterable[FaceRow], attributes: Mapping[str, float]) -> str:
    """A hash that changes with any crop, frame, view, truth or attribute of a clip."""
    total = hashlib.sha256(repr(sorted(attributes.items())).encode())
    for row in rows:
        total.update(f"{row.frame} {row.view} {row.sha256}\n".encode())
        for truth in (row.depth, row.mask):
            if truth is not None:
                total.update(truth.tobytes())
    return total.hexdigest()
