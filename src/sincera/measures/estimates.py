"""Every rate of some rows at a threshold, exactly, under flat names: what intervals are put around."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sincera.clip import ATTACK, LIVE
from sincera.measures.arrays import Floats
from sincera.measures.operating import equal_error_of_sorted
from sincera.measures.rates import (
    FPRS,
    acer,
    apcer_max,
    apcer_mean,
    auc_of_sorted,
    recall_of_sorted,
    rule_of_three,
)
from sincera.measures.table import ScoreTable

SPECIES = "apcer:"
RECALLS = tuple(f"recall_at_fpr:{rate:g}" for rate in FPRS)


class Estimates(NamedTuple):
    """rates: by flat name, those that are defined; species (`apcer:print`) the worst first.

    totals: how many answers a rate is a share of, for those that count cases (BPCER, APCER by species and pooled,
    non-response).
    """

    rates: dict[str, float]
    totals: dict[str, int]

    @property
    def species(self) -> list[str]:
        """The species' names, the worst first."""
        return [name.removeprefix(SPECIES) for name in self.rates if name.startswith(SPECIES)]

    def bound(self, name: str) -> float | None:
        """What a rate may still be of which no case was seen, by the rule of three; None for other kinds of rate."""
        if name in self.totals:
            return rule_of_three(self.totals[name])
        by_species = {one: rule_of_three(total) for one, total in self.totals.items() if one.startswith(SPECIES)}
        if name == "apcer_max":
            return apcer_max(by_species)
        if name == "apcer_mean":
            return apcer_mean(by_species)
        if name == "acer":
            return acer(apcer_max(by_species), rule_of_three(self.totals["bpcer"]))
        if name in ("hter", "eer", "acer_pooled"):
            return acer(rule_of_three(self.totals["apcer_pooled"]), rule_of_three(self.totals["bpcer"]))
        return None

    def widened(self, name: str, ends: tuple[float, float]) -> tuple[float, float]:
        """An interval from resampling, opened by the rule of three where no case was seen, or nothing but cases.

        It is opened up to the estimate too, which a resampled extreme (recall at a low false-positive rate) can leave.
        """
        rate = self.rates[name]
        ends = (min(ends[0], rate), max(ends[1], rate))
        bound = self.bound(name) if rate in (0, 1) else None
        if bound is None:
            return ends
        return (ends[0], max(ends[1], bound)) if rate == 0 else (min(ends[0], 1 - bound), ends[1])


def answered_by_class(rows: ScoreTable) -> tuple[Floats, Floats]:
    """Scores of lives and of attacks that have one, each sorted upwards."""
    live = np.sort(rows.score[rows.answered & (rows.label == LIVE)])
    return live, np.sort(rows.score[rows.answered & (rows.label == ATTACK)])


def estimate(rows: ScoreTable, threshold: float) -> Estimates:
    """The exact rates; those that need a class without answers are left out."""
    live, attack = answered_by_class(rows)
    rates: dict[str, float] = {"non_response": float(np.mean(~rows.answered))}
    totals = {"non_response": len(rows)}
    if len(live):
        rates["bpcer"], totals["bpcer"] = float(np.mean(live > threshold)), len(live)
    if len(attack):
        rates["apcer_pooled"], totals["apcer_pooled"] = float(np.mean(attack <= threshold)), len(attack)
        attacks = rows.answered & (rows.label == ATTACK)
        codes, names = rows.species_codes
        sizes = np.bincount(codes[attacks], minlength=len(names))
        accepted = np.bincount(codes[attacks], weights=rows.score[attacks] <= threshold, minlength=len(names))
        shares = {name: float(accepted[code] / sizes[code]) for code, name in enumerate(names) if sizes[code]}
        by_species = {name: shares[name] for name in sorted(shares, key=lambda one: (-shares[one], one))}
        rates |= {SPECIES + name: rate for name, rate in by_species.items()}
        totals |= {SPECIES + name: int(sizes[names.index(name)]) for name in by_species}
        rates["apcer_max"], rates["apcer_mean"] = apcer_max(by_species), apcer_mean(by_species)
    if len(live) and len(attack):
        rates["hter"] = rates["acer_pooled"] = acer(rates["apcer_pooled"], rates["bpcer"])
        rates["acer"] = acer(rates["apcer_max"], rates["bpcer"])
        rates["auc"], rates["eer"] = auc_of_sorted(live, attack), equal_error_of_sorted(live, attack).hter
        rates |= {name: recall_of_sorted(live, attack, rate) for name, rate in zip(RECALLS, FPRS, strict=True)}
    return Estimates(rates, totals)
