"""What the measures accept, made into arrays of one kind, or refused in one clear line."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from sincera.clip import ATTACK, LIVE
from sincera.errors import ScoreError

if TYPE_CHECKING:
    from sincera.measures.threshold import Threshold

Floats: TypeAlias = npt.NDArray[np.float64]
Labels: TypeAlias = npt.NDArray[np.int8]
Codes: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.object_]

# Beyond it there is no next float for a threshold to stand on.
LARGEST = float(np.finfo(np.float64).max)


def as_numbers(values: npt.ArrayLike, what: str = "scores") -> Floats:
    """(N,) float64; ScoreError for text, for a second dimension and for ±infinity. NaN passes: see `finite`."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ScoreError(f"{what}: found something that is no number ({error}); expected numbers.") from None
    if numbers.ndim != 1:
        raise ScoreError(f"{what}: found shape {numbers.shape}, expected one number a row, (N,).")
    endless = np.abs(numbers) >= LARGEST
    if endless.any():
        place = int(np.argmax(endless))
        raise ScoreError(
            f"{what}: found {numbers[place]} at position {place}; a score must be finite, since no threshold lies "
            "beyond infinity. Clip the scores before measuring."
        )
    return numbers


def finite(values: npt.ArrayLike, what: str = "scores") -> Floats:
    """(N,) float64 without NaN.

    >>> finite([1, 2]).tolist()
    [1.0, 2.0]
    """
    numbers = as_numbers(values, what)
    unknown = np.isnan(numbers)
    if unknown.any():
        raise ScoreError(
            f"{what}: found NaN at position {int(np.argmax(unknown))} ({int(unknown.sum())} of {len(numbers)}); "
            "leave out what has no score, or keep it in a ScoreTable, where NaN is a non-response."
        )
    return numbers


def as_labels(labels: npt.ArrayLike) -> Labels:
    """(N,) int8 of 0 (live) and 1 (attack), from numbers or booleans.

    >>> as_labels([True, 0]).tolist()
    [1, 0]
    """
    found = np.asarray(labels)
    if found.ndim != 1:
        raise ScoreError(f"labels: found shape {found.shape}, expected one label a row, (N,).")
    if len(found) and not (np.issubdtype(found.dtype, np.number) or found.dtype == np.bool_):
        raise ScoreError(f"labels: found {found[0]!r}; expected 0 (live) or 1 (attack).")
    wrong = (found != LIVE) & (found != ATTACK)
    if wrong.any():
        raise ScoreError(f"labels: found {found[wrong][0]} at position {int(np.argmax(wrong))}; expected 0 or 1.")
    return found.astype(np.int8)


def by_class(scores: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Scores of lives and scores of attacks, each sorted upwards; ScoreError where one class is missing.

    >>> live, attack = by_class([0.9, 0.2, 0.1], [1, 0, 0])
    >>> live.tolist(), attack.tolist()
    ([0.1, 0.2], [0.9])
    """
    numbers, classes = finite(scores), as_labels(labels)
    if len(numbers) != len(classes):
        raise ScoreError(f"found {len(numbers)} scores but {len(classes)} labels; expected one label a score.")
    live, attack = numbers[classes == LIVE], numbers[classes == ATTACK]
    require_both(len(live), len(attack))
    live.sort()
    attack.sort()
    return live, attack


def require_both(live: int, attack: int, where: str = "") -> None:
    """ScoreError that names the class without an answered score."""
    if live and attack:
        return
    missing = "live or attack" if not live and not attack else "live" if not live else "attack"
    raise ScoreError(
        f"{where}{': ' if where else ''}no {missing} score (answered: {live} live, {attack} attack); "
        "this measure compares the two classes and needs at least one of each."
    )


def value_of(threshold: float | Threshold) -> float:
    """The number to compare scores with; ScoreError for NaN."""
    value = float(threshold)
    if np.isnan(value):
        raise ScoreError("threshold: found NaN, expected a number.")
    return value
