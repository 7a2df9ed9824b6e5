"""A linear head from a handful of examples: logistic regression with a ridge, and a fixed offset of slope 1.

The offset is what the model already says (log-odds). The head may correct it but not forget it: with no evidence, or
with a heavy ridge, the answer is the model's own. Features are few hundreds against examples that may be six, so the
fit goes by the examples' own coordinates and costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sincera.errors import UsageError

Floats = NDArray[np.float64]

# Chosen on four simulated cameras, people apart (benchmarks/default/ridge.py): HTER 0.239 from 8 faces of a class
# against 0.251 at 1 and 0.256 by a shift alone; a smaller one wins nothing beyond scatter and forgets more.
RIDGE = 0.01
_STEPS, _ENOUGH = 100, 1e-10


@dataclass(frozen=True, slots=True)
class Head:
    """weights (D,) and bias: log-odds that are added to the offset."""

    weights: Floats
    bias: float

    def __call__(self, features: Floats) -> Floats:
        """(N, D) → (N,)."""
        return features @ self.weights + self.bias


def fit_head(features: Floats, offset: Floats, labels: NDArray[np.int64], *, ridge: float = RIDGE) -> Head:
    """The head that, added to the offset, best tells attacks (1) from lives (0).

    features: (N, D).  offset: (N,) log-odds of the model.  Each class weighs half, however many examples it has.
    ridge: of the squared weights, for features that are centred and of mean square length 1; the bias is free.
    UsageError where a class is missing or a number is not finite.

    >>> features = np.array([[0.0], [0.1], [0.9], [1.0]])
    >>> head = fit_head(features, np.zeros(4), np.array([0, 0, 1, 1]))
    >>> (head(features) > 0).tolist()
    [False, False, True, True]
    """
    _check(features, offset, labels)
    middle = features.mean(0)
    centred = features - middle
    scale = float(np.sqrt((centred**2).sum(1).mean())) or 1.0
    rows, lengths, axes = np.linalg.svd(centred / scale, full_matrices=False)
    points = np.column_stack([rows * lengths, np.ones(len(features))])  # (N, R + 1): coordinates, and the bias
    shares = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))  # mean 1
    penalty = np.append(np.full(len(lengths), ridge), 0.0)
    found = _newton(points, offset, labels.astype(np.float64), shares, penalty)
    weights = axes.T @ found[:-1] / scale
    return Head(weights, float(found[-1] - middle @ weights))


def _newton(points: Floats, offset: Floats, targets: Floats, shares: Floats, penalty: Floats) -> Floats:
    """Minimum of Σ share · cross-entropy + penalty / 2 · square, by Newton's method with halved steps."""

    def loss(where: Floats) -> float:
        odds = offset + points @ where
        return float(shares @ (np.logaddexp(0, odds) - targets * odds) + penalty @ where**2 / 2)

    at = np.zeros(points.shape[1])
    here = loss(at)
    for _ in range(_STEPS):
        odds = offset + points @ at
        likely = 0.5 * (1 + np.tanh(odds / 2))
        slope = points.T @ (shares * (likely - targets)) + penalty * at
        bend = points.T @ (points * (shares * likely * (1 - likely))[:, None]) + np.diag(penalty + 1e-9)
        step = np.linalg.solve(bend, slope)
        size = 1.0
        while (there := loss(at - size * step)) > here and size > 1e-8:
            size /= 2
        if here - there <= _ENOUGH * max(1.0, abs(here)):
            break
        at, here = at - size * step, there
    return at


def _check(features: Floats, offset: Floats, labels: NDArray[np.int64]) -> None:
    if not features.ndim == 2 or not len(features) == len(offset) == len(labels):
        raise UsageError(
            f"features {features.shape}, offset {offset.shape}, labels {labels.shape}; expected (N, D), (N,) and (N,)."
        )
    if set(np.unique(labels).tolist()) != {0, 1}:
        raise UsageError("a head needs live faces and attacks; found one class only.")
    if not (np.isfinite(features).all() and np.isfinite(offset).all()):
        raise UsageError("a head needs finite features and scores; found NaN or infinity.")


def fit_shift(offset: Floats, labels: NDArray[np.int64]) -> float:
    """The bias alone: by how much the model's log-odds are best moved, which is a threshold of one's own.

    >>> round(fit_shift(np.array([2.0, 2.0, 4.0, 4.0]), np.array([0, 0, 1, 1])), 6)
    -3.0
    """
    return fit_head(np.zeros((len(offset), 1)), offset, labels).bias
