"""What makes a meta-teacher teach well or badly: one thing changed at a time, on one task.

    python -m benchmarks.metateacher.search --store CROPS --runs RUNS --out benchmarks/metateacher

Trainings of `sincera table mtfas/5` with the same recipe, seeds and --runs are found again.  Writes search.json and
search.md: for every row the target's errors under ST and TT, the difference to a binary map by a paired bootstrap over
the target's people, what the bi-level stage logged first and last, and how the finished teacher's maps of attacks lie
to what the attacks cover (attacks of the target, which no training saw).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sincera.cli.progress import bar
from sincera.data.store import Store
from sincera.experiments import load_trained
from sincera.papers.grid import Plan, Variant, run_grid
from sincera.papers.means import over_seeds
from sincera.papers.measured import Measured
from sincera.papers.mtfas.figures.maps import fitted, located, maps_of
from sincera.papers.mtfas.variants import TEACHER, controls
from sincera.runs import Run

DETECTOR = "detector=fasdr_bc"
BINARY = next(row for row in controls("fasdr_bc") if row.name == "Binary")
BINARY_ROW = replace(BINARY, against=None)


def _taught(name: str, title: str, *sets: str) -> Variant:
    return Variant(name, title, method="mtfas", sets=(DETECTOR, *sets), shares=TEACHER)


ROWS = (
    BINARY_ROW,
    _taught("MT", "meta-teacher"),
    _taught("sgd", "outer level by plain descent (as printed)", "bilevel.outer=sgd"),
    _taught("mu-1", "μ = 1", "bilevel.mu=1.0"),
    _taught("mu-0.1", "μ = 0.1", "bilevel.mu=0.1"),
    _taught("gamma-0.999", "γ = 0.999 (as printed)", "bilevel.gamma=0.999"),
    _taught("gamma-0", "without MT_v (γ = 0)", "bilevel.gamma=0.0"),
    _taught("beta-1e-4", "β = 1e-4", "bilevel.beta=1e-4"),
    _taught("alpha-0.1", "α = 0.1", "bilevel.alpha=0.1"),
    _taught("longer", "pretrained for 2,000 steps", "pretrain.length=2000 steps"),
    _taught("no-pre", "without pretraining", "pretrain.on=false"),
)
RATES = ("ST.hter", "ST.auc", "ST.apcer_max", "TT.hter", "TT.auc")
LOGGED = ("loss_train", "loss_valid", "level", "norm_task", "norm_level", "distance")
LIES = ("inside", "outside", "overlap", "by_chance")
ROUNDS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("store", "runs", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--protocol", default="siwm/PartialPaper")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rows", nargs="+", default=[row.name for row in ROWS])
    parser.add_argument("--recipe", type=Path, default=Path(__file__).with_name("recipe.toml"))
    asked = parser.parse_args()
    store = Store.open(asked.store)
    plan = Plan(recipe=asked.recipe, seeds=tuple(asked.seeds), runs=asked.runs, device="cpu")
    found: dict[str, Measured] = {}
    lines: list[dict[str, Any]] = []
    for row in (row for row in ROWS if row.name in asked.rows):  # row by row: what is there can be read before the end
        beside = dict.fromkeys((*ROWS[:2], row))  # whose settings say what the recipe's file may hold
        for (name, _, _), one in run_grid(list(beside), [asked.protocol], store, plan, track=bar).items():
            found[name] = one
        lines.append(_line(row, found, store))
        record = {"protocol": asked.protocol, "seeds": asked.seeds, "store": store.digest, "rows": lines}
        (asked.out / "search.json").write_text(json.dumps(record, indent=1) + "\n")
        (asked.out / "search.md").write_text(_markdown(lines) + "\n")


def _line(row: Variant, found: Mapping[str, Measured], store: Store) -> dict[str, Any]:
    measured = found[row.name]
    line: dict[str, Any] = {"row": row.name, "title": row.title, "method": row.method, "set": list(row.sets)}
    for name in RATES:
        figure = measured.figure(*name.split("."))
        line[name] = None if figure is None else figure.to_dict()
    if row.method != "mtfas":
        return line
    line["less binary"] = measured.less(found[BINARY_ROW.name], rounds=ROUNDS).to_dict()
    for name in LOGGED:
        for where, place in (("first", 0), ("last", -1)):
            values = [_bilevel(run)[place][name] for run in measured.runs]
            line[f"{name}.{where}"] = over_seeds([float(value) for value in values])
    lies = [_lie(run, store) for run in measured.runs]
    line["maps"] = {name: over_seeds([lie[name] for lie in lies]) for name in LIES}
    return line


def _bilevel(run: Run) -> list[dict[str, Any]]:
    """What the stage logged; from the run that trained it, where this one took it over."""
    lines = [line for line in run.log() if line.get("stage") == "bilevel"]
    if lines:
        return lines
    (own,) = run.folder.glob("checkpoints/bilevel-*.pt")
    for other in sorted(run.folder.parent.glob(f"*/checkpoints/{own.name}")):
        lines = [line for line in Run(other.parents[1]).log() if line.get("stage") == "bilevel"]
        if lines:
            return lines
    raise SystemExit(f"{own}: no run's log tells how it was trained.")


def _lie(run: Run, store: Store) -> dict[str, float]:
    """Means over the target's attacks that cover a part of the face."""
    method: Any = load_trained(run, which="last")
    held = run.info()["protocol"]["name"].partition("/")[2]
    rows = store.rows([clip for clip in store.clips if held in clip.attack])
    found = maps_of(method.teacher, store.crops(rows))
    each = located(found.maps, fitted(store.extra("mask", rows), found.maps.shape[-1]))
    return {name: float(np.mean([one[name] for one in each if one["overlap"] is not None])) for name in LIES}  # type: ignore[misc]


