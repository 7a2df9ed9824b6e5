"""Reading a crop store: columns as NumPy arrays, and any rows' crops fast."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from sincera.clip import Clip
from sincera.data.store.preparation import Preparation
from sincera.data.store.records import TRUTH_SIZE, ClipRecord, facts
from sincera.data.store.shards import ROWS_PER_GROUP, Placed, read_clips_table
from sincera.errors import StoreError

T = TypeVar("T")
R = TypeVar("R")
CACHE_BYTES = 512 << 20  # row groups kept in memory; a miss costs about a JPEG's decoding
OPEN_FILES = 64


class Store:
    """Crops of many clips, by row number.

    Rows are ordered by clip (domain, then name), frame and view, whatever order they were prepared in: the same clips
    prepared in the same way have the same rows and the same `digest`.  Safe to read from several threads, and to send
    to another process, which opens it again.
    """

    def __init__(self, folder: Path, preparation: str, placed: Sequence[Placed]) -> None:
        self.folder = folder
        self.records: tuple[ClipRecord, ...] = tuple(one.record for one in placed)
        self.clips: tuple[Clip, ...] = tuple(record.clip for record in self.records)
        self.outcomes: tuple[str, ...] = tuple(record.outcome for record in self.records)
        self._preparation = preparation
        self._shards = tuple(dict.fromkeys(one.shard for one in placed if one.record.rows))
        number = {shard: i for i, shard in enumerate(self._shards)}
        counts = np.array([record.rows for record in self.records], np.int64)
        first = np.cumsum(counts) - counts
        self.clip = np.repeat(np.arange(len(placed), dtype=np.int32), counts)
        self._shard_of = np.repeat(np.array([number.get(one.shard, -1) for one in placed], np.int32), counts)
        offsets = np.array([one.start for one in placed], np.int64) - first
        self._row_in_shard = np.arange(len(self.clip)) + np.repeat(offsets, counts)
        self._by_key = {clip.key: i for i, clip in enumerate(self.clips)}
        self._cache = _GroupCache(folder, self._shards, CACHE_BYTES)

    @classmethod
    def open(cls, folder: str | Path) -> Store:
        """Open a finished store.  StoreError where there is none, where it is unfinished, or lacks shards."""
        folder = Path(folder)
        preparation, placed = read_clips_table(folder)
        there = {path.name for path in folder.iterdir()}
        missing = sorted({one.shard for one in placed} - there)
        if missing:
            raise StoreError(
                f"{folder}: {len(missing)} shards are missing, first {missing[0]}. "
                "Run the same `sincera prepare` again."
            )
        return cls(folder, preparation, placed)

    def __reduce__(self) -> tuple[Callable[[Path], Store], tuple[Path]]:
        return Store.open, (self.folder,)

    def __len__(self) -> int:
        return len(self.clip)

    @cached_property
    def preparation(self) -> Preparation:
        """The settings that every crop was made with."""
        return Preparation.from_dict(json.loads(self._preparation))

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that change with any crop, stated fact, outcome or setting; paths do not count."""
        total = hashlib.sha256(self._preparation.encode())
        for record in self.records:
            line = [facts(record.clip), record.outcome, record.rows, record.content]
            total.update(json.dumps(line, sort_keys=True).encode())
        return total.hexdigest()[:16]

    @property
    def cache(self) -> Path:
        """Folder for what is derived from exactly these crops; may not exist yet."""
        return self.folder / "cache" / self.digest

    @property
    def views(self) -> tuple[str, ...]:
        """Names of the views; the first is the one readers get where they name none."""
        return tuple(json.loads(self._preparation)["views"])

    @cached_property
    def frame(self) -> NDArray[np.int32]:
        """(N,) frame index within the clip."""
        return np.asarray(self._column("frame"), np.int32)

    @cached_property
    def time(self) -> NDArray[np.float64]:
        """(N,) seconds from the clip's start, NaN where unknown."""
        return np.asarray(self._column("time"), np.float64)

    @cached_property
    def view(self) -> NDArray[np.str_]:
        """(N,) name of the view."""
        return np.asarray(self._column("view"), np.str_)

    @cached_property
    def box(self) -> NDArray[np.float32]:
        """(N, 4) x1 y1 x2 y2 in pixels of the upright frame, NaN where unknown."""
        return np.asarray(self._column("box", 4), np.float32)

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """(N, 5, 2) eyes, nose, mouth corners in pixels of the upright frame, NaN where unknown."""
        return np.asarray(self._column("points", 10), np.float32).reshape(-1, 5, 2)

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """(N,) the detector's."""
        return np.asarray(self._column("confidence"), np.float32)

    def rows(self, clips: Iterable[Clip] | None = None, view: str | None = None) -> NDArray[np.int64]:
        """Row numbers of these clips (all where None) in one view (the first where None), in the store's order.

        A clip without a face has no rows.  StoreError where a clip was never prepared, or the view does not exist.
        """
        view = self.views[0] if view is None else view
        if view not in self.views:
            raise StoreError(f"{self.folder}: no view {view!r}; it holds {', '.join(self.views)}. Prepare a new store.")
        wanted = np.ones(len(self), bool) if clips is None else self._wanted(clips)
        if len(self.views) > 1:
            wanted &= self.view == view
        return np.flatnonzero(wanted)

    def index(self, clip: Clip) -> int:
        """The clip's place in `clips`, `outcomes` and `records`.  StoreError where it was never prepared."""
        try:
            return self._by_key[clip.key]
        except KeyError:
            raise StoreError(
                f"{self.folder}: {clip.key} is not in this store of {len(self.clips)} clips. "
                f"Run `sincera prepare {clip.domain}=ROOT --store {self.folder}`."
            ) from None

    def jpegs(self, rows: ArrayLike, *, threads: int | None = None) -> list[bytes]:
        """The crops as they are stored, in the order asked for."""
        return [value.as_py() for value in self._values("jpeg", rows, threads or default_threads())]

    def crops(self, rows: ArrayLike, *, threads: int | None = None) -> NDArray[np.uint8]:
        """The crops decoded: (N, H, W, 3) uint8 RGB, in the order asked for; all of one size."""
        threads = threads or default_threads()
        values = self._values("jpeg", rows, threads)
        if not values:
            size = next(iter(json.loads(self._preparation)["views"].values()))["size"]
            return np.empty((0, size, size, 3), np.uint8)
        first = _decode(values[0])
        out = np.empty((len(values), *first.shape), np.uint8)
        out[0] = first

        def fill(i: int) -> None:
            crop = _decode(values[i])
            if crop.shape != first.shape:
                raise StoreError(f"crops of {first.shape} and {crop.shape} asked for together; ask view by view.")
            out[i] = crop

        _each(fill, range(1, len(values)), threads)
        return out

    def has(self, name: str) -> bool:
        """Whether any clip carries "depth", "mask" or "attributes"."""
        if name == "attributes":
            return bool(self.attribute_names)
        return any(name in record.extras for record in self.records)

    @cached_property
    def attribute_names(self) -> tuple[str, ...]:
        """The columns of `extra("attributes", rows)`, in order."""
        return tuple(sorted({name for record in self.records for name in record.attributes}))

    def extra(self, name: str, rows: ArrayLike) -> NDArray[np.float32]:
        """ "depth" or "mask" (N, 32, 32), "attributes" (N, K): float32, NaN where nobody knows.

        StoreError where no clip in the store has it.
        """
        if not self.has(name):
            raise StoreError(f"{self.folder}: no clip carries {name!r}; simulated clips with their sidecars do.")
        rows = self._checked(rows)
        if name == "attributes":
            return self._attributes[self.clip[rows]]
        values = self._values(name, rows, default_threads())
        out = np.full((len(rows), TRUTH_SIZE**2), np.nan, np.float32)
        for i, value in enumerate(values):
            if value.is_valid:
                out[i] = value.values.to_numpy()
        return out.reshape(-1, TRUTH_SIZE, TRUTH_SIZE)

    @cached_property
    def _attributes(self) -> NDArray[np.float32]:
        table = [[_attribute(record.attributes, name) for name in self.attribute_names] for record in self.records]
        return np.array(table, np.float32)

    def _wanted(self, clips: Iterable[Clip]) -> NDArray[np.bool_]:
        asked = np.zeros(len(self.clips), bool)
        asked[[self.index(clip) for clip in clips]] = True
        return asked[self.clip]

    def _checked(self, rows: ArrayLike) -> NDArray[np.int64]:
        numbers = np.atleast_1d(np.asarray(rows, np.int64))
        if numbers.size and (numbers.min() < 0 or numbers.max() >= len(self)):
            raise StoreError(f"{self.folder}: rows {numbers.min()} to {numbers.max()} of a store of {len(self)} rows")
        return numbers

    def _values(self, name: str, rows: ArrayLike, threads: int) -> list[Any]:
        rows = self._checked(rows)
        shards, groups = self._shard_of[rows], self._row_in_shard[rows] // ROWS_PER_GROUP
        keys = list(zip(shards.tolist(), groups.tolist(), strict=True))
        distinct = list(dict.fromkeys(keys))
        read = _each(lambda key: self._cache.get(name, *key), distinct, threads)
        arrays = dict(zip(distinct, read, strict=True))
        within = (self._row_in_shard[rows] % ROWS_PER_GROUP).tolist()
        return [arrays[key][i] for key, i in zip(keys, within, strict=True)]

    def _column(self, name: str, width: int = 1) -> NDArray[Any]:
        """One small column over all rows, in the store's order."""
        if not self._shards:
            return np.empty((0, width) if width > 1 else 0)
        parts = _each(lambda shard: self._cache.column(shard, name), range(len(self._shards)), default_threads())
        firsts = np.cumsum([0, *(len(part) for part in parts)])
        flat = np.concatenate([part.reshape(-1, width) if width > 1 else part for part in parts])
        firsts = firsts // width if width > 1 else firsts
        ordered: NDArray[Any] = flat[firsts[self._shard_of] + self._row_in_shard]
        return ordered


