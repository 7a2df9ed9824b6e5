"""Score files: CSV read strictly into arrays, chunk by chunk, and written whole or not at all.

Every complaint names the file and the line. Ten million rows fit, since equal texts share one string.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TextIO

import numpy as np
import numpy.typing as npt

from sincera.clip import ATTACK, LIVE
from sincera.errors import ScoreError
from sincera.measures.arrays import LARGEST, Floats, Labels, Texts
from sincera.progress import Track, silent

if TYPE_CHECKING:
    import _csv

LABELS = {"live": LIVE, "0": LIVE, "attack": ATTACK, "spoof": ATTACK, "1": ATTACK}
TEXT_COLUMNS = ("clip", "domain", "subject", "attack")
KNOWN_COLUMNS = (*TEXT_COLUMNS, "label", "score", "frame")
ROWS_AT_ONCE = 1 << 16


class Columns(NamedTuple):
    """What a score file holds; score is NaN where the cell is empty, frame None where there is no such column."""

    label: Labels
    score: Floats
    frame: Floats | None
    texts: dict[str, Texts]


class _Complaint(Exception):  # noqa: N818
    """Something wrong in one row of a chunk; the row's line is looked up only then."""

    def __init__(self, row: int, message: str) -> None:
        super().__init__(message)
        self.row = row


def parse(path: Path, *, columns: Collection[str] | None = None, track: Track = silent) -> Columns:
    """All rows of a score file.

    columns: which of the further columns to keep besides the known ones; None keeps all.
    ScoreError: no such file, no such column, a row of another width, an unknown label, a score that is no finite
    number (the text NaN included), a frame that is no whole number.
    """
    chunks: list[tuple[Labels, Floats, Floats | None]] = []
    texts: dict[str, list[Texts]] = {}
    shared: dict[str, dict[str, str]] = {}
    done = 0
    for header, rows in track(_chunks(path), f"reading {path.name}"):
        if set(map(len, rows)) != {len(header)}:
            place = next(n for n, row in enumerate(rows) if len(row) != len(header))
            message = f"found {len(rows[place])} fields, expected {len(header)} ({', '.join(header)})"
            complain(path, done + place, message)
        cells = dict(zip(header, zip(*rows, strict=True), strict=True))
        try:
            label, score = _labels(cells["label"]), _scores(cells["score"])
            frame = _frames(cells["frame"]) if "frame" in cells else None
        except _Complaint as complaint:
            complain(path, done + complaint.row, str(complaint))
        chunks.append((label, score, frame))
        for name in header:
            if name in TEXT_COLUMNS or (name not in KNOWN_COLUMNS and (columns is None or name in columns)):
                seen = shared.setdefault(name, {})
                texts.setdefault(name, []).append(_texts([seen.setdefault(cell, cell) for cell in cells[name]]))
        done += len(rows)
    if not done:
        raise ScoreError(f"{path}: found a header but no rows, expected one row a clip or frame.")
    shared.clear()
    frames = [frame for _, _, frame in chunks if frame is not None]
    return Columns(
        label=np.concatenate([label for label, _, _ in chunks]),
        score=np.concatenate([score for _, score, _ in chunks]),
        frame=np.concatenate(frames) if frames else None,
        texts={name: np.concatenate(texts.pop(name)) for name in list(texts)},
    )


def complain(path: Path, row: int, message: str) -> NoReturn:
    """Raise a ScoreError that names the line on which data row `row` (from 0) ends."""
    raise ScoreError(f"{path}, line {line_of(path, row)}: {message}.")


