"""Why DTDA wins or does not: one thing changed at a time, on leave-one-out tasks of a simulated world.

    python -m benchmarks.dtda.search --store CROPS --weights mobilenet_v2.safetensors --runs RUNS --out benchmarks/dtda

The cells of `sincera table dtda/2` with the same recipe, seeds and --runs are found again.  Writes search.json and
search.md: for every row the target's HTER and AUC under ST and TT, the difference to the baseline with a paired
bootstrap over the target's people, the AUC on source validation, and what the last lines of the log say: E_d's accuracy
on clean and attacked faces, the student's on attacks and lives, and how far the student is from its teachers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sincera.cli.progress import bar
from sincera.data.store import Store
from sincera.measures import auc
from sincera.papers.dtda.variants import EXTRA, FGSM, FIVE, NO_ATTACK, NO_EDITING, NO_RECOGNITION
from sincera.papers.grid import Plan, Variant, run_grid
from sincera.papers.means import over_seeds
from sincera.papers.measured import Measured
from sincera.runs import Run

EPSILON = "perturbation.epsilon={}"
LOGITS = "editing.output=logits"
ROWS = (
    *(replace(row, against="V1") for row in FIVE),
    *(replace(row, against="V1") for row in EXTRA),
    Variant("lambda-4", "both teachers, λ1 = λ2 = 4", sets=(NO_ATTACK, "recognition.weight=4.0", "editing.weight=4.0")),
    Variant("rec-16", "recognition alone, λ1 = 16", sets=(NO_ATTACK, NO_EDITING, "recognition.weight=16.0")),
    Variant("edi-16", "attributes alone, λ2 = 16", sets=(NO_ATTACK, NO_RECOGNITION, "editing.weight=16.0")),
    Variant("logits", "both teachers, logits", sets=(NO_ATTACK, LOGITS)),
    Variant("tau-1", "both teachers, τ = 1", sets=(NO_ATTACK, "tau=1.0")),
    Variant("literal", "both teachers, literal, τ = 1", sets=(NO_ATTACK, "tau=1.0", "kd_form=literal")),
    Variant("full-1", "full, FGSM, ε = 1/255", sets=(FGSM, EPSILON.format(1 / 255)), shares="domain"),
    Variant("full-2", "full, FGSM, ε = 2/255", sets=(FGSM, EPSILON.format(2 / 255)), shares="domain"),
    Variant("full-8", "full, FGSM, ε = 8/255", sets=(FGSM, EPSILON.format(8 / 255)), shares="domain"),
    Variant("uniform", "full, FGSM towards an even answer", sets=(FGSM, "perturbation.goal=uniform"), shares="domain"),
    Variant("weak", "full, E_d of 10 steps", sets=(FGSM, "domain.length=10 steps"), shares="domain"),
)
LOGGED = (
    "loss_rec",
    "loss_edi",
    "domain_accuracy_clean",
    "domain_accuracy_attacked",
    "accuracy_live_clean",
    "accuracy_attack_clean",
    "accuracy_live_attacked",
    "accuracy_attack_attacked",
)
RATES = ("ST.hter", "ST.auc", "TT.hter", "TT.auc")
ROUNDS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("store", "runs", "out", "weights"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--protocols", nargs="+", default=["OCI:M", "ICM:O"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rows", nargs="+", default=[row.name for row in ROWS])
    parser.add_argument("--recipe", type=Path, default=Path(__file__).with_name("recipe.toml"))
    asked = parser.parse_args()
    rows = tuple(replace(row, against=None) for row in ROWS if row.name in asked.rows)
    store = Store.open(asked.store)
    plan = Plan(
        recipe=asked.recipe, sets=(f"weights={asked.weights}",), seeds=tuple(asked.seeds), runs=asked.runs, device="cpu"
    )
    found: dict[tuple[str, str], Measured] = {}
    for row in rows:  # row by row, so that what is there can be read before the end
        # beside the first row, whose settings say what the recipe's file may hold
        several = [rows[0]] if row is rows[0] else [rows[0], row]
        for (name, protocol, _), one in run_grid(several, asked.protocols, store, plan, track=bar).items():
            found[name, protocol] = one
        lines = [_line(one, found, asked.protocols) for one in rows if (one.name, asked.protocols[0]) in found]
        record = {"protocols": asked.protocols, "seeds": asked.seeds, "rows": lines}
        (asked.out / "search.json").write_text(json.dumps(record, indent=1) + "\n")
        (asked.out / "search.md").write_text(_markdown(lines, asked.protocols) + "\n")


def _line(row: Variant, found: Mapping[tuple[str, str], Measured], protocols: Sequence[str]) -> dict[str, Any]:
    line: dict[str, Any] = {"row": row.name, "title": row.title, "method": row.method, "set": list(row.sets)}
    for protocol in protocols:
        measured, first = found[row.name, protocol], found.get(("V1", protocol))
        figures: dict[str, Any] = {}
        for name in RATES:
            figure = measured.figure(*name.split("."))
            figures[name] = None if figure is None else figure.to_dict()
        if first is not None and row.name != "V1":
            figures["less V1"] = measured.less(first, rounds=ROUNDS).to_dict()
        figures["source.auc"] = over_seeds([_source_auc(run, info) for run, info in _with_steps(measured)])
        for name in LOGGED:
            values = [_last(run, name) for run in measured.runs]
            if all(value is not None for value in values):
                figures[name] = over_seeds(values)
        line[protocol] = figures
    return line


def _with_steps(measured: Measured) -> list[tuple[Run, int]]:
    found = []
    for run in measured.runs:
        measures = run.measures()
        assert measures is not None
        found.append((run, int(measures["policies"]["ST"]["steps"][0])))
    return found


def _source_auc(run: Run, step: int) -> float | None:
    scores = run.source_scores(step)
    if scores is None:
        return None
    clips = scores.by_clip()
    answered = clips.select(clips.answered)
    return auc(answered.score, answered.label)


def _last(run: Run, name: str) -> float | None:
    values = [line[name] for line in run.log() if line.get("stage") == "train" and name in line]
    return float(values[-1]) if values else None


def _markdown(lines: Sequence[Mapping[str, Any]], protocols: Sequence[str]) -> str:
    """One table a protocol: percent, mean ± sample deviation over seeds."""
    text = []
    columns = ("ST.hter", "less V1", "ST.auc", "TT.hter", "TT.auc", "source.auc", *LOGGED[:4])
    for protocol in protocols:
        text += [f"### {protocol}", "", "| row | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
        for line in lines:
            cells = [_cell(line[protocol].get(column), column) for column in columns]
            text.append(f"| {line['title']} | " + " | ".join(cells) + " |")
        text.append("")
    return "\n".join(text).rstrip()


def _cell(value: Mapping[str, Any] | None, column: str) -> str:
    if value is None:
        return ""
    if column == "less V1":
        ends = "" if value["low"] is None else f" [{100 * value['low']:+.1f}, {100 * value['high']:+.1f}]"
        return f"{100 * value['difference']:+.1f}{ends}"
    if value["mean"] is None:
        return ""
    scale, digits = (1, 4) if column.startswith("loss") else (100, 1)
    spread = "" if value["sd"] is None else f" ± {scale * value['sd']:.{digits}f}"
    return f"{scale * value['mean']:.{digits}f}{spread}"


if __name__ == "__main__":
    main()
