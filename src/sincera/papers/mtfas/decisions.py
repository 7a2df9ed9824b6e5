"""Rates by other units: a frame decides instead of a video, a medium counts instead of one make of it.

The paper says neither whether it decides by frame nor over which attacks its APCER is taken, so its tables stand
beside all of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from sincera.measures import fit_threshold, target_threshold
from sincera.measures.estimates import estimate
from sincera.measures.table import ScoreTable
from sincera.papers.measured import Figure, Measured


def by_frame(measured: Measured, policy: str) -> Figure | None:
    """ACER over all attacks where every frame is a decision, at the frames' own equal-error threshold.

    The threshold is source validation's under ST and the target's under TT; None for LE, whose ten steps differ.
    """
    if policy not in ("ST", "TT") or policy not in measured.policies:
        return None
    found = []
    for run in measured.runs:
        measures = run.measures()
        assert measures is not None  # `policies` has read it
        step = int(measures["policies"][policy]["steps"][0])
        target, source = run.target_scores(step), run.source_scores(step)
        if policy == "TT":
            threshold = target_threshold(target, unit="frame")
        else:
            assert source is not None  # without it there is no ST
            threshold = fit_threshold(source, unit="frame")
        found.append(estimate(target, threshold.value).rates.get("acer_pooled"))
    return Figure.of(found)


def by_medium(measured: Measured, policy: str) -> Figure | None:
    """OULU-NPU's official ACER: the worse of print and display, both makes of each together; None for LE."""
    if policy not in ("ST", "TT") or policy not in measured.policies:
        return None
    scores = measured.scores(policy)
    return Figure.of([estimate(_by_medium(table), threshold).rates.get("acer") for table, threshold in scores])


def _by_medium(table: ScoreTable) -> ScoreTable:
    if table.attack is None:
        return table
    return replace(table, attack=np.array(list(_media(table.attack.tolist())), dtype=object))


def _media(species: Iterable[str]) -> Iterable[str]:
    """The part of a species before its make.

    >>> list(_media(["print/1", "display/2", ""]))
    ['print', 'display', '']
    """
    return (name.partition("/")[0] for name in species)