def line_of(path: Path, row: int) -> int:
    """The line of the file on which a data row ends (cells may hold line breaks, lines may be blank)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(islice((cells for cells in reader if cells), row + 1, None))
        return reader.line_num


def _chunks(path: Path) -> Iterator[tuple[list[str], list[list[str]]]]:
    reader = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = _header(path, next(reader, []))
            filled = filter(None, reader)
            while rows := list(islice(filled, ROWS_AT_ONCE)):
                yield header, rows
    except OSError as error:
        raise ScoreError(f"{path}: cannot be read ({error.strerror}); expected a CSV file of scores.") from None
    except UnicodeDecodeError as error:
        raise ScoreError(f"{path}: not UTF-8 text ({error.reason}); expected a CSV file of scores.") from None
    except csv.Error as error:
        line = reader.line_num if reader else 1
        raise ScoreError(f"{path}, line {line}: not valid CSV ({error}).") from None


def _header(path: Path, cells: Sequence[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    missing = [name for name in ("label", "score") if name not in header]
    if missing:
        raise ScoreError(
            f"{path}, line 1: no column {' and no column '.join(missing)}; found {', '.join(header) or 'nothing'}; "
            "expected a header with at least label and score."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ScoreError(f"{path}, line 1: the column {twice[0]} stands there twice; expected each once.")
    return header


def _labels(cells: Sequence[str]) -> Labels:
    meaning: dict[str, int] = {}
    for cell in set(cells):
        word = cell.strip().lower()
        if word not in LABELS:
            raise _Complaint(cells.index(cell), f"label {cell!r}; expected live, attack, spoof, 0 (live) or 1 (attack)")
        meaning[cell] = LABELS[word]
    return np.fromiter(map(meaning.__getitem__, cells), dtype=np.int8, count=len(cells))


def _scores(cells: Sequence[str]) -> Floats:
    words = [cell.strip() for cell in cells]
    try:
        # float() would take 1_000 for a number.
        if "_" in "".join(words):
            raise ValueError
        scores = np.array([float(word) if word else math.nan for word in words])
    except ValueError:
        place = next(n for n, word in enumerate(words) if word and not _is_number(word))
        message = f"score {cells[place]!r} is no number; expected one, or an empty cell for a non-response"
        raise _Complaint(place, message) from None
    unknown = np.isnan(scores)
    if int(unknown.sum()) != words.count(""):
        place = next(n for n in np.flatnonzero(unknown).tolist() if words[n])
        raise _Complaint(place, f"score {words[place]!r}; leave the cell empty where there was no response")
    endless = np.abs(scores) >= LARGEST
    if endless.any():
        place = int(np.argmax(endless))
        raise _Complaint(place, f"score {words[place]!r}; expected a finite number")
    return scores


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word


def _frames(cells: Sequence[str]) -> Floats:
    words = [cell.strip() for cell in cells]
    for word in set(words):
        if word and not (word.isascii() and word.isdigit()):
            raise _Complaint(words.index(word), f"frame {word!r}; expected a whole number from 0 on, or nothing")
    return np.array([float(word) if word else math.nan for word in words])


def _texts(cells: list[str]) -> Texts:
    texts = np.empty(len(cells), dtype=object)
    texts[:] = cells
    return texts


def write(path: Path, columns: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write columns of equal length as CSV: beside its place first, then renamed, so that no reader sees half a file.

    Floats are written so that reading gives the same bits; NaN is an empty cell.
    """
    names = list(columns)
    rows = len(columns[names[0]])
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            _writer(file, names).writerow(names)
            for start in range(0, rows, ROWS_AT_ONCE):
                chunk = [columns[name][start : start + ROWS_AT_ONCE] for name in names]
                words = (word for values in chunk if values.dtype == object for word in values.tolist())
                _writer(file, words).writerows(zip(*map(_cells, chunk), strict=True))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise ScoreError(f"{path}: cannot be written ({error.strerror}).") from None
    finally:
        beside.unlink(missing_ok=True)


def _writer(file: TextIO, words: Iterable[object]) -> _csv.Writer:
    """A writer of lines that end in a line feed; csv forgets to quote carriage returns then, so all is quoted."""
    careful = any("\r" in str(word) for word in words)
    return csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if careful else csv.QUOTE_MINIMAL)


def _cells(values: npt.NDArray[np.generic]) -> list[object]:
    cells: list[object] = values.tolist()
    if np.issubdtype(values.dtype, np.floating):
        return ["" if value != value else value for value in cells]
    return cells
