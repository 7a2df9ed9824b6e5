"""Intervals around the estimates of one table, and what a reader has to know about them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sincera.measures.arrays import Floats
from sincera.measures.bootstrap import Resampler, Units, percentiles
from sincera.measures.estimates import RECALLS, Estimates
from sincera.measures.table import ScoreTable
from sincera.progress import Track, silent

# Rates whose resamples see score bins only; they are moved so that the bins' own estimate falls on the exact one.
_BINNED = ("auc", "eer", *RECALLS)


class Plan(NamedTuple):
    """How to resample. one_by_one: draw every unit itself, as comparing tables needs (`Resampler`)."""

    rounds: int = 1000
    seed: int = 0
    one_by_one: bool = False


class Resampled(NamedTuple):
    """replicates: {flat name: (rounds,)}; intervals: {flat name: (low, high)}; both empty where nothing was drawn."""

    replicates: dict[str, Floats]
    intervals: dict[str, tuple[float, float]]
    notes: tuple[str, ...]


def resample(
    rows: ScoreTable, threshold: float, units: Units, estimates: Estimates, plan: Plan, track: Track = silent
) -> Resampled:
    """Draw units again and again, at a threshold that stays as it is."""
    if plan.rounds < 1:
        return Resampled({}, {}, ())
    notes = [] if units.kind == "subjects" else [f"no subject column, so the intervals resample {units.kind}"]
    if units.total < 2:
        notes.append(f"all rows are of one {units.kind.removesuffix('s')}, so nothing can be resampled: no intervals")
        return Resampled({}, {}, tuple(notes))
    resampler = Resampler(rows, threshold, units=units, one_by_one=plan.one_by_one)
    replicates = resampler.replicates(plan.rounds, plan.seed, track)
    rates = estimates.rates
    if not resampler.exact and "auc" in rates:
        seen = resampler.once()
        for name in _BINNED:
            replicates[name] = np.clip(replicates[name] + rates[name] - seen[name], 0, 1)
        auc_error, eer_error = resampler.bin_errors()
        notes.append(
            f"resamples count by {resampler.bins} score bins, one ending at the threshold; this moves a resampled AUC "
            f"by at most {auc_error:.1g} and EER by {eer_error:.1g}; point estimates, APCER and BPCER are exact"
        )
    undefined = int(np.isnan(replicates["hter"]).sum()) if "hter" in rates else 0
    if undefined:
        notes.append(f"{undefined} of {plan.rounds} resamples drew one class only and are left out of the intervals")
    if rates.get("auc") == 1:
        notes.append("the classes do not overlap, and resampling cannot show an AUC below 1 then")
    found = {name: percentiles(replicates[name]) for name in rates}
    intervals = {name: estimates.widened(name, ends) for name, ends in found.items() if ends is not None}
    return Resampled(replicates, intervals, tuple(notes))
