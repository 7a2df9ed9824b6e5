"""Resampling of whole people (or clips), and the intervals that come from it.

A resample draws as many units as there are, with replacement. What a unit holds is counted once, by class and score
bin and by species; a resample is then a weighted sum of these counts. Up to 2^15 distinct scores each has a bin of its
own and resampling is exact; beyond, quantile bins stand in (`Resampler.bin_errors` bounds what they can move).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sincera.clip import ATTACK, LIVE
from sincera.measures.arrays import Codes, Floats, Texts
from sincera.measures.columns import dense, first_rows
from sincera.measures.counts import Counts, largest_errors, make_bins, rates_of
from sincera.measures.table import ScoreTable
from sincera.progress import Track, silent

LEVEL = 0.95
# Numbers held at once: units × cells of a matrix, resamples × (units or cells) of a chunk.
MATRIX = 1 << 24
LARGE_MATRIX = 1 << 28
# Sums stay whole in single precision below 2^24; a resample never quadruples a cell that holds fewer than this.
EXACT_SINGLE = 1 << 22
CHUNK = 1 << 20
# From here on, units of one row each are drawn by cell, not one by one; the distribution is the same.
MANY_UNITS = 1 << 16


class Units(NamedTuple):
    """What is drawn: (N,) the unit of each row, how many there are, and `subjects`, `clips` or `rows`."""

    codes: Codes
    total: int
    kind: str


def units_of(table: ScoreTable) -> Units:
    """People where they are known, else clips, else rows; a row whose person is unknown counts by its clip."""
    keys = table.clip_keys
    if table.subject is None or table.subjects is None:
        kind = "rows" if table.clip is None else "clips"
        return Units(_in_order(keys, (table.domain, table.clip)), table.clips, kind)
    codes = table.subject_keys
    unknown = table.subject == ""
    if unknown.any():
        codes = dense(np.where(unknown, codes.max() + 1 + keys, codes))
        table = replace(table, subject=np.where(unknown, table.clip if table.clip is not None else "", table.subject))
    return Units(_in_order(codes, (table.domain, table.subject)), int(codes.max()) + 1, "subjects")


def _in_order(codes: Codes, columns: tuple[Texts | None, Texts | None]) -> Codes:
    """Units numbered by name, so that a seed draws the same people whatever the order of rows; not where too many."""
    first = first_rows(codes)
    if len(first) > MANY_UNITS or columns[1] is None:
        return codes
    names = list(zip(*(texts[first].tolist() for texts in columns if texts is not None), strict=True))
    rank = np.empty(len(first), dtype=np.int64)
    rank[sorted(range(len(first)), key=names.__getitem__)] = np.arange(len(first))
    return rank[codes]


def draws(units: int, rounds: int, seed: int, chunk: int, sizes: Codes | None = None) -> Iterator[Floats]:
    """How often each unit is drawn, (≤ chunk, units) at a time; the same for a seed whatever the chunk.

    sizes: units that stand for several equal ones each; then as many are drawn as the sizes add up to.
    """
    random = np.random.default_rng(seed)
    for start in range(0, rounds, chunk):
        now = min(chunk, rounds - start)
        if sizes is None:
            rows = [np.bincount(random.integers(units, size=units), minlength=units) for _ in range(now)]
            yield np.array(rows, dtype=np.float64)
        else:
            yield random.multinomial(int(sizes.sum()), sizes / sizes.sum(), size=now).astype(np.float64)


class _Layer:
    """How many rows of each unit lie in each cell, summed under weights: by one matrix where it fits."""

    def __init__(self, unit: Codes, cell: Codes, units: int, cells: int) -> None:
        self.unit, self.cell, self.cells = unit, cell, cells
        self.matrix: npt.NDArray[np.floating[Any]] | None = None
        if units * cells <= MATRIX:
            counted = np.bincount(unit * cells + cell, minlength=units * cells)
            self.matrix = counted.reshape(units, cells).astype(np.float64)
        elif units * cells <= LARGE_MATRIX and np.bincount(cell).max() < EXACT_SINGLE:
            self.matrix = _counted_by_block(unit, cell, units, cells)

    def totals(self, weights: Floats) -> Floats:
        """(R, units) → (R, cells)."""
        if self.matrix is not None:
            return np.asarray(weights.astype(self.matrix.dtype, copy=False) @ self.matrix, dtype=np.float64)
        return np.stack([np.bincount(self.cell, weights=row[self.unit], minlength=self.cells) for row in weights])


def _counted_by_block(unit: Codes, cell: Codes, units: int, cells: int) -> npt.NDArray[np.float32]:
    """(units, cells) counts, made a block of units at a time so that nothing wider stands beside it."""
    keys = np.sort(unit * cells + cell)
    matrix = np.empty((units, cells), dtype=np.float32)
    step = max(1, MATRIX // cells)
    for start in range(0, units, step):
        block = matrix[start : start + step]
        low, high = np.searchsorted(keys, (start * cells, (start + len(block)) * cells))
        block[:] = np.bincount(keys[low:high] - start * cells, minlength=block.size).reshape(block.shape)
    return matrix


class Resampler:
    """One table at one threshold, ready to be resampled.

    units: what to draw; people, clips or rows by default.  one_by_one: draw every unit itself, so that two tables
    over the same units and seed see the same draws (a paired comparison needs that).
    """

    def __init__(
        self, table: ScoreTable, threshold: float, *, units: Units | None = None, one_by_one: bool = False
    ) -> None:
        self.units = units or units_of(table)
        answered, is_live = table.answered, table.label == LIVE
        live, attack = np.sort(table.score[answered & is_live]), np.sort(table.score[answered & ~is_live])
        self._bins = make_bins(live, attack, threshold)
        # Cells of the first layer: a class's bins, then the other's, then the rows without a score.
        self._width = len(self._bins.edges) + 1
        bins = self._bins.of(np.where(answered, table.score, 0.0))
        first = np.where(answered, bins + self._width * ~is_live, 2 * self._width)
        # Cells of the second: each species rejected and accepted, then everything that is no answered attack.
        codes, self.species = table.species_codes
        attacks = answered & (table.label == ATTACK)
        second = np.where(attacks, 2 * codes + (bins <= self._bins.at), 2 * len(self.species))
        self._cells = (2 * self._width + 1, 2 * len(self.species) + 1)
        unit, self._sizes = self.units.codes, None
        drawn = self.units.total
        if drawn == len(table) > MANY_UNITS and not one_by_one:
            both, self._sizes = np.unique(first * self._cells[1] + second, return_counts=True)
            first, second = np.divmod(both, self._cells[1])
            unit, drawn = np.arange(len(both)), len(both)
        self._drawn = drawn
        self._layers = tuple(
            _Layer(unit, cell, drawn, cells) for cell, cells in zip((first, second), self._cells, strict=True)
        )

    @property
    def exact(self) -> bool:
        """Whether every distinct score has a bin of its own."""
        return self._bins.exact

    @property
    def bins(self) -> int:
        return self._width

    def once(self) -> dict[str, float]:
        """The rates of the table itself, as the bins see them."""
        return {name: float(values[0]) for name, values in rates_of(self._counts(self._ones()), self.species).items()}

    def bin_errors(self) -> tuple[float, float]:
        """Bounds on what the bins can move: of an AUC, of an EER."""
        return largest_errors(self._counts(self._ones()))

    def replicates(self, rounds: int, seed: int, track: Track = silent) -> dict[str, Floats]:
        """Each rate of each resample, {name: (rounds,)}; NaN where a resample lacks what the rate needs."""
        chunk = max(1, min(CHUNK // max(self._drawn, self._cells[0]), rounds))
        weights = draws(self._drawn, rounds, seed, chunk, self._sizes)
        steps = -(-rounds // chunk)
        parts = [rates_of(self._counts(drawn), self.species) for drawn in track(weights, "resampling", steps)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _ones(self) -> Floats:
        return np.ones((1, self._drawn)) if self._sizes is None else self._sizes[None].astype(np.float64)

    def _counts(self, weights: Floats) -> Counts:
        first, second = (layer.totals(weights) for layer in self._layers)
        by_species = second[:, :-1].reshape(len(weights), -1, 2)
        return Counts(
            live=first[:, : self._width],
            attack=first[:, self._width : -1],
            accepted=by_species[:, :, 1],
            total=by_species.sum(2),
            silent=first[:, -1],
            at=self._bins.at,
        )


def percentiles(values: Floats, level: float = LEVEL) -> tuple[float, float] | None:
    """The middle `level` of the resamples in which the rate was defined; None where it never was.

    >>> percentiles(np.arange(101.0))
    (2.5, 97.5)
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    tail = round((1 - level) / 2, 12)
    low, high = np.quantile(known, (tail, 1 - tail))
    return float(low), float(high)
