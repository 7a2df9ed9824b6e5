"""Rows of one clip that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sincera.measures.arrays import Codes
from sincera.measures.columns import dense, first_rows

if TYPE_CHECKING:
    from sincera.measures.table import ScoreTable


def find_conflict(table: ScoreTable) -> tuple[int, int, str] | None:
    """Two rows that contradict each other about a clip, and how; None where all agree.

    A clip has one label, one subject and one species, and each of its frames one score.
    """
    if table.clip is None or table.clips == len(table):
        return None
    keys = table.clip_keys
    first = first_rows(keys)
    claims = {"label": table.column("label"), "subject": table.subject, "attack": table.species}
    for name, texts in claims.items():
        if texts is None:
            continue
        differ = np.flatnonzero(texts[first][keys] != texts)
        if len(differ):
            row = int(differ[0])
            before = int(first[keys[row]])
            message = f"clip {table.clip[row]!r} has {name} {texts[row]!r} here but {texts[before]!r} before"
            return before, row, f"{message}; a clip has one {name}"
    return _frame_twice(table, keys)


def _frame_twice(table: ScoreTable, keys: Codes) -> tuple[int, int, str] | None:
    if table.frame is None or table.clip is None:
        return None
    numbered = np.flatnonzero(~np.isnan(table.frame))
    frames = table.frame[numbered].astype(np.int64)
    both = dense(dense(frames) + keys[numbered] * (len(frames) + 1))
    first = first_rows(both)
    again = np.flatnonzero(first[both] != np.arange(len(both)))
    if not len(again):
        return None
    row, before = int(numbered[again[0]]), int(numbered[first[both[again[0]]]])
    return before, row, f"clip {table.clip[row]!r} has frame {frames[again[0]]} twice; a frame has one score"
