"""Tables V and VI: CelebA-Spoof, whose one domain leaves the attack nothing to hide: both teachers on clean images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sincera.papers import words
from sincera.papers.dtda.tasks import OURS
from sincera.papers.dtda.variants import V4
from sincera.papers.faces import Faces
from sincera.papers.grid import Grid, Plan, run_grid
from sincera.papers.measured import POLICIES, Figure, Measured
from sincera.papers.published import Values, values_of
from sincera.papers.table import MISSING, Block, PaperTable
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
    grid, notes, data = _run(faces, plan, track)
    printed = values_of("dtda/5")
    blocks = []
    for protocol in plan.protocols or TASKS:
        measured = _of(grid, protocol)
        lines = [_printed(printed, TASKS.get(protocol, ""), OURS), *_measured(measured)]
        blocks.append(Block(protocol, _columns(), tuple(lines), _told(measured)))
    if all(protocol in (plan.protocols or TASKS) for protocol in TWO):
        lines = [_printed(printed, "CelebA-Spoof 2 Average", OURS), *_average(grid)]
        blocks.append(Block("celeba/2, average of its parts", _columns(), tuple(lines)))
    return PaperTable("dtda/5", "DTDA, Table V: CelebA-Spoof", tuple(blocks), notes, data)


def six(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table VI: the same beside the rivals' printed rows."""
    plan = replace(plan, protocols=tuple(TASKS))
    grid, notes, data = _run(faces, plan, track)
    printed = values_of("dtda/6")
    methods = dict.fromkeys(method for _, method, _ in printed)
    first = [_printed(printed, "CelebA-Spoof 1", method) for method in methods]
    second = [_printed(printed, "CelebA-Spoof 2", method) for method in methods]
    blocks = (
        Block(ONE, _columns(), (*first, *_measured(_of(grid, ONE))), _told(_of(grid, ONE))),
        Block("celeba/2, average of its parts", _columns(), (*second, *_average(grid))),
    )
    return PaperTable("dtda/6", "DTDA, Table VI: CelebA-Spoof, beside rivals", blocks, notes, data)


def _run(faces: Faces, plan: Plan, track: Track) -> tuple[Grid, tuple[str, ...], dict[str, Any]]:
    # The owner's lists are the protocols: no convention of cross-data-set lists applies.
    plan = replace(plan, lists=("all",), protocols=plan.protocols or tuple(TASKS))
    plan.cells((V4,), plan.protocols)
    store, clips = faces.store(DOMAIN)
    grid = run_grid((V4,), plan.protocols, store, plan, clips=clips, track=track)
    cells = [
        {"row": V4.name, "method": V4.method, "set": list(V4.sets), "protocol": protocol}
        | words.figures(_of(grid, protocol), RATES)
        for protocol in plan.protocols
    ]
    data = words.origin(plan, store)
    del data["lists"]
    return grid, (*words.settings(plan, store, grid), *NOTES), {**data, "cells": cells}


def _of(grid: Grid, protocol: str) -> Measured:
    return grid[V4.name, protocol, "all"]


def _told(measured: Measured) -> tuple[str, ...]:
    """Who was trained and tested, and whom the owner's lists have on two sides, of the first seed."""
    return (*words.counted(measured), *(f"{note}." for note in measured.infos[0]["notes"]))


def _columns() -> tuple[str, ...]:
    return ("", *(name.removesuffix("(%)") for name in RATES.values()))


def _printed(values: Values, task: str, method: str) -> tuple[str, ...]:
    found = [values.get((task, method, metric)) for metric in RATES.values()]
    return (f"{method}, printed", *(MISSING if one is None else one.text for one in found))


def _measured(measured: Measured) -> list[tuple[str, ...]]:
    return [_line(f"DTDA, {policy}", [measured.figure(policy, rate) for rate in RATES]) for policy in POLICIES]


def _average(grid: Grid) -> list[tuple[str, ...]]:
    """Protocol 2 has no recall in the paper, and so none here."""
    lines = []
    for policy in POLICIES:
        figures = []
        for rate in RATES:
            parts = [_of(grid, protocol).figure(policy, rate) for protocol in TWO]
            means = [None if part is None else part.mean for part in parts]
            figures.append(None if rate.startswith("recall") else Figure.of(means))
        lines.append(_line(f"DTDA, {policy}", figures))
    return lines


def _line(name: str, figures: Sequence[Figure | None]) -> tuple[str, ...]:
    return (name, *(MISSING if one is None else one.precise for one in figures))
