"""Tables 3 and 5: the four-domain benchmark, FAS-DR-BC and RFMetaFAS, and every rival of the meta-teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sincera.data.protocols.protocol import Convention
from sincera.papers import words
from sincera.papers.dtda.tables.ablation import compared
from sincera.papers.dtda.tasks import RATES
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan, Variant
from sincera.papers.measured import POLICIES
from sincera.papers.mtfas import effects, wording
from sincera.papers.mtfas.effects import Claim, Effect
from sincera.papers.mtfas.results import Results
from sincera.papers.mtfas.tasks import FOUR, FOUR_GROUPS
from sincera.papers.mtfas.trained import Trained, train_rows
from sincera.papers.mtfas.variants import BC_DEPTH, BC_MT, RF_DEPTH, RF_MT, THREE, controls, rivals
from sincera.papers.published import Values, values_of
from sincera.papers.table import MISSING, Block, PaperTable
from sincera.progress import Track, silent

NAMES: Mapping[str, str] = {"hter": "HTER", "auc": "AUC"}
FRAMES = "Clips are scored by the mean of their frames; RFMetaFAS's own code reports single frames."
OFFICIAL = "RFMetaFAS [51] is the official row; RFMetaFAS* is what the paper measured itself, and ours stand for that."


def three(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table 3: two detectors under depth and under a meta-teacher, beside the rivals' printed rows."""
    rows = plan.chosen(THREE)
    claims = (Claim(BC_MT, (BC_DEPTH,)), Claim(RF_MT, (RF_DEPTH,)))
    title = "MT-FAS, Table 3: leave-one-out tasks"
    return _table("mtfas/3", title, rows, claims, faces, plan, track, beside=True)


def five(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table 5: FAS-DR-BC under every teacher; with `plan.extra` under the label and under true masks too."""
    known = rivals("fasdr_bc")
    rows = plan.chosen((*known, *controls("fasdr_bc")) if plan.extra or plan.variants else known)
    claims = (Claim(known[-1], (*known[:-1], *controls("fasdr_bc"))),)
    title = "MT-FAS, Table 5: teachers on leave-one-out tasks"
    return _table("mtfas/5", title, rows, claims, faces, plan, track, beside=False)


def _table(
    name: str,
    title: str,
    rows: Sequence[Variant],
    claims: Sequence[Claim],
    faces: Faces,
    plan: Plan,
    track: Track,
    *,
    beside: bool,
) -> PaperTable:
    """Rows below each other on each task, the claims, and where wanted a grid of all printed rows.

    What a protocol lacks is an error here: four whole data sets have no such gaps.
    """
    plan = replace(plan, protocols=plan.protocols or tuple(group.protocols[0] for group in FOUR_GROUPS))
    made = train_rows(rows, FOUR_GROUPS, faces, plan, FOUR, track=track)
    shown = compared(name, title, rows, faces, plan, printed_in=name, track=track)
    printed = values_of(name)
    blocks = list(shown.blocks)
    data: list[dict[str, Any]] = []
    for lists in plan.lists:
        values = printed if lists in words.COMPARABLE else {}
        results = _results(rows, made, plan, lists)
        found = effects.effects(claims, results, values, rate="hter", metric="HTER(%)", groups=made.groups)
        blocks += [_beside(rate, results, values) for rate in RATES] if beside and values else []
        blocks += effects.block(found, name="HTER", lists=lists)
        data += [_plain(one, lists) for one in found]
    further = (FRAMES, OFFICIAL) if beside else (FRAMES,)
    notes = (*wording.trained(plan, rows), *shown.notes, *further, effects.NOTE, *wording.remarks(printed))
    plain = {**shown.data, "printed": wording.plain(printed), "effects": data}
    return PaperTable(name, title, tuple(blocks), notes, plain)


def _results(rows: Sequence[Variant], made: Trained, plan: Plan, lists: Convention) -> Results:
    return Results(rows, made.groups, made.grid, rates=NAMES, rounds=plan.rounds, lists=lists, ends=False)


def _beside(rate: str, results: Results, printed: Values) -> Block:
    """One rate: tasks beside each other, printed rows first; our intervals stand in the blocks before."""
    lines: list[tuple[str, ...]] = []
    for method in wording.methods_of(printed):
        cells = [printed.get((group.printed, method, RATES[rate])) for group in results.groups]
        lines.append((f"{method}, printed", *(MISSING if cell is None else cell.text for cell in cells)))
    for row in results.rows:
        for policy in POLICIES:
            texts = [results.text(row, group, policy, rate) for group in results.groups]
            lines.append((f"{row.title}, {policy}", *texts))
    title = f"{NAMES[rate]} beside every printed row, lists {results.lists}"
    return Block(title, (NAMES[rate], *(group.title for group in results.groups)), tuple(lines))


def _plain(effect: Effect, lists: Convention) -> dict[str, Any]:
    return {**effect.to_dict(), "lists": lists}
