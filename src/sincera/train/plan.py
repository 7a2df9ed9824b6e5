"""The order of the data as a function of seed, stage and step: nothing has to be remembered to resume exactly.

Every cell (all faces, or those of one class or domain) is an endless row of shuffled cycles; a step reads the stretch
that follows the previous step's. So after any number of steps no item was drawn more than once more than another.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sincera.errors import RecipeError
from sincera.train.feed import Feed

Ints = NDArray[np.int64]

_ORDER, _FRAMES, _DIVISION, AUGMENT, TORCH = range(5)  # one stream of random numbers each
_SEVENTH = 6
_TRIES = 100


def seed_sequence(seed: int, stage: str, *rest: int) -> np.random.SeedSequence:
    """The root of all randomness of one step: the stage counts by its name, so that siblings share its course."""
    return np.random.SeedSequence([seed, zlib.crc32(stage.encode()), *rest])


def generator(seed: int, stage: str, *rest: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed_sequence(seed, stage, *rest)))


@dataclass(frozen=True, slots=True)
class Rows:
    """The training faces, one entry a row: the store's row number, and indices of clip, label, domain and subject."""

    row: Ints
    clip: Ints
    frame: Ints
    label: Ints
    domain: Ints
    subject: Ints


class Plan:
    """`plan(step)` → (rows, flipped): which faces a step sees, in which order, and which of them are mirrored.

    rows: (B,) row numbers, or (B, T) where feed.frames = T; the parts of feed.parts follow each other.
    RecipeError where a cell is empty or too small for parts that share nothing.
    """

    def __init__(self, feed: Feed, rows: Rows, *, seed: int, stage: str) -> None:
        if len(rows.row) == 0:
            raise RecipeError(f"stage {stage}: no face to train on. Do the source clips have crops in the store?")
        self.feed, self.rows, self.seed, self.stage = feed, rows, seed, stage
        self._items = _items(feed, rows)
        first = np.array([members[0] for members in self._items])
        self._cells = _cells(feed, rows.label[first], rows.domain[first])
        self._group = {"face": None, "clip": rows.clip[first], "subject": rows.subject[first]}[feed.disjoint]
        self._domain = rows.domain[first]
        most = [-(-size // len(self._cells)) for size in feed.sizes]
        self._most = sum(most)  # of one cell in one step
        self._check_sizes()
        self._cycles: dict[tuple[int, int], Ints] = {}

    def __call__(self, step: int) -> tuple[Ints, NDArray[np.bool_]]:
        items = self._divided(step) if self._by_groups else self._streamed(step)
        dice = generator(self.seed, self.stage, _FRAMES, step)
        drawn = np.array([self._frames(self._items[item], dice) for item in items])
        flipped = dice.random(len(items)) < self.feed.augment.flip
        return self.rows.row[drawn if self.feed.frames > 1 else drawn[:, 0]], flipped

    @property
    def _by_groups(self) -> bool:
        """A stretch of a shuffled cycle holds no item twice; only larger groups than items need to be divided."""
        return len(self.feed.sizes) > 1 and (
            self.feed.disjoint == "subject" or (self.feed.disjoint == "clip" and self.feed.unit == "frame")
        )

    def _check_sizes(self) -> None:
        if len(self.feed.sizes) == 1 or self._by_groups:
            return
        for cell in self._cells:
            if len(cell) < self._most:
                raise RecipeError(
                    f"stage {self.stage}: a cell holds {len(cell)} {self.feed.unit}s, but parts that share no "
                    f"{self.feed.disjoint} need {self._most} a step. Lower the batch, or balance over fewer cells."
                )

    def _frames(self, members: Ints, dice: np.random.Generator) -> Ints:
        if self.feed.frames > 1:
            enough = len(members) >= self.feed.frames
            return np.sort(dice.choice(members, self.feed.frames, replace=not enough))
        if self.feed.frame_choice == "seventh":
            return members[[np.abs(self.rows.frame[members] - _SEVENTH).argmin()]]
        return members[[dice.integers(len(members))]]

    # The endless row of cycles

    def _streamed(self, step: int) -> Ints:
        parts: list[list[Ints]] = [[] for _ in self.feed.sizes]
        for number in range(len(self._cells)):
            counts = [self._quota(size, number, step + 1) - self._quota(size, number, step) for size in self.feed.sizes]
            start = sum(self._quota(size, number, step) for size in self.feed.sizes)
            drawn = self._stretch(number, step, start, sum(counts))
            for part, piece in zip(parts, np.split(drawn, np.cumsum(counts)[:-1]), strict=True):
                part.append(piece)
        return np.concatenate([piece for part in parts for piece in part])

    def _quota(self, size: int, number: int, steps: int) -> int:
        """How many of `size` faces a step the cell got in the first `steps` steps; the rest goes round the cells."""
        each, rest = divmod(size, len(self._cells))
        return steps * each + -((number - steps * rest) // len(self._cells))

    def _stretch(self, number: int, step: int, start: int, count: int) -> Ints:
        n = len(self._cells[number])
        if n < 3 * self._most:  # too small to keep the seam between two cycles free of doubles: cycles end early
            whole = max(1, n // self._most)
            cycle, begin = step // whole, step % whole * self._most
            turns = -(-self._most // n)
            order = np.concatenate([self._shuffled(number, cycle * turns + turn) for turn in range(turns)])
            return order[begin : begin + count]
        cycle, begin = divmod(start, n)
        piece = self._cycle(number, cycle)[begin : begin + count]
        return np.concatenate([piece, self._cycle(number, cycle + 1)[: count - len(piece)]])

    def _shuffled(self, number: int, cycle: int) -> Ints:
        return generator(self.seed, self.stage, _ORDER, number, cycle).permutation(self._cells[number])

    def _cycle(self, number: int, cycle: int) -> Ints:
        """A shuffled cycle whose head repeats nothing of the one before's tail: no step draws an item twice."""
        known = self._cycles.get((number, cycle))
        if known is not None:
            return known
        order, most = self._shuffled(number, cycle), self._most
        if cycle > 0:
            tail = self._shuffled(number, cycle - 1)[-most:]  # never moved: the exchange ends before it
            doubled = np.flatnonzero(np.isin(order[:most], tail))
            free = most + np.flatnonzero(~np.isin(order[most:-most], tail))[: len(doubled)]
            order[doubled], order[free] = order[free], order[doubled]
        if len(self._cycles) > 4 * len(self._cells):
            self._cycles.clear()
        self._cycles[number, cycle] = order
        return order

    # Parts that share no clip or subject: divided anew at every step

    def _divided(self, step: int) -> Ints:
        dice = generator(self.seed, self.stage, _DIVISION, step)
        for _ in range(_TRIES):
            part_of = self._divide_groups(dice)
            pools = [[cell[part_of[cell] == part] for cell in self._cells] for part in range(len(self.feed.sizes))]
            if all(len(pool) for part in pools for pool in part):
                break
        else:
            raise RecipeError(
                f"stage {self.stage}: {len(np.unique(self._group))} {self.feed.disjoint}s cannot be divided into "
                f"{len(self.feed.sizes)} parts with every class and domain in each. Use disjoint=face, or more clips."
            )
        return np.concatenate(
            [
                dice.choice(pool, count, replace=len(pool) < count)
                for size, part in zip(self.feed.sizes, pools, strict=True)
                for number, pool in enumerate(part)
                if (count := self._quota(size, number, step + 1) - self._quota(size, number, step))
            ]
        )

    def _divide_groups(self, dice: np.random.Generator) -> Ints:
        """A part for every item; groups go to parts in proportion to their sizes, domain by domain."""
        assert self._group is not None
        shares = np.cumsum(self.feed.sizes)[:-1] / self.feed.size
        part_of = np.empty(len(self._group), dtype=np.int64)
        for domain in np.unique(self._domain):
            here = self._domain == domain
            groups = dice.permutation(np.unique(self._group[here]))
            bounds = np.clip(np.round(shares * len(groups)), 1, max(1, len(groups) - 1)).astype(int)
            for part, members in enumerate(np.split(groups, bounds)):
                part_of[here & np.isin(self._group, members)] = part
        return part_of


def _items(feed: Feed, rows: Rows) -> Sequence[Ints]:
    """What is drawn: positions in `rows`, grouped by clip and sorted by frame, or each alone."""
    if feed.unit == "frame":
        return [np.array([position]) for position in range(len(rows.row))]
    order = np.lexsort((rows.frame, rows.clip))
    starts = np.flatnonzero(np.diff(rows.clip[order])) + 1
    return np.split(order, starts)


def _cells(feed: Feed, label: Ints, domain: Ints) -> list[Ints]:
    keys = {"none": 0 * label, "class": label, "domain": domain, "domain_class": 2 * domain + label}[feed.balance]
    return [np.flatnonzero(keys == key) for key in np.unique(keys)]
