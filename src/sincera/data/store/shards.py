"""Shards and clips.parquet on disk: their columns, and writing them so that no reader sees half a file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera import __version__
from sincera.clip import Clip
from sincera.data.store.records import TRUTH_SIZE, ClipRecord, FaceRow, content_of, facts
from sincera.errors import MissingExtraError, StoreError

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ModuleNotFoundError as error:
    raise MissingExtraError("pyarrow", "data") from error

ROWS_PER_GROUP = 128
CLIPS = "clips.parquet"
SHARD_PATTERN = "faces-*.parquet"
PREPARATION_KEY = b"sincera.preparation"
CLIPS_KEY = b"sincera.clips"
VERSION_KEY = b"sincera.version"

_TEXT = pa.string()
_FACTS = (
    pa.field("clip", _TEXT, nullable=False),
    pa.field("domain", _TEXT, nullable=False),
    pa.field("label", _TEXT, nullable=False),
    pa.field("attack", _TEXT, nullable=False),
    pa.field("subject", _TEXT, nullable=False),
    pa.field("split", _TEXT, nullable=False),
    pa.field("conditions", pa.map_(_TEXT, _TEXT), nullable=False),
)
_ATTRIBUTES = pa.field("attributes", pa.map_(_TEXT, pa.float32()), nullable=False)
_SHARD = (
    *_FACTS,
    pa.field("frame", pa.int32(), nullable=False),
    pa.field("time", pa.float64()),
    pa.field("view", _TEXT, nullable=False),
    pa.field("box", pa.list_(pa.float32(), 4)),
    pa.field("points", pa.list_(pa.float32(), 10)),
    pa.field("confidence", pa.float32(), nullable=False),
    pa.field("sha256", _TEXT, nullable=False),
    pa.field("depth", pa.list_(pa.float32(), TRUTH_SIZE**2)),
    pa.field("mask", pa.list_(pa.float32(), TRUTH_SIZE**2)),
    _ATTRIBUTES,
    pa.field("jpeg", pa.binary(), nullable=False),
)
_CLIPS = (
    *_FACTS,
    pa.field("outcome", _TEXT, nullable=False),
    pa.field("reason", _TEXT, nullable=False),
    pa.field("frames_asked", pa.int32(), nullable=False),
    pa.field("frames_with_face", pa.int32(), nullable=False),
    pa.field("size", pa.int64()),
    pa.field("width", pa.int32()),
    pa.field("height", pa.int32()),
    pa.field("length", pa.int32()),
    pa.field("fps", pa.float64()),
    pa.field("path", _TEXT, nullable=False),
    pa.field("annotation", _TEXT),
    _ATTRIBUTES,
    pa.field("extras", pa.list_(_TEXT), nullable=False),
    pa.field("rows", pa.int32(), nullable=False),
    pa.field("content", _TEXT, nullable=False),
    pa.field("shard", _TEXT, nullable=False),
    pa.field("start", pa.int64(), nullable=False),
)
_DICTIONARIES = ["clip", "domain", "label", "attack", "subject", "split", "view"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip's record, the shard that holds its crops, and the first of its rows there."""

    record: ClipRecord
    shard: str
    start: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a shard says of itself."""

    path: Path
    preparation: dict[str, Any]
    records: tuple[ClipRecord, ...]

    def placed(self) -> Iterator[Placed]:
        """Its clips, each with the first of its rows."""
        start = 0
        for record in self.records:
            yield Placed(record, self.path.name, start)
            start += record.rows


def shard_name(domain: str, keys: Sequence[str], preparation: str) -> str:
    """Name a shard after its clips and settings, so that the same work always writes the same file."""
    digest = hashlib.sha256("\n".join((preparation, *keys)).encode()).hexdigest()[:16]
    return f"faces-{re.sub(r'[^A-Za-z0-9]+', '_', domain)}-{digest}.parquet"


def write_shard(path: Path, preparation: str, found: Sequence[tuple[ClipRecord, Sequence[FaceRow]]]) -> Header:
    """Write the crops of some clips as one file that appears whole or not at all.

    found: clips in order, each with its crops by frame and view.  preparation: `Preparation.to_json`.
    """
    records = tuple(
        replace(record, rows=len(rows), content=content_of(rows, record.attributes)) for record, rows in found
    )
    crops = [(record, row) for record, (_, rows) in zip(records, found, strict=True) for row in rows]
    columns: dict[str, list[Any]] = {
        "frame": [row.frame for _, row in crops],
        "time": [row.time for _, row in crops],
        "view": [row.view for _, row in crops],
        "box": [_flat(row.box) for _, row in crops],
        "points": [_flat(row.points) for _, row in crops],
        "confidence": [row.confidence for _, row in crops],
        "sha256": [row.sha256 for _, row in crops],
        "depth": [_flat(row.depth) for _, row in crops],
        "mask": [_flat(row.mask) for _, row in crops],
        "jpeg": [row.jpeg for _, row in crops],
    }
    _write_shard(path, columns, preparation, records)
    return Header(path, json.loads(preparation), records)


def restate(header: Header, clips: Mapping[str, Clip]) -> None:
    """Write a shard anew with what the owner states now (label, split, …), crops untouched."""
    table = pq.read_table(header.path, memory_map=True)
    records = tuple(replace(record, clip=clips.get(record.clip.key, record.clip)) for record in header.records)
    kept = {field.name: table.column(field.name) for field in _SHARD if field not in (*_FACTS, _ATTRIBUTES)}
    _write_shard(header.path, kept, table.schema.metadata[PREPARATION_KEY].decode(), records)


def read_header(path: Path) -> Header:
    """Read settings and clip records of a shard from its footer.  StoreError where it is not one of ours."""
    try:
        metadata = pq.read_metadata(path).metadata or {}
        records = tuple(ClipRecord.from_dict(record) for record in json.loads(metadata[CLIPS_KEY]))
        return Header(path, json.loads(metadata[PREPARATION_KEY]), records)
    except (pa.ArrowInvalid, KeyError, OSError) as error:
        raise StoreError(f"{path}: not a shard of a crop store ({error}). Delete it and prepare again.") from error


def write_clips(folder: Path, preparation: str, placed: Sequence[Placed]) -> None:
    """Write clips.parquet, sorted by domain and name."""
    ordered = sorted(placed, key=lambda one: (one.record.clip.domain, one.record.clip.name))
    rows = [{**one.record.to_dict(), "shard": one.shard, "start": one.start} for one in ordered]
    schema = pa.schema(_CLIPS, metadata={PREPARATION_KEY: preparation, VERSION_KEY: __version__})
    table = pa.Table.from_pylist([_pairs(row) for row in rows], schema=schema)
    _whole(folder / CLIPS, lambda temporary: pq.write_table(table, temporary, compression="zstd"))


def read_clips_table(folder: Path) -> tuple[str, list[Placed]]:
    """Read clips.parquet: the preparation's text and every clip, sorted by domain and name."""
    path = folder / CLIPS
    if not path.is_file():
        begun = len(list(folder.glob(SHARD_PATTERN))) if folder.is_dir() else 0
        state = f"a preparation that was not finished ({begun} shards)" if begun else "no crop store"
        raise StoreError(f"{folder}: {state}; {CLIPS} is missing. Run `sincera prepare NAME=ROOT --store {folder}`.")
    try:
        table = pq.read_table(path)
        preparation = table.schema.metadata[PREPARATION_KEY].decode()
        rows = table.to_pylist()
        return preparation, [Placed(ClipRecord.from_dict(row), row["shard"], row["start"]) for row in rows]
    except (pa.ArrowInvalid, KeyError, TypeError) as error:
        raise StoreError(f"{path}: not the clips of a crop store ({error}). Prepare again.") from error


