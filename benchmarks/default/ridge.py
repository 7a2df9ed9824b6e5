"""How strong the ridge of `sincera adapt` should be: simulated cameras, half of the people against the other half.

    sincera simulate WORLD --scale tiny
    python -m benchmarks.default.ridge --world WORLD

For each of the four cameras and both halves: a head from 3, 8 and all faces of a class (two frames a clip), tested on
the people left out; beside it a shift of the model's answer alone.  Prints HTER and AUC, means over cameras and halves.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.cli.progress import bar
from sincera.clip import ATTACK, LIVE
from sincera.data.sources import parse_roots, read_clips
from sincera.fit.ridge import fit_head, fit_shift
from sincera.judge import Judge
from sincera.measures import auc
from sincera.media import Sampling, read_frames
from sincera.model import Session, log_odds

RIDGES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
COUNTS, DRAWS = (3, 8, 0), 5  # faces of a class, 0 for all; draws of a few


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    asked = parser.parse_args()
    faces = seen(Judge.load(asked.model, largest=True), asked.world)
    print("| faces of a class | ridge | HTER | AUC | HTER of a shift alone |\n|---|---|---|---|---|")
    for count in COUNTS:
        for ridge in RIDGES:
            found = np.array([errors(faces, *fold, ridge) for fold in folds(faces, count)]).mean(0)
            print(f"| {count or 'all'} | {ridge:g} | " + " | ".join(f"{value:.3f}" for value in found) + " |")


def seen(judge: Judge, world: Path) -> dict[str, NDArray[Any]]:
    """Log-odds and features of two frames of every clip."""
    session = Session(judge.model)
    rows = []
    for root in parse_roots([f"{domain}={world / domain}" for domain in "OCIM"]):
        clips = read_clips(*root).clips
        for clip in bar(clips, root.domain, len(clips)):
            for frame in read_frames(clip.path, Sampling(2)):
                look = judge.look(frame.image)
                if look.scorable:
                    found = session.scores(judge.inputs(look))
                    features = np.concatenate([one[0] for one in found.features.values()]).astype(np.float64)
                    odds = log_odds(found.score, "probability")[0]
                    rows.append((odds, features, clip.label.number, clip.person, clip.domain))
    return {
        name: np.array([row[place] for row in rows])
        for place, name in enumerate(("odds", "features", "label", "person", "domain"))
    }


def folds(faces: dict[str, NDArray[Any]], count: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to fit on and to test on."""
    found = []
    for domain in "OCIM":
        here = faces["domain"] == domain
        people = sorted(set(faces["person"][here].tolist()))
        for half in (0, 1):
            mine = here & np.isin(faces["person"], people[half::2])
            rows, test = np.flatnonzero(mine), np.flatnonzero(here & ~mine)
            for draw in range(DRAWS if count else 1):
                dice = np.random.default_rng(draw)
                parts = [rows[faces["label"][rows] == label] for label in (LIVE, ATTACK)]
                fit = np.concatenate([dice.choice(part, count, replace=False) for part in parts]) if count else rows
                found.append((fit, test))
    return found


def errors(
    faces: dict[str, NDArray[Any]], fit: NDArray[np.int64], test: NDArray[np.int64], ridge: float
) -> tuple[float, float, float]:
    odds, label = faces["odds"], faces["label"]
    adapted = odds[test] + fit_head(faces["features"][fit], odds[fit], label[fit], ridge=ridge)(faces["features"][test])
    moved = odds[test] + fit_shift(odds[fit], label[fit])
    return hter(adapted, label[test]), float(auc(adapted, label[test])), hter(moved, label[test])


def hter(odds: NDArray[np.float64], label: NDArray[np.int64]) -> float:
    said = odds > 0
    return float(((~said[label == ATTACK]).mean() + said[label == LIVE].mean()) / 2)


if __name__ == "__main__":
    main()
