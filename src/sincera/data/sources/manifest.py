"""manifest.csv of a folder set: one row a clip; path,label,subject,attack,session, split where wanted, others.

Only `path` is required; a blank field means that the folders decide. Further columns become the clip's conditions.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from sincera.clip import Label, Split
from sincera.errors import LayoutError

MANIFEST = "manifest.csv"
_LABELS: Mapping[str, Label | None] = {"": None, "live": Label.LIVE, "attack": Label.ATTACK, "spoof": Label.ATTACK}
_SPLIT_WORDS: Mapping[Split, tuple[str, ...]] = {
    "train": ("train", "training"),
    "dev": ("dev", "devel", "development", "val", "valid", "validation"),
    "test": ("test", "testing", "eval"),
}
_SPLITS: Mapping[str, Split | None] = {
    "": None,
    **{word: split for split, words in _SPLIT_WORDS.items() for word in words},
}
T = TypeVar("T")
_OWN = frozenset(("path", "label", "subject", "attack", "split"))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: blank fields are None or ""."""

    line: int
    path: str
    label: Label | None
    subject: str
    attack: str
    split: Split | None
    conditions: Mapping[str, str]


def read_manifest(file: Path) -> tuple[Row, ...]:
    """The rows in order.  LayoutError with the line for what cannot be: no path column, an unknown label or split, a
    path that leaves the folder or stands there twice, a live clip with an attack, a split column filled in part."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LayoutError(f"{file}: not readable as UTF-8 text ({error}). Save it as UTF-8.") from error
    reader = csv.DictReader(text.splitlines())
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    if "path" not in columns:
        raise LayoutError(f"{file}: found columns {columns}, expected path,label,subject,attack,session. Add a header.")
    reader.fieldnames = columns
    rows = []
    for number, fields in enumerate(reader, 2):
        if None in fields or None in fields.values():
            raise LayoutError(f"{file}, line {number}: expected {len(columns)} fields. Quote fields that hold a comma.")
        rows.append(_row(f"{file}, line {number}", number, {name: text.strip() for name, text in fields.items()}))
    _refuse_contradictions(file, rows)
    return tuple(rows)


def _row(where: str, line: int, fields: Mapping[str, str]) -> Row:
    label = _choice(where, "label", fields.get("label", ""), _LABELS)
    split = _choice(where, "split", fields.get("split", ""), _SPLITS)
    path = PurePosixPath(fields["path"].replace("\\", "/"))
    if not fields["path"] or path.is_absolute() or ".." in path.parts:
        raise LayoutError(
            f"{where}: path {fields['path']!r} is not below the folder. Write it relative to manifest.csv."
        )
    attack = fields.get("attack", "")
    if label is Label.LIVE and attack:
        raise LayoutError(f"{where}: a live clip with attack {attack!r}. Leave attack blank for live clips.")
    conditions = {name: text for name, text in fields.items() if name and name not in _OWN and text}
    return Row(line, str(path), label, fields.get("subject", ""), attack, split, conditions)


def _choice(where: str, column: str, text: str, choices: Mapping[str, T]) -> T:
    try:
        return choices[text.lower()]
    except KeyError:
        known = ", ".join(sorted(filter(None, choices)))
        raise LayoutError(f"{where}: {column} {text!r} is none of {known}. Correct it.") from None


def _refuse_contradictions(file: Path, rows: list[Row]) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if row.path in first:
            raise LayoutError(
                f"{file}, line {row.line}: {row.path} stands in line {first[row.path]} too. Keep one of them."
            )
        first[row.path] = row.line
    without = [row.line for row in rows if row.split is None]
    if without and len(without) < len(rows):
        raise LayoutError(
            f"{file}, line {without[0]}: no split, while other rows have one. Fill in the column or drop it."
        )
