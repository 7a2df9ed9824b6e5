"""`60/20/20`: how a folder set's subjects are dealt out to train, dev and test."""

from __future__ import annotations

from typing import NamedTuple

from sincera.errors import UsageError


class Shares(NamedTuple):
    """Shares of the subjects in [0, 1]; they sum to 1."""

    train: float
    dev: float
    test: float


def parse_shares(text: str) -> Shares:
    """The shares of `train/dev/test` in percent, or of `train/test`.

    >>> parse_shares("60/20/20")
    Shares(train=0.6, dev=0.2, test=0.2)
    """
    try:
        numbers = [float(part) for part in text.split("/")]
    except ValueError:
        numbers = []
    if len(numbers) == 2:
        numbers.insert(1, 0.0)
    if len(numbers) != 3 or min(numbers) < 0 or abs(sum(numbers) - 100) > 1e-6:
        raise UsageError(f"splits {text!r}: expected three percentages train/dev/test that sum to 100, as 60/20/20")
    return Shares(*(number / 100 for number in numbers))
