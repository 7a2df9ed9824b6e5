"""Rates from counts by score bin, for many resamples at once: one row a resample, NaN where a rate is undefined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sincera.measures.arrays import Floats
from sincera.measures.rates import FPRS

# Below this many distinct scores each has a bin of its own, and resampling is exact.
EXACT_UP_TO = 1 << 15
BINS_PER_CLASS = 1536
BINS_OF_HIGHEST_LIVES = 512


class Counts(NamedTuple):
    """Counts of R resamples over B bins of rising score and S species; whole numbers held as float64.

    live, attack: (R, B) answered.  accepted, total: (R, S) attacks at or below the threshold, and answered attacks.
    silent: (R,) rows without a score.  at: the bin that ends with the threshold.
    """

    live: Floats
    attack: Floats
    accepted: Floats
    total: Floats
    silent: Floats
    at: int


class Bins(NamedTuple):
    """Upper ends of the bins, rising; the threshold is one of them. exact: no two distinct scores share a bin."""

    edges: Floats
    at: int
    exact: bool

    def of(self, scores: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The bin of each score: bin b holds what is above edge b-1 and up to edge b; the last has no upper end."""
        return np.searchsorted(self.edges, scores, side="left").astype(np.int64)


def make_bins(live: Floats, attack: Floats, threshold: float) -> Bins:
    """A bin for each distinct score, or quantile bins of both classes where there are too many.

    live, attack: sorted upwards. Quantile bins hold at most about 1/1536 of a class; the highest hundredth of the
    lives, where recall at a low false-positive rate is read, is divided more finely.
    """
    distinct = _distinct(live, attack)
    exact = distinct is not None
    if distinct is None:
        evenly = np.linspace(0, 1, BINS_PER_CLASS + 1)
        distinct = np.concatenate(
            (
                _quantiles(live, evenly),
                _quantiles(attack, evenly),
                _quantiles(live, np.linspace(0.99, 1, BINS_OF_HIGHEST_LIVES)),
            )
        )
    edges = np.unique(np.append(distinct, threshold))
    return Bins(edges, int(np.searchsorted(edges, threshold)), exact)


def rates_of(counts: Counts, species: Sequence[str]) -> dict[str, Floats]:
    """All rates of each resample: {name: (R,)}; `apcer:SPECIES` and `recall_at_fpr:RATE` name one of several."""
    lives, attacks = counts.live.sum(1), counts.attack.sum(1)
    up_to_live, up_to_attack = counts.live.cumsum(1), counts.attack.cumsum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = {"bpcer": (lives - up_to_live[:, counts.at]) / lives}
        by_species = counts.accepted / counts.total
        present = ~np.isnan(by_species)
        rates["apcer_max"] = np.where(present, by_species, -np.inf).max(1, initial=-np.inf)
        rates["apcer_max"][~present.any(1)] = np.nan
        rates["apcer_mean"] = np.where(present, by_species, 0).sum(1) / present.sum(1)
        rates["apcer_pooled"] = counts.accepted.sum(1) / counts.total.sum(1)
        rates["hter"] = (rates["apcer_pooled"] + rates["bpcer"]) / 2
        rates["acer"] = (rates["apcer_max"] + rates["bpcer"]) / 2
        rates["acer_pooled"] = rates["hter"]
        rates["auc"] = _auc(counts, up_to_live, lives, attacks)
        rates["eer"] = _eer(up_to_live, up_to_attack, lives, attacks)
        rates["non_response"] = counts.silent / (lives + attacks + counts.silent)
        rates |= {f"recall_at_fpr:{rate:g}": _recall(counts, up_to_attack, rate) for rate in FPRS}
    return rates | {f"apcer:{name}": by_species[:, code] for code, name in enumerate(species)}


def largest_errors(counts: Counts) -> tuple[float, float]:
    """How far the bins can move an AUC and an EER: pairs within a bin, and both classes' shares of the fullest bin."""
    live = counts.live[0] / counts.live[0].sum()
    attack = counts.attack[0] / counts.attack[0].sum()
    return float((live * attack).sum() / 2), float((live + attack).max() / 2)


def _auc(counts: Counts, up_to_live: Floats, lives: Floats, attacks: Floats) -> Floats:
    won = counts.attack * (up_to_live - counts.live / 2)
    return np.asarray(won.sum(1) / (lives * attacks))


def _eer(up_to_live: Floats, up_to_attack: Floats, lives: Floats, attacks: Floats) -> Floats:
    # In units of 1 / (lives · attacks), where whole numbers keep ties exact: FAR, then FRR; first below all scores.
    start = np.zeros((len(lives), 1))
    accepted = np.hstack((start, up_to_attack)) * lives[:, None]
    rejected = (lives[:, None] - np.hstack((start, up_to_live))) * attacks[:, None]
    apart = np.abs(accepted - rejected)
    tied = apart == apart.min(1, keepdims=True)
    smallest = np.where(tied, accepted + rejected, np.inf).min(1)
    both = lives * attacks
    return np.asarray(np.where(both > 0, smallest, np.nan) / (2 * both))


def _recall(counts: Counts, up_to_attack: Floats, rate: float) -> Floats:
    lives = counts.live.sum(1)
    # As in rates.most_errors: the largest count k with k / lives ≤ rate, in floats.
    allowed = np.floor(rate * lives) + 1
    for _ in range(2):
        allowed -= allowed / np.maximum(lives, 1) > rate
    number = np.maximum(allowed, 1)
    at_or_above = counts.live[:, ::-1].cumsum(1)[:, ::-1]
    place = (at_or_above >= number[:, None]).sum(1) - 1
    attacks = counts.attack.sum(1)
    found = attacks - up_to_attack[np.arange(len(place)), np.maximum(place, 0)]
    return np.asarray(np.where(lives > 0, found, np.nan) / attacks)


def _distinct(live: Floats, attack: Floats) -> Floats | None:
    steps = sum(1 + int(np.count_nonzero(np.diff(values))) for values in (live, attack) if len(values))
    if steps > EXACT_UP_TO:
        return None
    return np.union1d(live, attack)


def _quantiles(values: Floats, shares: Floats) -> Floats:
    if not len(values):
        return values
    return values[np.round(shares * (len(values) - 1)).astype(np.int64)]