def _markdown(lines: Sequence[Mapping[str, Any]]) -> str:
    """Percent, mean ± sample deviation over seeds."""
    head = (
        "ST HTER",
        "less binary",
        "ST AUC",
        "TT HTER",
        "L_v",
        "level R",
        "dL_v to μ dR",
        "distance",
        "inside / outside",
        "overlap (chance)",
    )
    text = ["| row | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for line in lines:
        cells = [_percent(line["ST.hter"]), _less(line), _percent(line["ST.auc"]), _percent(line["TT.hter"])]
        cells += _told(line) if "maps" in line else [""] * 6
        text.append(f"| {line['title']} | " + " | ".join(cells) + " |")
    return "\n".join(text)


def _told(line: Mapping[str, Any]) -> list[str]:
    maps = {name: line["maps"][name]["mean"] for name in LIES}
    ratio = line["norm_task.last"]["mean"] / max(line["norm_level.last"]["mean"], 1e-12)
    ends = [(line[f"{name}.first"]["mean"], line[f"{name}.last"]["mean"]) for name in ("loss_valid", "level")]
    return [
        *(f"{first:.3f} → {last:.3f}" for first, last in ends),
        f"{ratio:.0f}",
        f"{line['distance.last']['mean']:.3f}",
        f"{maps['inside']:.2f} / {maps['outside']:.2f}",
        f"{maps['overlap']:.2f} ({maps['by_chance']:.2f})",
    ]


def _less(line: Mapping[str, Any]) -> str:
    value = line.get("less binary")
    if value is None:
        return ""
    ends = "" if value["low"] is None else f" [{100 * value['low']:+.1f}, {100 * value['high']:+.1f}]"
    return f"{100 * value['difference']:+.1f}{ends}"


def _percent(value: Mapping[str, Any] | None) -> str:
    if value is None or value["mean"] is None:
        return ""
    return f"{100 * value['mean']:.1f}" + ("" if value["sd"] is None else f" ± {100 * value['sd']:.1f}")


if __name__ == "__main__":
    main()
