"""What the benchmarks that train share: seeds of one protocol on one store, and their figures as one record."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sincera.cli.progress import bar
from sincera.data.prepare import Preparation, prepare
from sincera.data.protocols import parse_protocol
from sincera.data.sources import parse_roots, read_clips
from sincera.data.store import Store
from sincera.experiments import run_experiment
from sincera.faces.spec import CropSpec
from sincera.measures import auc
from sincera.media import Sampling
from sincera.recipe import Recipe
from sincera.runs import Run

RATES = ("hter", "auc", "apcer_max", "bpcer", "eer")


def prepared(named: Sequence[str], folder: Path, *, size: int, frames: int) -> Store:
    """A store with some frames a clip of the sets NAME=ROOT, cut by the default detector; what is there stays."""
    clips = [clip for root in parse_roots(named) for clip in read_clips(*root).clips]
    settings = Preparation(Sampling(frames, "even"), {"face": CropSpec(size=size)}, "mtcnn", None)
    print(prepare(clips, folder, settings, track=bar), file=sys.stderr)
    return Store.open(folder)


def train_seeds(
    recipe: Recipe, protocol: str, store: Store, runs: Path, seeds: Sequence[int], *, method: str = "baseline"
) -> dict[str, Any]:
    """Train a method once a seed (finished runs are read) and sum up: each seed, mean and sample deviation."""
    done = [
        run_experiment(method, recipe, parse_protocol(protocol, seed=seed), store, seed=seed, runs=runs, track=bar)
        for seed in seeds
    ]
    each = [_figures(run) for run in done]
    names = sorted({name for figures in each for name in figures})
    info = done[0].info()
    return {
        "protocol": protocol,
        "seeds": list(seeds),
        "counts": info["counts"],
        "versions": info["versions"],
        "weights": info["weights"],
        "mean_sd": {name: _mean_sd([figures[name] for figures in each if name in figures]) for name in names},
        "by_seed": each,
    }


def _figures(run: Run) -> dict[str, Any]:
    """Flat names such as `ST.hter`; the cue's measures under `cue.`, the source-validation AUC under `source.auc`."""
    measures = run.measures() or {}
    figures: dict[str, Any] = {}
    for policy, result in measures["policies"].items():
        figures |= {f"{policy}.{rate}": result["measures"].get(rate) for rate in RATES}
        figures[f"{policy}.hter_interval"] = result["measures"]["intervals"].get("hter")
        figures[f"{policy}.steps"] = result["steps"]
    if best := measures.get("best_cue"):
        figures |= {f"cue.{rate}": measures["cues"][best].get(rate) for rate in RATES} | {"cue.name": best}
    step = measures["policies"]["ST"]["steps"][0]
    chosen = next(evaluation for evaluation in run.evaluations() if evaluation.step == step)
    if chosen.source is not None:
        clips = chosen.source.by_clip()
        answered = clips.select(clips.answered)
        figures["source.auc"] = auc(answered.score, answered.label)
    return figures


def _mean_sd(values: Sequence[Any]) -> str | None:
    """
    >>> _mean_sd([0.1, 0.2, 0.3])
    '0.200 ± 0.100'
    """
    if not values or not all(isinstance(value, float) for value in values):
        return None
    spread = statistics.stdev(values) if len(values) > 1 else float("nan")
    return f"{statistics.fmean(values):.3f} ± {spread:.3f}"


def as_markdown(records: Sequence[dict[str, Any]]) -> str:
    """A table of means ± sample deviations over seeds: ST first, the trivial cue last."""
    columns = (
        "source.auc",
        "ST.hter",
        "ST.auc",
        "ST.apcer_max",
        "ST.bpcer",
        "LE.hter",
        "TT.hter",
        "cue.hter",
        "cue.auc",
    )
    lines = ["| training | " + " | ".join(columns) + " | cue |", "|---" * (len(columns) + 2) + "|"]
    for record in records:
        cells = [record["mean_sd"].get(column) or "-" for column in columns]
        cue = ", ".join(sorted({figures.get("cue.name", "-") for figures in record["by_seed"]}))
        lines.append(f"| {record.get('name', record['protocol'])} | " + " | ".join(cells) + f" | {cue} |")
    return "\n".join(lines)
