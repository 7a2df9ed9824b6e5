"""One row less another, as means over seeds and tasks, with the same people drawn for both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sincera.measures.bootstrap import percentiles
from sincera.papers.intervals import replicates
from sincera.papers.measured import Measured, mean_over
from sincera.papers.table import between, signed


@dataclass(frozen=True, slots=True)
class Difference:
    """a - b of a rate in [0, 1], each the mean over seeds and tasks; below 0 the first is better.

    ends: 95 % interval of the difference over the target's people.  p: two-sided, from the share of resamples on
    either side of zero.  Both None where a task tests a single person.
    """

    rate: str
    a: float
    b: float
    ends: tuple[float, float] | None = None
    p: float | None = None

    @property
    def value(self) -> float:
        return self.a - self.b

    @property
    def fall(self) -> float | None:
        """By what share a lies below b; None where b is 0 already.

        >>> Difference("hter", 0.1, 0.2).fall, Difference("hter", 0.1, 0.0).fall
        (0.5, None)
        """
        return None if self.b == 0 else 1 - self.a / self.b

    @property
    def text(self) -> str:
        """In percent points.

        >>> Difference("hter", 0.1, 0.2, (-0.15, 0.01), 0.07).text, Difference("hter", 0.1, 0.2).text
        ('-10.0 [-15.0, +1.0] p 0.070', '-10.0')
        """
        if self.ends is None or self.p is None:
            return signed(self.value)
        return f"{signed(self.value)} {between(self.ends, sign=True)} p {self.p:.3f}"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        ends = None if self.ends is None else list(self.ends)
        return {
            "rate": self.rate, "a": self.a, "b": self.b, "difference": self.value, "fall": self.fall,
            "interval": ends, "p": self.p,
        }  # fmt: skip


def difference(
    a: Sequence[Measured], b: Sequence[Measured], rate: str, *, policy: str, rounds: int, seed: int = 0
) -> Difference | None:
    """What the first row's mean over tasks is less the second's; None where one of them has no such figure.

    a, b: the same tasks in the same order, tested on the same clips.  policy: ST or TT.
    """
    means = [mean_over([task.figure(policy, rate) for task in tasks]) for tasks in (a, b)]
    if means[0] is None or means[1] is None:
        return None
    exact = means[0].mean, means[1].mean
    drawn = [replicates(tasks, policy, rate, rounds=rounds, seed=seed) for tasks in (a, b)]
    if drawn[0] is None or drawn[1] is None:
        return Difference(rate, *exact)
    differences = drawn[0] - drawn[1]
    differences = differences[~np.isnan(differences)]
    ends = percentiles(differences)
    if ends is None:
        return Difference(rate, *exact)
    tail = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    return Difference(rate, *exact, ends, min(1.0, 2 * (tail + 1) / (len(differences) + 1)))
