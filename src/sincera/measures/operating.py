"""Where to put the threshold: equal error, a rate of rejected lives, a rate of accepted attacks.

Candidates are the scores themselves and one float below them all, so that a threshold is always usable as
"attack if score > value" and never infinite.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sincera.errors import ScoreError
from sincera.measures.arrays import Floats, by_class, finite

Grid = Literal["exact", "ssdg"]


class Point(NamedTuple):
    """A threshold and both error rates there."""

    threshold: float
    far: float
    frr: float

    @property
    def hter(self) -> float:
        return (self.far + self.frr) / 2


def equal_error(scores: npt.ArrayLike, labels: npt.ArrayLike, *, grid: Grid = "exact") -> Point:
    """The threshold with the smallest |FAR - FRR|; on ties the smallest HTER, then the lowest threshold.

    grid: `exact` tries every distinct score and the float below all; `ssdg` tries the 10,001 values 1, 0.9999, …, 0
    and -0.1 of a benchmark's code (scores in [0, 1]; the lowest threshold wins ties, which is the last one tried there,
    where scores rise with live).

    >>> equal_error([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    Point(threshold=0.2, far=0.0, frr=0.0)
    """
    live, attack = by_class(scores, labels)
    if grid == "exact":
        return equal_error_of_sorted(live, attack)
    if min(live[0], attack[0]) < 0 or max(live[-1], attack[-1]) > 1:
        raise ScoreError(
            f"the ssdg grid covers [0, 1], but the scores run from {min(live[0], attack[0])} to "
            f"{max(live[-1], attack[-1])}; use the exact grid."
        )
    tried = np.concatenate(([-0.1], 1 - np.arange(10_000, -1, -1) / 10_000))
    accepted, rejected = _errors(live, attack, tried)
    apart = np.abs(accepted * len(live) - rejected * len(attack))
    best = int(np.argmin(apart))
    return _point(tried[best], accepted[best], rejected[best], live, attack)


def equal_error_of_sorted(live: Floats, attack: Floats) -> Point:
    """`equal_error` on the exact grid, for scores that are split by class and sorted upwards already."""
    tried = np.concatenate(([below(live, attack)], np.union1d(live, attack)))
    accepted, rejected = _errors(live, attack, tried)
    # Whole numbers (rates times both counts): rounding must not break ties.
    apart = np.abs(accepted * len(live) - rejected * len(attack))
    total = accepted * len(live) + rejected * len(attack)
    level = np.flatnonzero(apart == apart.min())
    best = level[np.argmin(total[level])]
    return _point(tried[best], accepted[best], rejected[best], live, attack)


def bpcer_point(scores: npt.ArrayLike, labels: npt.ArrayLike, rate: float) -> Point:
    """The lowest threshold whose BPCER is at most `rate`.

    >>> bpcer_point([0.1, 0.2, 0.3, 0.4, 0.9], [0, 0, 0, 0, 1], 0.25)
    Point(threshold=0.3, far=0.0, frr=0.25)
    """
    live, attack = by_class(scores, labels)
    rejected = most_errors(rate, len(live))
    value = below(live, attack) if rejected == len(live) else live[len(live) - 1 - rejected]
    return point_at(value, live, attack)


def apcer_point(scores: npt.ArrayLike, labels: npt.ArrayLike, species: npt.ArrayLike, rate: float) -> Point:
    """The threshold with the fewest rejected lives at which no species' APCER exceeds `rate`; the lowest such one.

    species: (N,) names, read for attacks only.

    >>> apcer_point([0.1, 0.2, 0.3, 0.25, 0.9], [0, 0, 0, 1, 1], ["", "", "", "print", "mask"], 0.0)
    Point(threshold=0.2, far=0.0, frr=0.3333333333333333)
    """
    live, attack = by_class(scores, labels)
    numbers, names = finite(scores), np.asarray(species, dtype=object)
    if len(names) != len(numbers):
        raise ScoreError(f"found {len(numbers)} scores but {len(names)} species; expected one a score.")
    is_attack = np.asarray(labels) == 1
    bound = np.inf
    for name in dict.fromkeys(names[is_attack]):
        own = np.sort(numbers[is_attack & (names == name)])
        accepted = most_errors(rate, len(own))
        # One more acceptance than allowed would begin at this score.
        bound = min(bound, own[accepted]) if accepted < len(own) else bound
    passing = live[live < bound]
    return point_at(passing[-1] if len(passing) else below(live, attack), live, attack)


def point_at(value: float, live: Floats, attack: Floats) -> Point:
    """Both error rates at a given threshold; the scores are sorted upwards."""
    accepted, rejected = _errors(live, attack, np.array([value]))
    return _point(value, accepted[0], rejected[0], live, attack)


def most_errors(rate: float, total: int) -> int:
    """The largest count k with k / total ≤ rate, compared as the floats that are reported.

    >>> most_errors(0.29, 100), most_errors(0.009, 100)
    (29, 0)
    """
    count = min(int(rate * total) + 1, total)
    while count and count / total > rate:
        count -= 1
    return count


def below(live: Floats, attack: Floats) -> float:
    """The next float under all scores, where everything is an attack."""
    return float(np.nextafter(min(live[0], attack[0]), -np.inf))


def _errors(live: Floats, attack: Floats, tried: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    accepted = np.searchsorted(attack, tried, side="right")
    rejected = len(live) - np.searchsorted(live, tried, side="right")
    return accepted.astype(np.int64), rejected.astype(np.int64)


def _point(value: float, accepted: int, rejected: int, live: Floats, attack: Floats) -> Point:
    return Point(float(value), float(accepted / len(attack)), float(rejected / len(live)))
