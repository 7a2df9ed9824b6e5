"""The work, cut into shards: each is written whole by one process, and the cut depends on the clips alone."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sincera.clip import Clip
from sincera.data.prepare.clip import prepare_clip
from sincera.data.sources.tree import PICTURE_SUFFIXES
from sincera.data.store import ClipRecord, Preparation
from sincera.data.store.shards import ROWS_PER_GROUP, shard_name, write_shard
from sincera.errors import StoreError
from sincera.faces.detect import FaceDetector, open_detector
from sincera.faces.mesh import DepthSpec, MeshDepth, open_mesh

SHARDS_A_DOMAIN = 64  # about; so that a large set does not end as thousands of small files
AT_LEAST, FEWEST_ROWS = 8, 16  # shards of a small domain where it has rows for them: else few long videos keep one core
GROUPS_A_SHARD = 8  # at most: bounds memory, and what an interruption costs
ALL_FRAMES = 128  # what a clip counts for where every frame is taken

Opener = Callable[[Preparation], FaceDetector]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The clips of one shard to be."""

    path: Path
    clips: tuple[Clip, ...]
    preparation: Preparation
    opener: Opener

    def write(self) -> list[ClipRecord]:
        """Prepare the clips, in this process, and write the shard."""
        detector, mesh = _detector(self.preparation, self.opener), _mesh(self.preparation)
        found = [prepare_clip(clip, self.preparation, detector, mesh) for clip in self.clips]
        return list(write_shard(self.path, self.preparation.to_json(), found).records)


def chunks(
    clips: Sequence[Clip], done: Container[str], folder: Path, preparation: Preparation, opener: Opener
) -> Iterator[Chunk]:
    """Cut sorted clips into shards, domain by domain, of about a row group each (more in large sets, less in small).

    done: keys of clips that need no more work. They are taken out after cutting, so that a preparation that goes on
    writes the shards that it would have written at once.
    """
    text = preparation.to_json()
    for domain, some in groupby(clips, key=lambda clip: clip.domain):
        members = list(some)
        weights = [expected_rows(clip, preparation) for clip in members]
        for part in _parts(members, weights):
            left = tuple(clip for clip in part if clip.key not in done)
            if left:
                name = shard_name(domain, [clip.key for clip in left], text)
                yield Chunk(folder / name, left, preparation, opener)


def expected_rows(clip: Clip, preparation: Preparation) -> int:
    """How many crops a clip will give, by its suffix alone: an estimate that opens no file."""
    still = clip.path.suffix.lower() in PICTURE_SUFFIXES
    return len(preparation.views) * (1 if still else preparation.sampling.frames or ALL_FRAMES)


def open_named(preparation: Preparation) -> FaceDetector:
    """The detector that the preparation names."""
    if preparation.min_face is None:
        return open_detector(preparation.detector)
    return open_detector(preparation.detector, min_face=preparation.min_face)


def _parts(clips: Sequence[Clip], weights: Sequence[int]) -> Iterator[tuple[Clip, ...]]:
    total = sum(weights)
    groups = min(max(total // (SHARDS_A_DOMAIN * ROWS_PER_GROUP), 1), GROUPS_A_SHARD)
    small = max(total // AT_LEAST, min(FEWEST_ROWS, ROWS_PER_GROUP))
    limit = groups * ROWS_PER_GROUP if total >= AT_LEAST * ROWS_PER_GROUP else small
    rows = 0
    part: list[Clip] = []
    for clip, weight in zip(clips, weights, strict=True):
        if part and rows + weight > limit:
            yield tuple(part)
            part, rows = [], 0
        part.append(clip)
        rows += weight
    if part:
        yield tuple(part)


# One of each a process: opening the nets costs as much as several frames.
_DETECTORS: dict[str, FaceDetector] = {}
_MESHES: dict[tuple[str, DepthSpec | None], MeshDepth] = {}


def _detector(preparation: Preparation, opener: Opener) -> FaceDetector:
    key = f"{preparation.detector} {preparation.to_json()}"
    if key not in _DETECTORS:
        detector = opener(preparation)
        recorded = next(iter(preparation.views.values())).detector
        if recorded is not None and detector.spec != recorded:
            raise StoreError(f"this process opened the detector {detector.spec}, the store records {recorded}")
        _DETECTORS[key] = detector
    return _DETECTORS[key]


def _mesh(preparation: Preparation) -> MeshDepth | None:
    if preparation.depth is None:
        return None
    key = (preparation.depth, preparation.depth_spec)
    if key not in _MESHES:
        mesh = open_mesh(preparation.depth)
        if mesh.spec != preparation.depth_spec:
            raise StoreError(f"this process opened the depth source {mesh.spec}, not {preparation.depth_spec}")
        _MESHES[key] = mesh
    return _MESHES[key]
