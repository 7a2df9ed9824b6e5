"""Faces that are arrays already: for trying a method on toy data, and for scoring pictures without a store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.errors import StoreError

VIEW = "face"


class MemoryFaces:
    """Crops in memory, with the interface of a store.

    clips: each with its frames (T, H, W, 3) uint8 RGB; T = 0 is a clip without a face.
    extra: {name: (T, …) of all frames in the order of the clips}, such as depth and mask.

    >>> from pathlib import Path
    >>> from sincera.clip import Label
    >>> clip = Clip(Path("a.png"), Label.LIVE, "", "X", "1", "train", name="a.png")
    >>> faces = MemoryFaces([(clip, np.zeros((2, 8, 8, 3), np.uint8))])
    >>> faces.rows([clip]), faces.crops(np.array([1])).shape
    (array([0, 1]), (1, 8, 8, 3))
    """

    def __init__(
        self, clips: Iterable[tuple[Clip, NDArray[np.uint8]]], extra: Mapping[str, NDArray[np.float32]] | None = None
    ) -> None:
        entries = list(clips)
        self.clips: Sequence[Clip] = tuple(clip for clip, _ in entries)
        counts = [len(frames) for _, frames in entries]
        self.clip = np.repeat(np.arange(len(entries)), counts)
        self.frame = np.concatenate([np.arange(count) for count in counts]) if counts else np.empty(0, dtype=np.int64)
        self.view = np.full(len(self.clip), VIEW)
        full = [frames for _, frames in entries if len(frames)]
        self._pixels = np.concatenate(full) if full else np.empty((0, 1, 1, 3), dtype=np.uint8)
        self._extra = dict(extra or {})
        self.attribute_names: Sequence[str] = ()
        self._index = {clip.key: number for number, clip in enumerate(self.clips)}

    @property
    def digest(self) -> str:
        """Changes with any pixel, clip or label."""
        total = hashlib.sha256(self._pixels.tobytes())
        for clip in self.clips:
            total.update(f"{clip.key} {clip.label}\n".encode())
        return total.hexdigest()[:16]

    def rows(self, clips: Iterable[Clip], view: str | None = None) -> NDArray[Any]:
        if view not in (None, VIEW):
            raise StoreError(f"no view {view!r} among faces in memory; there is {VIEW!r}.")
        wanted = np.zeros(len(self.clips), dtype=bool)
        wanted[[self._index[clip.key] for clip in clips]] = True
        return np.flatnonzero(wanted[self.clip])

    def crops(self, rows: NDArray[Any]) -> NDArray[np.uint8]:
        crops: NDArray[np.uint8] = self._pixels[rows]
        return crops

    def has(self, name: str) -> bool:
        return name in self._extra

    def extra(self, name: str, rows: NDArray[Any]) -> NDArray[Any]:
        values: NDArray[Any] = self._extra[name][rows]
        return values
