"""Tables V and VI: CelebA-Spoof, whose one domain leaves the attack nothing to hide: both teachers on clean images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sincera.data.store import Store
from sincera.papers import words
from sincera.papers.dtda.tasks import OURS
from sincera.papers.dtda.variants import V4
from sincera.papers.faces import Faces
from sincera.papers.grid import Grid, Plan, run_grid
from sincera.papers.intervals import NOTE, Intervals, intervals, intervals_of_grid
from sincera.papers.measured import POLICIES, Figure, Measured
from sincera.papers.published import Values, values_of
from sincera.papers.table import MISSING, Block, PaperTable, between
from sincera.progress import Track, silent

DOMAIN = "S"
ONE, TWO = "celeba/1", {"celeba/2/low": "Low", "celeba/2/middle": "Middle", "celeba/2/high": "High"}
TASKS: Mapping[str, str] = {ONE: "CelebA-Spoof 1", **{name: f"CelebA-Spoof 2 {part}" for name, part in TWO.items()}}
RATES: Mapping[str, str] = {
    "recall_at_fpr:0.01": "TPR@FPR=1%",
    "recall_at_fpr:0.005": "TPR@FPR=0.5%",
    "recall_at_fpr:0.001": "TPR@FPR=0.1%",
    "auc": "AUC(%)",
    "apcer_pooled": "APCER(%)",
    "bpcer": "BPCER(%)",
    "acer_pooled": "ACER(%)",
    "apcer_max": "worst APCER",
    "acer": "worst ACER",
}
NOTES = (
    "Headed FPR@Recall in the paper: recall of attacks at that false-positive rate on lives, higher is better.",
    "APCER and ACER pool all attacks, as printed; `worst` takes the worst species. DTDA's printed rows have APCER ≈ "
    "BPCER, an equal-error threshold on the test itself, so compare them with TT; AENet's and DPM's have not.",
    "Protocol 2's average: mean ± sample standard deviation over its three parts, each first averaged over seeds.",
)


def five(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table V: every part of both protocols."""
    ours = _run(faces, plan, track)
    printed = values_of("dtda/5")
    blocks = []
    for protocol in plan.protocols or TASKS:
        lines = [_printed(printed, TASKS.get(protocol, ""), OURS), *ours.lines(protocol)]
        blocks.append(Block(protocol, _columns(), tuple(lines), ours.told(protocol)))
    if ours.parts:
        lines = [_printed(printed, "CelebA-Spoof 2 Average", OURS), *ours.average()]
        blocks.append(Block("celeba/2, average of its parts", _columns(), tuple(lines)))
    return PaperTable("dtda/5", "DTDA, Table V: CelebA-Spoof", tuple(blocks), ours.notes, ours.data())


def six(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table VI: the same beside the rivals' printed rows."""
    ours = _run(faces, replace(plan, protocols=tuple(TASKS)), track)
    printed = values_of("dtda/6")
    methods = dict.fromkeys(method for _, method, _ in printed)
    first = [_printed(printed, "CelebA-Spoof 1", method) for method in methods]
    second = [_printed(printed, "CelebA-Spoof 2", method) for method in methods]
    blocks = (
        Block(ONE, _columns(), (*first, *ours.lines(ONE)), ours.told(ONE)),
        Block("celeba/2, average of its parts", _columns(), (*second, *ours.average())),
    )
    return PaperTable("dtda/6", "DTDA, Table VI: CelebA-Spoof, beside rivals", blocks, ours.notes, ours.data())


class _Ours:
    """What was measured on every protocol, and on average over those of protocol 2, with intervals."""

    def __init__(self, grid: Grid, plan: Plan, store: Store, track: Track) -> None:
        self._measured = {protocol: grid[V4.name, protocol, "all"] for protocol in plan.protocols}
        self._ends = intervals_of_grid(self._measured, rounds=plan.rounds, track=track)
        self.notes = (*words.settings(plan, store, grid), NOTE, *NOTES)
        self._origin = words.origin(plan, store)
        del self._origin["lists"]
        known = all(protocol in self._measured for protocol in TWO)
        self.parts = [self._measured[protocol] for protocol in TWO] if known else []
        self._of_average = intervals(self.parts, rounds=plan.rounds) if known else {}

    def told(self, protocol: str) -> tuple[str, ...]:
        """Who was trained and tested, and whom the owner's lists have on two sides, of the first seed."""
        measured = self._measured[protocol]
        return (*words.counted(measured), *(f"{note}." for note in measured.infos[0]["notes"]))

    def lines(self, protocol: str) -> list[tuple[str, ...]]:
        measured = self._measured[protocol]
        return _lines({policy: _figures(measured, policy) for policy in POLICIES}, self._ends[protocol])

    def average(self) -> list[tuple[str, ...]]:
        """Protocol 2 has no recall in the paper, and so none here."""
        return _lines({policy: self._average(policy) for policy in POLICIES}, self._of_average)

    def data(self) -> dict[str, Any]:
        """For JSON."""
        cells = [
            {"row": V4.name, "method": V4.method, "set": list(V4.sets), "protocol": protocol}
            | words.figures(measured, tuple(RATES), self._ends[protocol])
            for protocol, measured in self._measured.items()
        ]
        policies = {
            policy: {
                rate: words.plain(figure, words.ends_of(self._of_average, policy, rate))
                for rate, figure in self._average(policy).items()
            }
            for policy in POLICIES
        }
        mean = {"row": V4.name, "protocols": list(TWO), "sd": "over parts", "policies": policies}
        return {**self._origin, "cells": cells, "means": [mean] if self.parts else []}

    def _average(self, policy: str) -> dict[str, Figure | None]:
        found: dict[str, Figure | None] = {}
        for rate in RATES:
            parts = [part.figure(policy, rate) for part in self.parts]
            means = [None if part is None else part.mean for part in parts]
            found[rate] = None if rate.startswith("recall") else Figure.of(means)
        return found


def _run(faces: Faces, plan: Plan, track: Track) -> _Ours:
    # The owner's lists are the protocols: no convention of cross-data-set lists applies.
    plan = replace(plan, lists=("all",), protocols=plan.protocols or tuple(TASKS))
    plan.check((V4,), plan.protocols, faces.domains(DOMAIN))
    store, clips = faces.store(DOMAIN)
    grid = run_grid((V4,), plan.protocols, store, plan, clips=clips, track=track)
    return _Ours(grid, plan, store, track)


def _columns() -> tuple[str, ...]:
    return ("", *(name.removesuffix("(%)") for name in RATES.values()))


def _printed(values: Values, task: str, method: str) -> tuple[str, ...]:
    found = [values.get((task, method, metric)) for metric in RATES.values()]
    return (f"{method}, printed", *(MISSING if one is None else one.text for one in found))


def _figures(measured: Measured, policy: str) -> dict[str, Figure | None]:
    return {rate: measured.figure(policy, rate) for rate in RATES}


def _lines(figures: Mapping[str, Mapping[str, Figure | None]], ends: Intervals) -> list[tuple[str, ...]]:
    """A line a policy, and one with its intervals below: nine columns leave no room beside."""
    lines = []
    for policy, rates in figures.items():
        lines.append((f"DTDA, {policy}", *(MISSING if one is None else one.precise for one in rates.values())))
        if policy in ends:
            known = [None if one is None else words.ends_of(ends, policy, rate) for rate, one in rates.items()]
            lines.append((f"DTDA, {policy}, 95 %", *(between(one, digits=2) for one in known)))
    return lines
