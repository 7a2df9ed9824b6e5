"""Fig. 7: the detector's error against γ, by which MT_v follows MT_t; the printed points beside ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sincera.papers.figures import Bench, Drawing
from sincera.papers.means import over_seeds
from sincera.papers.measured import Measured
from sincera.papers.mtfas.figures.shown import task_of
from sincera.papers.mtfas.figures.teachers import check_own
from sincera.papers.mtfas.variants import CURVE, GAMMAS
from sincera.papers.published import published
from sincera.plots import Band, Panel, bands

PROTOCOLS = ("oulu/1",)
RATES = ("acer_pooled", "acer", "hter", "bpcer", "apcer_max", "auc")
SHOWN = "acer_pooled"  # as the paper's own code takes all attacks together


def draw(bench: Bench) -> Drawing:
    """FAS-DR under a teacher of each γ, one of each a seed, at the headline policy's threshold."""
    protocol = task_of(bench, CURVE, PROTOCOLS)
    check_own(bench, CURVE[-1])
    wanted = [(row, protocol, seed) for row in CURVE for seed in bench.seeds]
    runs = iter(bench.runs(wanted))
    measured = {gamma: Measured(tuple(next(runs) for _ in bench.seeds)) for gamma in GAMMAS}
    policy = "ST" if all(one.headline == "ST" for one in measured.values()) else "TT"
    rates = {
        gamma: {rate: _values(one, policy, rate, len(bench.seeds)) for rate in RATES} for gamma, one in measured.items()
    }
    drawing = gamma_figure(rates, policy, bench.protocol(protocol).title)
    counts = measured[GAMMAS[0]].counts
    head = {"protocol": bench.protocol(protocol).title, "tested": counts["test"]}
    return Drawing(drawing.picture, {**head, **drawing.numbers, **bench.origin()})


def _values(measured: Measured, policy: str, rate: str, seeds: int) -> list[float | None]:
    figure = measured.figure(policy, rate)
    return [None] * seeds if figure is None else list(figure.values)


def printed() -> dict[float, float]:
    """{γ: ACER in [0, 1]} of the points that the paper states in words.

    >>> printed()
    {0.999: 0.006, 0.9: 0.053}
    """
    found = {}
    for one in published("mtfas/fig7"):
        gamma = re.search(r"gamma=([0-9.]+)", one.method)
        if gamma and one.metric == "ACER(%)" and one.value is not None:
            found[float(gamma[1])] = round(one.value / 100, 6)
    return found


def gamma_figure(
    rates: Mapping[float, Mapping[str, Sequence[float | None]]], policy: str, protocol: str
) -> Drawing:  # fmt: skip
    """{γ: {rate: a value a seed}} → the curve, and below it the printed points on a scale of their own."""
    gammas = list(rates)
    places = list(range(len(gammas)))
    ours = np.array([[np.nan if v is None else v for v in rates[gamma][SHOWN]] for gamma in gammas], np.float64).T
    stated = printed()
    theirs = np.array([[stated.get(gamma, np.nan) for gamma in gammas]])
    means = {gamma: over_seeds(rates[gamma][SHOWN])["mean"] for gamma in gammas}
    known = {gamma: mean for gamma, mean in means.items() if mean is not None}
    least = min(known, key=lambda gamma: known[gamma]) if known else None
    picture = bands(
        [
            Panel(f"ours, {protocol}: pooled ACER ({policy})", {"FAS-DR(MT), ours": Band(places, ours)}, rate=True),
            Panel("printed, OULU-NPU 1: ACER, as far as it is stated",
                  {"FAS-DR(MT), printed": Band(places, theirs, joined=False)}, rate=True),
        ],
        name="mtfas-7", x_label="γ", ticks={i: f"{gamma:g}" for i, gamma in enumerate(gammas)},
        alt=f"Error of FAS-DR(MT) against γ on {protocol}: "
        + ", ".join(f"{gamma:g} {mean:.1%}" for gamma, mean in known.items())
        + (f"; least at {least:g}" if least is not None else "")
        + ". Printed: " + ", ".join(f"{gamma:g} {value:.1%}" for gamma, value in stated.items()) + ".",
    )  # fmt: skip
    numbers: dict[str, Any] = {
        "policy": policy,
        "shown": SHOWN,
        "measured": {f"{gamma:g}": {rate: over_seeds(one) for rate, one in of.items()} for gamma, of in rates.items()},
        "printed_acer": {f"{gamma:g}": value for gamma, value in stated.items()},
        "least_at": least,
    }
    return Drawing(picture, numbers)