def _write_shard(path: Path, columns: dict[str, Any], preparation: str, records: Sequence[ClipRecord]) -> None:
    stated = [(facts(record.clip), list(record.attributes.items())) for record in records for _ in range(record.rows)]
    for field in _FACTS:
        columns[field.name] = [fact[field.name] for fact, _ in stated]
    columns["conditions"] = [list(conditions.items()) for conditions in columns["conditions"]]
    columns["attributes"] = [attributes for _, attributes in stated]
    schema = pa.schema(
        _SHARD,
        metadata={
            PREPARATION_KEY: preparation,
            VERSION_KEY: __version__,
            CLIPS_KEY: json.dumps([record.to_dict() for record in records]),
        },
    )
    table = pa.table({field.name: columns[field.name] for field in _SHARD}, schema=schema)
    _whole(path, lambda temporary: _write_groups(table, temporary))


def _write_groups(table: Any, path: Path) -> None:
    pq.write_table(
        table,
        path,
        row_group_size=ROWS_PER_GROUP,
        use_dictionary=_DICTIONARIES,
        # JPEG does not shrink further, and unpacking it would cost every read.
        compression={name: "NONE" if name == "jpeg" else "ZSTD" for name in _leaf_paths(table.schema)},
        write_statistics=["frame", "domain", "label", "split"],
    )


def _leaf_paths(schema: Any) -> list[str]:
    leaves = {"conditions": ("key_value.key", "key_value.value"), "attributes": ("key_value.key", "key_value.value")}
    lists = ("box", "points", "depth", "mask")
    paths: list[str] = []
    for name in schema.names:
        parts = leaves.get(name, ("list.element",) if name in lists else ("",))
        paths += [f"{name}.{part}" if part else name for part in parts]
    return paths


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(
            f"{path}: cannot be written ({error.strerror or error}). Mend that and run the same command again."
        ) from error


def _flat(values: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    return None if values is None else np.asarray(values, np.float32).ravel()


def _pairs(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "conditions": list(row["conditions"].items()), "attributes": list(row["attributes"].items())}
