"""Columns of text as arrays: checked, coded as whole numbers, combined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sincera.errors import ScoreError
from sincera.measures.arrays import Codes, Texts

Kind = TypeVar("Kind", bound=np.generic)
TextLike = Sequence[str] | npt.NDArray[np.str_] | Texts


def as_texts(values: TextLike | npt.ArrayLike, what: str) -> Texts:
    """(N,) object array of str, read-only; whole numbers become text, anything else is a ScoreError.

    Equal names may share one string, so ten million rows cost a pointer each.

    >>> as_texts(["a", "b"], "clip").tolist(), as_texts(np.arange(2), "subject").tolist()
    (['a', 'b'], ['0', '1'])
    """
    found = np.asarray(values) if isinstance(values, np.ndarray) else np.asarray(values, dtype=object)
    if found.ndim != 1:
        raise ScoreError(f"{what}: found shape {found.shape}, expected one text a row, (N,).")
    if np.issubdtype(found.dtype, np.integer):
        found = found.astype(str)
    texts: Texts = found.astype(object, copy=False)
    kinds = set(map(type, texts.tolist()))
    if not all(issubclass(kind, str) for kind in kinds):
        found_kinds = sorted(kind.__name__ for kind in kinds if not issubclass(kind, str))
        raise ScoreError(f"{what}: found {', '.join(found_kinds)}, expected text (str) in every row.")
    return frozen_view(texts)


def frozen_view(array: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """The same data, not to be written through this array; the caller's own stays writable."""
    view = array.view()
    view.flags.writeable = False
    return view


def coded(texts: Texts) -> tuple[Codes, list[str]]:
    """Each row's number, and the names by number in the order in which they first appear.

    >>> codes, names = coded(as_texts(["b", "a", "b"], "x"))
    >>> codes.tolist(), names
    ([0, 1, 0], ['b', 'a'])
    """
    rows = texts.tolist()
    index = {name: number for number, name in enumerate(dict.fromkeys(rows))}
    return np.fromiter(map(index.__getitem__, rows), dtype=np.int64, count=len(rows)), list(index)


def combined(columns: Iterable[Texts | None], rows: int) -> Codes:
    """One number a row that tells apart what any of the columns tells apart; absent columns tell nothing.

    >>> combined([as_texts(["O", "O", "C"], "x"), None, as_texts(["1", "2", "1"], "y")], 3).tolist()
    [0, 1, 2]
    """
    key: Codes | None = None
    for texts in columns:
        if texts is not None:
            codes, names = coded(texts)
            key = codes if key is None else dense(key * len(names) + codes)
    return np.zeros(rows, dtype=np.int64) if key is None else key


def dense(keys: Codes) -> Codes:
    """Numbers from 0 on without gaps, in the order in which they first appear.

    >>> dense(np.array([7, 3, 7])).tolist()
    [0, 1, 0]
    """
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.reshape(-1)]


def first_rows(keys: Codes) -> Codes:
    """The first row of each key, for keys that number from 0 without gaps.

    >>> first_rows(np.array([0, 1, 0, 2, 1])).tolist()
    [0, 1, 3]
    """
    first = np.empty(int(keys.max()) + 1 if len(keys) else 0, dtype=np.int64)
    # Backwards, so that the earliest row is written last and stays.
    first[keys[::-1]] = np.arange(len(keys))[::-1]
    return first
