"""Which frames of a clip are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Rule = Literal["even", "ssdg", "all"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """A number of frames and the rule that places them.

    even: the centres of `frames` equal parts of the clip.
    ssdg: 6 + j·floor(n / frames), the last frame where that lies beyond the end (the lists of SSDG's authors).
    all: every frame, or the first `frames` of them.
    A clip with no more frames than asked for gives what exists; no frame comes twice.

    >>> Sampling(4).indices(100)
    (12, 37, 62, 87)
    >>> Sampling(2, "ssdg").indices(100), Sampling(4, "even").indices(3), Sampling(rule="all").indices(3)
    ((6, 56), (0, 1, 2), (0, 1, 2))
    """

    frames: int | None = None
    rule: Rule = "even"

    def __post_init__(self) -> None:
        if self.rule not in get_args(Rule):
            raise ValueError(f"sampling rule {self.rule!r}; expected one of {', '.join(get_args(Rule))}")
        if self.frames is None and self.rule != "all":
            raise ValueError(f"the rule {self.rule!r} needs a number of frames; only 'all' goes without")
        if self.frames is not None and self.frames < 1:
            raise ValueError(f"{self.frames} frames asked for; expected at least 1")

    def indices(self, n: int) -> tuple[int, ...]:
        """Frame numbers, rising, of a clip that has `n` frames."""
        if n < 0:
            raise ValueError(f"a clip of {n} frames")
        if self.frames is None or n <= self.frames:
            return tuple(range(n))
        if self.rule == "all":
            return tuple(range(self.frames))
        if self.rule == "even":
            return tuple((2 * j + 1) * n // (2 * self.frames) for j in range(self.frames))
        step = n // self.frames
        return tuple(sorted({min(6 + j * step, n - 1) for j in range(self.frames)}))
