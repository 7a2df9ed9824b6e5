"""Preparing many clips into one store, so that an interruption costs a shard and nothing else."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sincera.clip import Clip
from sincera.data.prepare.chunks import Chunk, Opener, chunks, expected_rows, open_named
from sincera.data.prepare.clip import size_on_disk
from sincera.data.prepare.hands import Finished, by_processes, on_ray
from sincera.data.store import ClipRecord, Preparation, differences
from sincera.data.store.records import facts
from sincera.data.store.shards import SHARD_PATTERN, Header, read_header, restate, write_clips
from sincera.errors import StoreError, UsageError
from sincera.faces.annotated import ANNOTATED_SPEC
from sincera.faces.mesh import open_mesh
from sincera.progress import Track, silent
from sincera.workers import cores

LOCK = ".lock"
BYTES_A_CROP = 40_000  # of 256 pixels, generously


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the clips that were given.

    frames: looked at.  faces: frames with a face; the rest are frames without one.  no_face: clips without any.
    set_aside: key and reason of each clip that could not be read.  short: key and what was missing of each clip that
    could be read in part.  before: clips that the store held already.
    """

    clips: int
    frames: int
    faces: int
    no_face: int
    set_aside: tuple[tuple[str, str], ...]
    short: tuple[tuple[str, str], ...] = ()
    before: int = 0


def prepare(
    clips: Iterable[Clip],
    store_dir: str | Path,
    preparation: Preparation | None = None,
    *,
    workers: int | None = None,
    ray: str | None = None,
    track: Track = silent,
    opener: Opener = open_named,
) -> Summary:
    """Put the crops of `clips` into the store; clips that it holds already are left alone.

    Stopped at any moment and called again it goes on, and ends with the store that one call would have given.  Clips
    whose file has another size now are prepared anew; where only what the owner states has changed (label, split, …)
    the crops stay.
    workers: processes, None for one a core; a script that calls this needs the usual `if __name__ == "__main__":`.
    ray: address of a Ray cluster that does the work instead.  opener: gives the detector; must survive pickling.
    Raises UsageError without clips, with two of one name, or where "annotated" finds no annotation; StoreError where
    the store was made with other settings, cannot be written, or another process is preparing into it; what
    `open_mesh` raises where the settings name a file for depth.
    """
    ordered = _distinct(clips)
    folder = Path(store_dir)
    preparation = preparation or Preparation()
    preparation = preparation.detected_by(opener(preparation).spec)
    preparation = preparation.deepened_by(None if preparation.depth is None else open_mesh(preparation.depth).spec)
    _refuse_unannotated(preparation, ordered.values())
    with _alone_in(folder):
        headers = _usable(folder, preparation, ordered)
        before = {record.clip.key for header in headers for record in header.records}
        work = list(chunks(list(ordered.values()), before, folder, preparation, opener))
        if work:
            _refuse_full_disk(folder, work)
            records = (record for some in _done(work, workers, ray) for record in some)
            for _ in track(records, "preparing", sum(len(chunk.clips) for chunk in work)):
                pass
        finished = _finish(folder, preparation, ordered)
    return _summary([finished[key] for key in ordered], sum(key in before for key in ordered))


def _done(work: Sequence[Chunk], workers: int | None, ray: str | None) -> Finished:
    if ray is not None:
        return on_ray(work, ray, workers)
    return by_processes(work, workers or cores())


def _distinct(clips: Iterable[Clip]) -> dict[str, Clip]:
    given = list(clips)
    if not given:
        raise UsageError("no clips to prepare; check the folders with `sincera datasets check NAME=ROOT`")
    by_key = {clip.key: clip for clip in sorted(given, key=lambda clip: (clip.domain, clip.name))}
    if len(by_key) < len(given):
        twice = next(key for key, count in Counter(clip.key for clip in given).items() if count > 1)
        raise UsageError(f"two clips are called {twice}. Give each data set a name of its own.")
    return by_key


def _refuse_unannotated(preparation: Preparation, clips: Collection[Clip]) -> None:
    if preparation.detector != ANNOTATED_SPEC.name:
        return
    bare = {clip.domain for clip in clips} - {clip.domain for clip in clips if clip.annotation is not None}
    if bare:
        raise UsageError(
            f"the detector 'annotated' was asked for, but no clip of {', '.join(sorted(bare))} has an annotation. "
            "Use --detector mtcnn, or leave that set out."
        )


def _usable(folder: Path, preparation: Preparation, clips: Mapping[str, Clip]) -> list[Header]:
    """The shards that stand: other settings refused, half files and outdated shards removed, new facts written in."""
    for leftover in folder.glob(".*.tmp"):
        leftover.unlink()
    headers = [read_header(path) for path in sorted(folder.glob(SHARD_PATTERN))]
    for header in headers:
        if other := differences(header.preparation, preparation.to_dict()):
            mesh = " (--depth FILE names its mesh)" if "depth" in header.preparation else ""
            raise StoreError(
                f"{folder}: made with other settings ({'; '.join(other)}). Use the same ones{mesh}, or another --store."
            )
    kept = []
    for header in headers:
        present = [(record, clips[record.clip.key]) for record in header.records if record.clip.key in clips]
        if any(record.size != size_on_disk(clip.path) for record, clip in present):
            header.path.unlink()
            continue
        kept.append(header)
        if any(facts(record.clip) != facts(clip) for record, clip in present):
            restate(header, clips)
    return kept


def _finish(folder: Path, preparation: Preparation, clips: Mapping[str, Clip]) -> dict[str, ClipRecord]:
    """Write clips.parquet from the shards, with the paths that hold now; give the records by key."""
    placed = [one for path in sorted(folder.glob(SHARD_PATTERN)) for one in read_header(path).placed()]
    current = [
        replace(one, record=replace(one.record, clip=clips.get(one.record.clip.key, one.record.clip))) for one in placed
    ]
    write_clips(folder, preparation.to_json(), current)
    return {one.record.clip.key: one.record for one in current}


def _summary(records: Sequence[ClipRecord], before: int) -> Summary:
    return Summary(
        clips=len(records),
        frames=sum(record.frames_asked for record in records),
        faces=sum(record.frames_with_face for record in records),
        no_face=sum(record.outcome == "no_face" for record in records),
        set_aside=tuple((record.clip.key, record.reason) for record in records if record.outcome == "unreadable"),
        short=tuple((r.clip.key, r.reason) for r in records if r.reason and r.outcome != "unreadable"),
        before=before,
    )


def _refuse_full_disk(folder: Path, work: Sequence[Chunk]) -> None:
    needed = BYTES_A_CROP * sum(expected_rows(clip, chunk.preparation) for chunk in work for clip in chunk.clips)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StoreError(
            f"{folder}: about {needed / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free. "
            "Take fewer --frames, a smaller --size, or another disk."
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make the folder and hold it; the operating system lets go of it whenever and however this process ends."""
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder}: is a file; a store is a folder. Name another --store.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written to ({error.strerror}). Name another --store.") from error
    try:
        if not _locked(handle):
            raise StoreError(f"{folder}: another process is preparing into this store. Wait for it, or end it.")
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows: no lock; shards are still written whole
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
