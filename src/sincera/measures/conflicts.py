"""Rows of one clip that contradict each other, and what stands in two tables that should share nothing."""

from __future__ import annotations

from itertools import repeat
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


def in_both(a: ScoreTable, b: ScoreTable) -> dict[str, list[str]]:
    """Names of the `clips` and `subjects` that stand in both tables, told apart by domain where both have one."""
    with_domain = a.domain is not None and b.domain is not None
    found: dict[str, list[str]] = {}
    for what in ("clips", "subjects"):
        shared = _names(a, what, with_domain) & _names(b, what, with_domain)
        found[what] = [f"{domain}/{name}" if with_domain else name for domain, name in sorted(shared)]
    return found


def _names(table: ScoreTable, what: str, with_domain: bool) -> set[tuple[str, str]]:
    texts = table.clip if what == "clips" else table.subject
    if texts is None:
        return set()
    domains = table.domain.tolist() if with_domain and table.domain is not None else repeat("", len(texts))
    return {(domain, name) for domain, name in zip(domains, texts.tolist(), strict=True) if name}
