"""Error rates of scores that rise with attack: attack if score > threshold, live if score ≤ threshold.

Labels are 0 for live and 1 for attack; a threshold is a number or a `Threshold`. One class missing, NaN and infinite
scores are a `ScoreError`; a name in capitals is that of ISO/IEC 30107-3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sincera.errors import ScoreError
from sincera.measures.arrays import Floats, by_class, finite, value_of
from sincera.measures.operating import Grid, equal_error, most_errors
from sincera.measures.threshold import Threshold

FPRS = (0.01, 0.005, 0.001)


def far(scores: npt.ArrayLike, labels: npt.ArrayLike, threshold: float | Threshold) -> float:
    """Share of all attacks taken for live (false acceptance).

    >>> far([0.1, 0.4, 0.8], [0, 1, 1], threshold=0.5)
    0.5
    """
    _, attack = by_class(scores, labels)
    return float(np.mean(attack <= value_of(threshold)))


def frr(scores: npt.ArrayLike, labels: npt.ArrayLike, threshold: float | Threshold) -> float:
    """Share of lives taken for attack (false rejection); equals BPCER.

    >>> frr([0.1, 0.6, 0.8], [0, 0, 1], threshold=0.5)
    0.5
    """
    live, _ = by_class(scores, labels)
    return float(np.mean(live > value_of(threshold)))


def hter(scores: npt.ArrayLike, labels: npt.ArrayLike, threshold: float | Threshold) -> float:
    """Half total error rate, (FAR + FRR) / 2, at a threshold that was fixed beforehand.

    >>> hter([0.1, 0.6, 0.4, 0.8], [0, 0, 1, 1], threshold=0.5)
    0.5
    """
    live, attack = by_class(scores, labels)
    value = value_of(threshold)
    return float(np.mean(attack <= value) + np.mean(live > value)) / 2


def eer(scores: npt.ArrayLike, labels: npt.ArrayLike, *, grid: Grid = "exact") -> float:
    """Equal error rate: (FAR + FRR) / 2 where |FAR - FRR| is smallest. `equal_error` gives the threshold too.

    >>> eer([0.1, 0.6, 0.4, 0.8], [0, 0, 1, 1])
    0.5
    """
    return equal_error(scores, labels, grid=grid).hter


def auc(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Area under the ROC curve: how often an attack scores above a live one; a tie counts half.

    >>> auc([0.1, 0.6, 0.6, 0.8], [0, 0, 1, 1])
    0.875
    """
    return auc_of_sorted(*by_class(scores, labels))


def auc_of_sorted(live: Floats, attack: Floats) -> float:
    """`auc` for scores that are split by class and sorted upwards already."""
    lower = int(np.searchsorted(live, attack, side="left").sum())
    up_to = int(np.searchsorted(live, attack, side="right").sum())
    return (lower + up_to) / (2 * len(live) * len(attack))


def bpcer(scores: npt.ArrayLike, threshold: float | Threshold) -> float:
    """Share of lives taken for attack (BPCER).

    scores: (N,) of lives only.

    >>> bpcer([0.1, 0.2, 0.7, 0.3], threshold=0.5)
    0.25
    """
    return float(np.mean(_some(scores, "live") > value_of(threshold)))


def apcer(
    scores: npt.ArrayLike, species: Sequence[str] | npt.ArrayLike, threshold: float | Threshold
) -> dict[str, float]:
    """Share of attacks taken for live, per species (APCER), in the order in which the species first appear.

    scores: (N,) of attacks only.  species: (N,) names.  A score ≤ threshold counts as live.

    >>> apcer([0.9, 0.1, 0.8, 0.7], ["print", "print", "mask", "mask"], threshold=0.5)
    {'print': 0.5, 'mask': 0.0}
    """
    accepted = _some(scores, "attack") <= value_of(threshold)
    names = np.asarray(species, dtype=object)
    if names.shape != accepted.shape:
        raise ScoreError(f"found {len(accepted)} scores but species of shape {names.shape}; expected one a score.")
    index = {name: code for code, name in enumerate(dict.fromkeys(names.tolist()))}
    codes = np.fromiter(map(index.__getitem__, names.tolist()), dtype=np.intp, count=len(names))
    shares = np.bincount(codes, weights=accepted) / np.bincount(codes)
    return {str(name): float(shares[code]) for name, code in index.items()}


def apcer_max(by_species: Mapping[str, float]) -> float:
    """The worst species' APCER: what ISO/IEC 30107-3 asks for.

    >>> apcer_max({"print": 0.0, "mask": 0.5})
    0.5
    """
    return max(by_species.values())


def apcer_mean(by_species: Mapping[str, float]) -> float:
    """Mean of the species' APCERs, each counted once whatever its size.

    >>> apcer_mean({"print": 0.0, "mask": 0.5})
    0.25
    """
    return sum(by_species.values()) / len(by_species)


def acer(attack_error: float, live_error: float) -> float:
    """Average of an APCER (say which: max, mean or pooled) and BPCER.

    >>> acer(0.5, 0.1)
    0.3
    """
    return (attack_error + live_error) / 2


def recall_at_fpr(scores: npt.ArrayLike, labels: npt.ArrayLike, rate: float) -> float:
    """Share of attacks found when at most `rate` of the lives are rejected (never more).

    The threshold is the live score number max(1, floor(rate · lives)) from above, as in CelebA-Spoof's code; an
    attack must score strictly above it.

    >>> recall_at_fpr([0.1, 0.2, 0.3, 0.25, 0.9], [0, 0, 0, 1, 1], 0.01)
    0.5
    """
    live, attack = by_class(scores, labels)
    return recall_of_sorted(live, attack, rate)


def recall_of_sorted(live: Floats, attack: Floats, rate: float) -> float:
    """`recall_at_fpr` for scores that are split by class and sorted upwards already."""
    if not 0 <= rate <= 1:
        raise ScoreError(f"false-positive rate: found {rate}, expected a rate from 0 to 1.")
    number = max(1, most_errors(rate, len(live)))
    found = len(attack) - np.searchsorted(attack, live[len(live) - number], side="right")
    return float(found / len(attack))


def rule_of_three(total: int) -> float:
    """Upper 95 % bound of a rate of which `total` independent trials showed no case: 3 / total, at most 1.

    >>> rule_of_three(60), rule_of_three(2)
    (0.05, 1.0)
    """
    if total < 1:
        raise ScoreError(f"rule of three: found {total} trials, expected at least one.")
    return min(1.0, 3 / total)


def _some(scores: npt.ArrayLike, kind: str) -> Floats:
    numbers = finite(scores)
    if not len(numbers):
        raise ScoreError(f"found no {kind} score; the rate needs at least one.")
    return numbers
