"""Table 1: FAS-DR and CDCN under depth and under a meta-teacher on OULU-NPU's fourteen protocols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sincera.papers import words
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan
from sincera.papers.mtfas import effects, scope, wording
from sincera.papers.mtfas.decisions import by_frame, by_medium
from sincera.papers.mtfas.effects import Claim
from sincera.papers.mtfas.results import Results
from sincera.papers.mtfas.tasks import OULU, OULU_GROUPS, Group
from sincera.papers.mtfas.trained import train_rows
from sincera.papers.mtfas.variants import CDCN_DEPTH, CDCN_MT, FASDR_DEPTH, FASDR_MT, ONE
from sincera.papers.published import Values, values_of
from sincera.papers.table import Block, PaperTable
from sincera.progress import Track, silent

NAME = "mtfas/1"
RATES: Mapping[str, str] = {
    "apcer_pooled": "APCER",
    "bpcer": "BPCER",
    "acer_pooled": "ACER",
    "acer_medium": "ACER by medium",
    "apcer_max": "worst APCER",
    "acer": "worst ACER",
    "acer_frame": "ACER by frame",
}
FURTHER = {"acer_medium": by_medium, "acer_frame": by_frame}
METRICS: Mapping[str, str | None] = {
    rate: f"{name}(%)" if name in ("APCER", "BPCER", "ACER") else None for rate, name in RATES.items()
}
SPECIES = (
    "APCER and ACER pool all attacks, as the code of CDCN does; `by medium` takes the worse of print and display, the "
    "data set's own rule; `worst` the worst of its four instruments."
)
CLAIMS = (Claim(FASDR_MT, (FASDR_DEPTH,)), Claim(CDCN_MT, (CDCN_DEPTH,)))
BEST = Claim(CDCN_MT, (FASDR_DEPTH, CDCN_DEPTH), best=True, apart=(FASDR_MT,))


def table(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table 1."""
    rows = plan.chosen(ONE)
    plan = replace(plan, lists=("all",))
    made = train_rows(rows, OULU_GROUPS, faces, plan, OULU, track=track)
    results = Results(
        rows, made.groups, made.grid, rates=RATES, rounds=plan.rounds, further=FURTHER, track=track
    )  # fmt: skip
    printed = values_of(NAME)
    found = effects.effects(CLAIMS, results, printed, rate="acer_pooled", metric="ACER(%)", groups=made.groups)
    last = tuple(group for group in made.groups if group.title.startswith("OULU-NPU 4"))
    found += effects.effects((BEST,), results, printed, rate="acer_pooled", metric="ACER(%)", groups=last)
    blocks = [_block(group, results, printed) for group in made.groups]
    notes = wording.notes(
        plan, made.store, made.grid, rows, *made.notes, scope.NOTES[plan.teacher_scope], SPECIES, wording.UNITS,
        wording.PARTS, effects.NOTE, *wording.remarks(printed), policies=wording.OWN_DEV,
    )  # fmt: skip
    data = {
        **words.origin(plan, made.store),
        "teacher_scope": plan.teacher_scope,
        "printed": wording.plain(printed),
        **results.data(),
        "effects": [one.to_dict() for one in found],
    }
    title = "MT-FAS, Table 1: OULU-NPU"
    return PaperTable(NAME, title, (*blocks, *effects.block(found, name="ACER")), notes, data)


def _block(group: Group, results: Results, printed: Values) -> Block:
    """Printed rows first, then every row of ours under each policy."""
    methods = [method for method in wording.methods_of(printed) if (group.printed, method, "ACER(%)") in printed]
    lines = [wording.printed_line(printed, group.printed, method, METRICS) for method in methods]
    for row in results.rows:
        lines += results.lines(row, group)
    return Block(group.title, ("", *RATES.values()), tuple(lines), results.counted(group))
