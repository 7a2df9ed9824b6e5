"""A model fitted to one's own camera: a linear head on its networks' features, added to what it already says.

The model's own log-odds stay in the sum with slope 1, so that a head of a few pictures corrects them and does not
replace them: features alone learn the recording faster and forget every other attack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Label
from sincera.fit.examples import Examples
from sincera.fit.ridge import RIDGE, Head, fit_head, fit_shift
from sincera.measures import auc

FOLDS = 5  # at most
FORGETS = 0.01  # AUC on simulated attacks that an adapted model may lose
EVEN = 0.0  # log-odds: the head weighs both classes alike


@dataclass(frozen=True, slots=True)
class Errors:
    """On recordings that a fit has not seen, by frame.  Shares."""

    apcer: float
    bpcer: float
    auc: float

    @property
    def hter(self) -> float:
        return (self.apcer + self.bpcer) / 2

    def to_dict(self) -> dict[str, float]:
        return {**asdict(self), "hter": self.hter}


@dataclass(frozen=True, slots=True)
class Validated:
    """before: the model with the threshold in use.  threshold: the model with one fitted on the other recordings.
    adapted: with a head fitted on the others.  folds: how often; recordings: of each class."""

    before: Errors
    threshold: Errors
    adapted: Errors
    folds: int
    recordings: Mapping[str, int]

    @property
    def helps(self) -> bool:
        """Fewer errors than with the threshold in use, and than with another threshold alone."""
        return self.adapted.hter < min(self.before.hter, self.threshold.hter)

    def to_dict(self) -> dict[str, Any]:
        errors = {name: getattr(self, name).to_dict() for name in ("before", "threshold", "adapted")}
        return {**errors, "folds": self.folds, "recordings": dict(self.recordings), "helps": self.helps}


def adapted_head(examples: Examples, *, ridge: float = RIDGE) -> Head:
    """The head of all examples, over the networks' features side by side."""
    return fit_head(examples.joined, examples.odds, examples.label, ridge=ridge)


def validated(examples: Examples, threshold: float, *, ridge: float = RIDGE) -> Validated | None:
    """Errors on recordings left out in turn; None with fewer than two recordings of a class, since frames of one
    recording are neighbours and tell nothing about the next.

    threshold: in use, in log-odds.
    """
    recordings = {label.value: len(examples.recordings(label)) for label in Label}
    if min(recordings.values()) < 2:
        return None
    moved, head = np.empty(len(examples)), np.empty(len(examples))
    folds = list(_folds(examples))
    for held in folds:
        rest = examples.select(~held)
        moved[held] = examples.odds[held] + fit_shift(rest.odds, rest.label)
        head[held] = examples.odds[held] + adapted_head(rest, ridge=ridge)(examples.joined[held])
    own = examples.odds - threshold
    return Validated(
        errors(own, examples), errors(moved, examples, order=own), errors(head, examples), len(folds), recordings
    )


def errors(odds: NDArray[np.float64], examples: Examples, *, order: NDArray[np.float64] | None = None) -> Errors:
    """Attack where odds > 0.  order: what the AUC is of, where a threshold that differs by fold has moved the odds."""
    said = odds > EVEN
    live = examples.label == Label.LIVE.number
    area = auc(odds if order is None else order, examples.label)
    return Errors(float((~said[~live]).mean()), float(said[live].mean()), float(area))


def forgotten(head: Head, kept: Examples) -> tuple[float, float]:
    """AUC on the simulated faces that come along: of the model, and with the head."""
    return float(auc(kept.odds, kept.label)), float(auc(kept.odds + head(kept.joined), kept.label))


def _folds(examples: Examples) -> Iterator[NDArray[np.bool_]]:
    """Rows left out together: a live recording and one of attacks, or several; the same name stays on one side."""
    names = [examples.recordings(label) for label in Label]
    count = min(FOLDS, *(len(several) for several in names))
    both = sorted(set(names[0]) & set(names[1]))
    ordered = [[*both, *(name for name in several if name not in both)] for several in names]
    place = {name: number % count for several in ordered for number, name in enumerate(several)}
    number_of = np.array([place[name] for name in examples.recording.tolist()])
    for number in range(count):
        yield number_of == number
