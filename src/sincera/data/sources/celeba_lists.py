"""CelebA-Spoof's lists below `metas`: which pictures train and which are tested, and what each picture shows.

    intra_test/{train,test}_label.{json,txt}
    protocol1/{train,test}_label.json                                       the species are divided
    protocol2/test_on_{low,middle,high}_quality_device/{train,test}_label.json     the capture devices are divided

A JSON file maps paths, which begin at `Data/`, to 44 integers; a text file has `path label` lines. Where both are
there, the JSON counts. A picture's place on disk says nothing about its side: test pictures of a protocol may lie below
`Data/train`.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sincera.data.sources.celeba_labels import pack
from sincera.errors import LayoutError

QUALITIES = ("low", "middle", "high")
SIDES = ("train", "test")
INTRA = "intra_test"
LISTS: Mapping[str, str] = {  # the condition that a clip carries → the owner's folder
    INTRA: "intra_test",
    "protocol1": "protocol1",
    **{f"protocol2/{quality}": f"protocol2/test_on_{quality}_quality_device" for quality in QUALITIES},
}


@dataclass(frozen=True, slots=True)
class Lists:
    """All lists together.

    rows: path below the root → what it shows.  sides: path → (list, side) of every list that names it, shared tuples.
    absent: files that are not there.  faults: contradictions between the lists.
    """

    rows: Mapping[str, bytes]
    sides: Mapping[str, tuple[tuple[str, str], ...]]
    absent: tuple[str, ...]
    faults: tuple[str, ...]


def read_lists(metas: Path) -> Lists:
    """Read every list that is there.  LayoutError where one is not of the owner's form."""
    rows: dict[str, bytes] = {}
    sides: dict[str, tuple[tuple[str, str], ...]] = {}
    shared: dict[Any, Any] = {}  # equal values once: half a million pictures have some hundred thousand rows
    absent, faults = [], []
    for name, folder in LISTS.items():
        for side in SIDES:
            found = _read(metas / folder, side)
            if found is None:
                absent.append(f"metas/{folder}/{side}_label.json")
                continue
            twice, unlike = [], []
            for path, values in found.items():
                before = sides.get(path, ())
                if any(other == name for other, _ in before):
                    twice.append(path)
                    before = tuple(item for item in before if item[0] != name)
                known = rows.get(path, values[-1:])
                if known[-1] != values[-1] or (len(known) == len(values) and known != values):
                    unlike.append(path)
                elif len(values) >= len(known):  # a label alone gives way to all 44 integers
                    rows[path] = shared.setdefault(values, values)
                after = (*before, (name, side))
                sides[path] = shared.setdefault(after, after)
            faults += _told(twice, f"metas/{folder}: in train and in test at once, kept in test")
            faults += _told(unlike, f"metas/{folder}/{side}_label.json: other labels than in the lists before it")
    return Lists(rows, sides, tuple(absent), tuple(faults))


def format_lists(members: Mapping[str, Mapping[str, list[int]]]) -> dict[str, str]:
    """The owner's files, path below the root → text, from {`intra_test/train`: {path: 44 integers}, …}."""
    files = {}
    for name, entries in members.items():
        where, _, side = name.rpartition("/")
        folder = f"metas/{LISTS[where]}"
        lines = ",\n".join(f"{json.dumps(path)}: {json.dumps(row)}" for path, row in entries.items())
        files[f"{folder}/{side}_label.json"] = "{\n" + lines + "\n}\n"
        if where == INTRA:
            files[f"{folder}/{side}_label.txt"] = "".join(f"{path} {row[-1]}\n" for path, row in entries.items())
    return files


def _read(folder: Path, side: str) -> dict[str, bytes] | None:
    """One list: path → integers as bytes; None where it is not there."""
    for suffix, parse in ((".json", _from_json), (".txt", _from_text)):
        file = folder / f"{side}_label{suffix}"
        if file.is_file():
            try:
                text = file.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise LayoutError(f"{file}: not readable ({error}). Replace it by the owner's.") from error
            return parse(text, file)
    return None


def _from_json(text: str, file: Path) -> dict[str, bytes]:
    with _uncollected():
        try:
            found = json.loads(text)
        except ValueError as error:
            raise LayoutError(f"{file}: not readable as JSON ({error}). Replace it by the owner's.") from error
        if not isinstance(found, dict):
            raise LayoutError(f"{file}: found a {type(found).__name__}, expected paths with 44 integers each.")
        for path in found:
            try:
                found[path] = pack(found[path])
            except (TypeError, ValueError) as error:
                raise LayoutError(f"{file}: {path!r}: {error}. Use the owner's present lists.") from error
    return found


def _from_text(text: str, file: Path) -> dict[str, bytes]:
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        path, _, label = line.strip().rpartition(" ")
        if label in ("0", "1") and path:
            found[path.strip()] = bytes([int(label)])
        elif line.strip():
            raise LayoutError(f"{file}, line {number}: found {line[:60]!r}, expected a path and 0 or 1.")
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Half a million lists are all alive: looking through them for cycles again and again doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _told(paths: list[str], what: str) -> list[str]:
    return [f"{what}: {len(paths):,} pictures, first {paths[0]}"] if paths else []
