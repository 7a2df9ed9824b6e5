"""What a teacher knows of people and attributes it never saw: NumPy only, intervals over people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sincera.errors import ScoreError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Interval = tuple[float, float]

FALSE_ACCEPTS = 1e-3
BETWEEN = 200_000  # pairs of different people beyond which a sample is drawn
ROUNDS = 300
LEVEL = 0.95


class Pairs(NamedTuple):
    """Indices of two pictures, and whether they show one person; all (P,)."""

    first: Ints
    second: Ints
    same: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Verification:
    """How well cosines tell one person's pairs of pictures from those of two.

    auc: how often a pair of one person is more alike than a pair of two.  accepted: share of one person's pairs above
    the lowest threshold at which at most `false_accepts` of the others are.  Intervals hold 95 % over people; None
    where nothing could be resampled.  same, other: pairs.
    """

    auc: float
    accepted: float
    false_accepts: float
    auc_interval: Interval | None
    accepted_interval: Interval | None
    people: int
    pictures: int
    same: int
    other: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AttributeScore:
    """How well one attribute's logits tell it.

    accuracy: share of pictures on the right side of logit 0.  majority: what always naming the commoner answer gives.
    auc: None where only one answer occurs; its interval is over people.
    """

    name: str
    accuracy: float
    majority: float
    auc: float | None
    auc_interval: Interval | None
    pictures: int
    people: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def pairs_of(people: Sequence[Any] | npt.NDArray[Any], *, between: int = BETWEEN, seed: int = 0) -> Pairs:
    """Every pair of pictures of one person, and those of two: all, or `between` drawn where there are more.

    >>> pairs_of(["a", "a", "b"]).same.tolist()
    [True, False, False]
    """
    codes = _codes(people)
    first, second = (index.astype(np.int64) for index in np.triu_indices(len(codes), 1))
    same = codes[first] == codes[second]
    others = np.flatnonzero(~same)
    if len(others) > between:
        others = np.sort(np.random.default_rng(seed).choice(others, between, replace=False))
    chosen = np.concatenate([np.flatnonzero(same), others])
    return Pairs(first[chosen], second[chosen], same[chosen])


def verify(
    embeddings: npt.ArrayLike,
    people: Sequence[Any] | npt.NDArray[Any],
    *,
    false_accepts: float = FALSE_ACCEPTS,
    between: int = BETWEEN,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Verification:
    """Compare (N, width) embeddings of N pictures by their cosine.

    people: (N,) who each shows.  between: see `pairs_of`.  rounds: of the bootstrap over people, 0 for none; a pair
    of two people counts as often as both were drawn, one after the other.
    ScoreError where no person has two pictures, where all are of one, or where an embedding is not finite.
    """
    vectors = _unit(np.asarray(embeddings, dtype=np.float64))
    codes = _codes(people)
    if len(vectors) != len(codes):
        raise ScoreError(f"{len(vectors)} embeddings of {len(codes)} pictures; expected one each.")
    pairs = pairs_of(codes, between=between, seed=seed)
    same = int(pairs.same.sum())
    if same in (0, len(pairs.same)):
        raise ScoreError(
            f"{len(codes)} pictures of {len(set(codes.tolist()))} people make {same} pairs of one person and "
            f"{len(pairs.same) - same} of two; verification needs both."
        )
    cosines = np.einsum("ij,ij->i", vectors[pairs.first], vectors[pairs.second])
    curve = _Curve(cosines, pairs.same)
    whole = np.ones(len(cosines))
    drawn = []
    for times in _drawn(int(codes.max()) + 1, rounds, seed):
        left, right = times[codes[pairs.first]], times[codes[pairs.second]]
        drawn.append(curve.measure(np.where(pairs.same, left, left * right), false_accepts))
    auc, accepted = curve.measure(whole, false_accepts)
    assert auc is not None
    assert accepted is not None
    return Verification(
        auc=auc,
        accepted=accepted,
        false_accepts=false_accepts,
        auc_interval=_interval([one[0] for one in drawn]),
        accepted_interval=_interval([one[1] for one in drawn]),
        people=int(codes.max()) + 1,
        pictures=len(codes),
        same=same,
        other=len(pairs.same) - same,
    )


def score_attributes(
    logits: npt.ArrayLike,
    labels: npt.ArrayLike,
    people: Sequence[Any] | npt.NDArray[Any],
    names: Sequence[str],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> list[AttributeScore]:
    """One score an attribute of (N, A) logits against labels 0, 1 or NaN (unknown: left out), in the order of names.

    An attribute that is known of no picture is left out.
    """
    values, truth, codes = np.asarray(logits, np.float64), np.asarray(labels, np.float64), _codes(people)
    if values.shape != truth.shape or values.shape != (len(codes), len(names)):
        raise ScoreError(f"logits {values.shape}, labels {truth.shape}; expected ({len(codes)}, {len(names)}) of both.")
    known = ~np.isnan(truth)
    return [
        _score(name, values[known[:, a], a], truth[known[:, a], a] > 0.5, codes[known[:, a]], rounds, seed)
        for a, name in enumerate(names)
        if known[:, a].any()
    ]


def _score(
    name: str, logits: Floats, has: npt.NDArray[np.bool_], codes: Ints, rounds: int, seed: int
) -> AttributeScore:
    curve, codes = _Curve(logits, has), _codes(codes)
    drawn = [curve.area(times[codes]) for times in _drawn(int(codes.max()) + 1, rounds, seed)]
    auc = curve.area(np.ones(len(logits)))
    return AttributeScore(
        name=name,
        accuracy=float(np.mean((logits > 0) == has)),
        majority=float(max(has.mean(), 1 - has.mean())),
        auc=auc,
        auc_interval=None if auc is None else _interval(drawn),
        pictures=len(logits),
        people=int(codes.max()) + 1,
    )


class _Curve:
    """Scores of two classes, sorted once; then measured under any weights."""

    def __init__(self, scores: Floats, positive: npt.NDArray[np.bool_]) -> None:
        _, self.code = np.unique(scores, return_inverse=True)
        self.size = int(self.code.max()) + 1
        self.positive = positive

    def measure(self, weights: Floats, false_accepts: float) -> tuple[float | None, float | None]:
        """AUC, and the share of positives above the lowest threshold that lets at most that share of negatives by."""
        positive, negative = self._counts(weights)
        if not positive.sum() or not negative.sum():
            return None, None
        above = 1 - np.cumsum(negative) / negative.sum()  # negatives strictly above each score
        place = int(np.argmax(above <= false_accepts + 1e-12))
        return _area(positive, negative), float(1 - np.cumsum(positive)[place] / positive.sum())

    def area(self, weights: Floats) -> float | None:
        positive, negative = self._counts(weights)
        return _area(positive, negative) if positive.sum() and negative.sum() else None

    def _counts(self, weights: Floats) -> tuple[Floats, Floats]:
        """The weight of positives and of negatives at each distinct score."""
        return self._count(np.where(self.positive, weights, 0.0)), self._count(np.where(self.positive, 0.0, weights))

    def _count(self, weights: Floats) -> Floats:
        return np.bincount(self.code, weights, self.size).astype(np.float64, copy=False)


def _area(positive: Floats, negative: Floats) -> float:
    below = np.cumsum(negative) - negative / 2  # a tie counts half
    return float(positive @ below / (positive.sum() * negative.sum()))


def _drawn(units: int, rounds: int, seed: int) -> Iterator[Floats]:
    dice = np.random.default_rng(seed)
    for _ in range(rounds if units > 1 else 0):
        yield np.bincount(dice.integers(units, size=units), minlength=units).astype(np.float64)


def _interval(values: Sequence[float | None]) -> Interval | None:
    found = [value for value in values if value is not None]
    if not found:
        return None
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _codes(people: Sequence[Any] | npt.NDArray[Any]) -> Ints:
    return np.unique(np.asarray(people), return_inverse=True)[1].astype(np.int64)


def _unit(vectors: Floats) -> Floats:
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ScoreError(f"embeddings of shape {vectors.shape}; expected finite numbers, (pictures, width).")
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit
