"""Means with their spread: over people, with an interval, and over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

ROUNDS = 1000
LEVEL = 0.95


def over_people(
    values: Sequence[float | None], people: ArrayLike, *, rounds: int = ROUNDS, seed: int = 0
) -> dict[str, Any]:
    """Mean over pictures with a 95 % interval by resampling people; None among the values is left out and counted.

    >>> over_people([1.0, 3.0, None], ["a", "b", "b"])
    {'mean': 2.0, 'low': 1.0, 'high': 3.0, 'pictures': 2, 'people': 2, 'left_out': 1}
    """
    known = np.array([value is not None for value in values], bool)
    numbers = np.array([value for value in values if value is not None], np.float64)
    who = np.asarray(people)[known]
    counts = {"pictures": len(numbers), "people": len(set(who.tolist())), "left_out": int((~known).sum())}
    if not len(numbers):
        return {"mean": None, "low": None, "high": None, **counts}
    _, code = np.unique(who, return_inverse=True)
    size = np.bincount(code)
    total = np.bincount(code, numbers)
    drawn = np.random.default_rng(seed).integers(0, len(size), (rounds, len(size)))
    means = total[drawn].sum(1) / size[drawn].sum(1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"mean": float(numbers.mean()), "low": float(low), "high": float(high), **counts}


def over_seeds(values: Sequence[float | None]) -> dict[str, Any]:
    """Mean, and sample standard deviation (n - 1) where there are two or more; both None where a value is unknown.

    >>> over_seeds([1.0, 2.0, 3.0]), over_seeds([1.0, None])
    ({'mean': 2.0, 'sd': 1.0, 'values': [1.0, 2.0, 3.0]}, {'mean': None, 'sd': None, 'values': [1.0, None]})
    """
    numbers = [float(value) for value in values if value is not None]
    if len(numbers) < len(values):
        return {"mean": None, "sd": None, "values": list(values)}
    sd = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None
    return {"mean": float(np.mean(numbers)), "sd": sd, "values": numbers}