class _GroupCache:
    """Row groups as Arrow arrays, the latest read kept up to a number of bytes."""

    def __init__(self, folder: Path, shards: Sequence[str], limit: int) -> None:
        self._folder, self._shards, self._limit = folder, shards, limit
        self._files: OrderedDict[int, tuple[Any, threading.Lock]] = OrderedDict()
        self._groups: OrderedDict[tuple[str, int, int], Any] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, name: str, shard: int, group: int) -> Any:
        key = (name, shard, group)
        with self._lock:
            if key in self._groups:
                self._groups.move_to_end(key)
                return self._groups[key]
        file, reading = self._file(shard)
        with reading:
            array = file.read_row_group(group, columns=[name], use_threads=False).column(0).combine_chunks()
        with self._lock:
            if key not in self._groups:
                self._groups[key] = array
                self._bytes += array.nbytes
            while self._bytes > self._limit and len(self._groups) > 1:
                self._bytes -= self._groups.popitem(last=False)[1].nbytes
        return array

    def column(self, shard: int, name: str) -> NDArray[Any]:
        """One column of a shard; lists lie flat."""
        file, reading = self._file(shard)
        with reading:
            array = file.read(columns=[name], use_threads=False).column(0).combine_chunks()
        values = array.flatten() if hasattr(array, "flatten") and array.type.num_fields else array
        numbers: NDArray[Any] = values.to_numpy(zero_copy_only=False)
        return numbers

    def _file(self, shard: int) -> tuple[Any, threading.Lock]:
        with self._lock:
            if shard not in self._files:
                path = self._folder / self._shards[shard]
                self._files[shard] = (pq.ParquetFile(path, memory_map=True), threading.Lock())
                if len(self._files) > OPEN_FILES:
                    self._files.popitem(last=False)
            self._files.move_to_end(shard)
            return self._files[shard]


def default_threads() -> int:
    """As many as this process has cores, at most eight: more do not decode faster."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


def _attribute(known: Mapping[str, float], name: str) -> float:
    """A person whose hair is known to be red has `hair=brown` 0; one whose hair nobody knows has NaN."""
    word = name.partition("=")[0] + "="
    other_word = "=" in name and any(key.startswith(word) for key in known)
    return known.get(name, 0.0 if other_word else np.nan)


def _decode(value: Any) -> NDArray[np.uint8]:
    bgr = cv2.imdecode(np.frombuffer(value.as_buffer(), np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise StoreError("a stored crop cannot be decoded; the store is damaged. Delete its folder and prepare again.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _each(work: Callable[[T], R], items: Sequence[T], threads: int) -> list[R]:
    """In order, by threads where that pays; OpenCV and Arrow let go of the interpreter."""
    if threads == 1 or len(items) < 4:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))
