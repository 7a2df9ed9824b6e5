"""Table 2: SiW-M, each of thirteen kinds of attack held back once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sincera.papers import words
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan
from sincera.papers.measured import POLICIES
from sincera.papers.mtfas import effects, wording
from sincera.papers.mtfas.effects import Claim
from sincera.papers.mtfas.results import Results
from sincera.papers.mtfas.tasks import SIW_M, SIWM_GROUPS
from sincera.papers.mtfas.trained import train_rows
from sincera.papers.mtfas.variants import DTN_DEPTH, DTN_MT, FASDR_DEPTH, FASDR_MT, TWO, controls
from sincera.papers.published import Values, values_of
from sincera.papers.table import MISSING, Block, PaperTable
from sincera.progress import Track, silent

NAME = "mtfas/2"
RATES: Mapping[str, str] = {"apcer_pooled": "APCER", "bpcer": "BPCER", "acer_pooled": "ACER", "eer": "EER"}
CLAIMS = (Claim(FASDR_MT, (DTN_DEPTH, FASDR_DEPTH)), Claim(DTN_MT, (DTN_DEPTH,)))
NOTES = (
    "EER is the test's own, of the step that the policy chose. The others are at the threshold of a tenth of the "
    "training videos that validate; the paper does not say which one threshold it took, only that it is no EER.",
    "A video counts as a person, since names tell no person: intervals are over videos.",
    "The average's ± is the sample standard deviation (n - 1) over kinds. The paper's own rows fit only the population "
    "formula (n), the rows that it copies only n - 1.",
    "A meta-teacher for each kind, trained on that protocol's own training part, as printed.",
)
POLICY = (
    "ST chooses step and threshold on people of the training part who validate (the headline); LE is the mean of the "
    "last ten evaluations, TT the best of all, both at the test's own equal-error threshold."
)


def table(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table 2; with `plan.extra` under the label and under true masks too, which differ where an attack is partial."""
    rows = plan.chosen((*TWO, *controls("fasdr")) if plan.extra or plan.variants else TWO)
    plan = replace(plan, lists=("all",))
    made = train_rows(rows, SIWM_GROUPS, faces, plan, SIW_M, track=track)
    results = Results(rows, made.groups, made.grid, rates=RATES, rounds=plan.rounds, track=track)
    printed = values_of(NAME)
    found = effects.effects(CLAIMS, results, printed, rate="acer_pooled", metric="ACER(%)", groups=made.groups)
    blocks = [_block(rate, results, printed) for rate in RATES]
    counts = [f"{group.title}: {results.counted(group)[0]}" for group in made.groups if len(group.protocols) == 1]
    notes = wording.notes(
        plan, made.store, made.grid, rows, *made.notes, *NOTES, effects.NOTE, *wording.remarks(printed), policies=POLICY
    )  # fmt: skip
    data = {
        **words.origin(plan, made.store),
        "printed": wording.plain(printed),
        **results.data(),
        "effects": [one.to_dict() for one in found],
    }
    blocks[0] = replace(blocks[0], notes=tuple(counts))
    title = "MT-FAS, Table 2: SiW-M, one kind of attack held back"
    return PaperTable(NAME, title, (*blocks, *effects.block(found, name="ACER")), notes, data)


def _block(rate: str, results: Results, printed: Values) -> Block:
    """One rate: kinds beside each other, printed rows first, then ours under each policy."""
    metric = f"{RATES[rate]}(%)"
    lines: list[tuple[str, ...]] = []
    for method in wording.methods_of(printed):
        cells = [printed.get((group.printed, method, metric)) for group in results.groups]
        lines.append((f"{method}, printed", *(MISSING if cell is None else cell.text for cell in cells)))
    for row in results.rows:
        lines += [results.across(row, policy, rate) for policy in POLICIES]
    return Block(RATES[rate], (RATES[rate], *(group.title for group in results.groups)), tuple(lines))
