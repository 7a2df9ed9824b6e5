"""Make the model inside the package: the MiniFASNet pair, its operating points fitted on portraits and recaptures.

    python -m benchmarks.default.build --portraits DIR --recaptures DIR [--measure NAME=DIR …] [--out FILE]

--portraits: live pictures in the public domain.  --recaptures: what `sincera simulate DIR --live PORTRAITS` writes, of
which the attacks are taken; it is made where it is absent.  Its lives are left out: they passed a simulated camera,
which the pair takes for an attack more often than not, so a threshold that accepts them would accept real attacks too.
--measure: real sets; their error rates at the shipped points, as numbers alone, are written into the file and printed,
and choose nothing.
The pair is as its authors published it and nothing here trains it, so the same people may fit all points.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.default.pair import pair_graph, pair_members
from benchmarks.default.scoring import Answers, read_set, score_pictures

from sincera.cli.progress import bar
from sincera.clip import ATTACK, LIVE, Clip, Label
from sincera.measures import ScoreTable, SourceScores, Threshold, apcer, auc, bpcer, fit_threshold, measure
from sincera.model import (
    DEFAULT_MODEL,
    Fusion,
    Histogram,
    ModelSpec,
    Session,
    detector,
    read_model,
    with_spec,
    write_model,
    yunet_spec,
)
from sincera.simulate.recapture import write_recaptures

RULES = ("eer", "bpcer=0.01", "bpcer=0.05", "apcer=0.01", "apcer=0.05")
IN_USE = "bpcer=0.05"  # rests on real live pictures; the other points lean on simulated attacks
FITTED_ON = "portraits in the public domain (live) and simulated recaptures of them (attacks)"
LIBRARIES = ("sincera", "numpy", "opencv-python-headless", "onnx", "onnxruntime")
COMMAND = "python -m benchmarks.default.build --portraits PORTRAITS --recaptures RECAPTURES"
SEED = 0


def main() -> None:
    options = _options()
    if not options.recaptures.is_dir():
        write_recaptures(options.recaptures, options.portraits, seed=SEED, track=bar)
    blank = _first_spec()
    session = Session(read_model(with_spec(pair_graph(), blank)))
    table = calibration(session, options.portraits, options.recaptures)
    spec = calibrated(blank, table)
    measures = {"calibration": at_points(table, spec)}
    for text in options.measure:
        answers = _scored(session, read_set(text))
        found = answers.table(answers.fused(session))
        measures[text.partition("=")[0]] = at_points(found, spec) | with_intervals(found, spec)
    model = write_model(options.out, pair_graph(), replace(spec, measures=measures))
    print(json.dumps({"sha256": model.sha256, "points": _values(spec), "measures": measures}, indent=2))


def calibration(session: Session, portraits: Path, recaptures: Path) -> SourceScores:
    """Portraits as they are, and their recaptures, by picture."""
    attacks = [clip for clip in read_set(f"recaptures={recaptures}") if clip.label is Label.ATTACK]
    answers = _scored(session, [*read_set(f"portraits={portraits}"), *attacks])
    clips = answers.clips
    return SourceScores(
        [clip.label.number for clip in clips],
        answers.fused(session),
        clip=[clip.key for clip in clips],
        domain=["calibration"] * len(clips),
        # A recaptured portrait is of the same person as its original: p0001_0 is p0001.
        subject=[clip.subject.partition("_")[0] for clip in clips],
        attack=[clip.attack for clip in clips],
    )


def calibrated(spec: ModelSpec, table: SourceScores) -> ModelSpec:
    """The record with all operating points, on the fused scale, and the histogram they were read from."""
    points = {rule: fit_threshold(table, rule, fitted_on=FITTED_ON) for rule in RULES}
    live, attack = (table.score[(table.label == label) & table.answered] for label in (LIVE, ATTACK))
    return replace(spec, points=points, threshold=IN_USE, histogram=Histogram.of(live, attack))


def at_points(table: ScoreTable, spec: ModelSpec) -> dict[str, Any]:
    """Counts, AUC, and error rates at every operating point."""
    known = table.select(table.answered)
    attacks = known.label == ATTACK
    return {
        "pictures": {"live": int((table.label == LIVE).sum()), "attack": int((table.label == ATTACK).sum())},
        "unanswered": int((~table.answered).sum()),
        "people": table.subjects,
        "auc": round(auc(known.score, known.label), 4),
        "points": {
            name: {
                "bpcer": round(bpcer(known.score[~attacks], point), 4),
                "apcer": {
                    species: round(rate, 4)
                    for species, rate in apcer(known.score[attacks], known.species[attacks], point).items()
                },
            }
            for name, point in spec.points.items()
        },
    }


def with_intervals(table: ScoreTable, spec: ModelSpec) -> dict[str, Any]:
    """At the point in use, with intervals over people."""
    found = measure(table, spec.operating_point).to_dict()
    names = ("auc", "hter", "apcer_max", "bpcer")
    return {"in_use": {name: [found[name], *(found["intervals"].get(name) or ())] for name in names}}


def _scored(session: Session, clips: Sequence[Clip]) -> Answers:
    return score_pictures(session, detector(session.spec), clips, session.spec.limits, bar)


def _first_spec() -> ModelSpec:
    found = yunet_spec()
    return ModelSpec(
        name="minifasnet-pair",
        version="1",
        members=pair_members(found),
        fusion=Fusion("log_odds", (0.5, 0.5)),  # the mean of both; not fitted
        detector=found,
        threshold="none",
        points={"none": Threshold(0.5, "eer", "nothing yet")},
        recipe={"command": COMMAND, "seed": SEED, "fusion": "mean of the members' log-odds, not fitted"},
        versions={name: version(name) for name in LIBRARIES},
    )


def _values(spec: ModelSpec) -> dict[str, float]:
    return {name: point.value for name, point in spec.points.items()}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--recaptures", type=Path, required=True)
    parser.add_argument("--measure", action="append", default=[], metavar="NAME=DIR")
    parser.add_argument("--out", type=Path, default=DEFAULT_MODEL)
    return parser.parse_args()


if __name__ == "__main__":
    main()
