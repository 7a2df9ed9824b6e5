"""What adapting to one's own camera brings: the first third of a recording against its last third, source by source.

    python -m benchmarks.default.own_camera --webcam DIR --nuaa DIR --work DIR --out benchmarks/default

For each source of `webcam`: the model as it is, with a threshold of its own alone, with a head on its features alone,
and with the head that `sincera adapt` fits (the model's log-odds kept as an offset), from 3, 8 and all pictures of a
class; beside them the same head on 32×32 thumbnails, which sees only what the recording looks like.  Every adapted
model is also tried on `nuaa`.  Then on nuaa from session to session, people apart.  Aggregates only; features stay in
--work.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.cli.progress import bar
from sincera.clip import ATTACK, LIVE
from sincera.data.sources import parse_roots, read_clips
from sincera.fit.ridge import Head, fit_head, fit_shift
from sincera.judge import Judge
from sincera.measures import auc
from sincera.media import read_picture
from sincera.model import Session, log_odds

SIDE = 32  # of thumbnails, in pixels
DRAWS = 20
COUNTS = (3, 8, 0)  # pictures a class; 0 stands for all
Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("webcam", "nuaa", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    asked = parser.parse_args()
    judge = Judge.load(asked.model)
    sets = {name: features(judge, name, getattr(asked, name), asked.work) for name in ("webcam", "nuaa")}
    threshold = float(log_odds([judge.threshold.value], "probability")[0])
    record = {
        "model": judge.model.id.to_dict(),
        "threshold": judge.threshold.to_dict(),
        "webcam, first third to last": in_time(sets["webcam"], sets["nuaa"], threshold),
        "nuaa, session to session": across_sessions(sets["nuaa"], threshold),
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "own_camera.json").write_text(json.dumps(record, indent=1) + "\n")
    (asked.out / "own_camera.md").write_text(as_markdown(record) + "\n")
    print(as_markdown(record))


def features(judge: Judge, name: str, root: Path, work: Path) -> dict[str, Any]:
    """Log-odds, features and thumbnails of every picture in which a face is judged; computed once."""
    kept = work / f"{name}-{judge.model.id.sha256[:12]}.npz"
    if not kept.is_file():
        session = Session(judge.model)
        clips = read_clips(*parse_roots([f"{name}={root}"])[0]).clips
        rows: dict[str, list[Any]] = {
            key: [] for key in ("odds", "features", "thumbnail", "label", "person", "session", "name")
        }
        for clip in bar(clips, name, len(clips)):
            look = judge.look(clip.path)
            if not look.scorable:
                continue
            found = session.scores(judge.inputs(look))
            small = cv2.resize(read_picture(clip.path), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
            rows["odds"].append(log_odds(found.score, "probability")[0])
            rows["features"].append(np.concatenate([one[0] for one in found.features.values()]))
            rows["thumbnail"].append(small.ravel() / 255)
            rows["label"].append(clip.label.number)
            rows["person"].append(clip.subject)
            rows["session"].append(clip.conditions.get("session", ""))
            rows["name"].append(clip.name)
        work.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **{key: np.array(values) for key, values in rows.items()})
    with np.load(kept, allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files}


def in_time(own: dict[str, Any], other: dict[str, Any], threshold: float) -> dict[str, Any]:
    """Each source alone: fitted on draws from its first third in time, tested on its last third."""
    found: dict[str, Any] = {}
    for count in COUNTS:
        lines: dict[str, list[dict[str, float]]] = {}
        for person in sorted(set(own["person"].tolist())):
            first, last = (thirds(own, person, place) for place in (0, 2))
            if first is None or last is None:
                continue
            for dice in range(DRAWS if count else 1):
                fit = drawn(first, own["label"], count, np.random.default_rng(dice))
                for way, (odds, elsewhere) in answers(own, fit, last, other, threshold).items():
                    line = errors(odds, own["label"][last]) | {"nuaa.auc": auc(elsewhere, other["label"])}
                    lines.setdefault(way, []).append(line | {"person": person, "draw": dice})
        found[str(count or "all")] = {way: summed(several) for way, several in lines.items()}
    return found


def across_sessions(own: dict[str, Any], threshold: float) -> dict[str, Any]:
    """Fitted on half of the people in one session, tested on the other half in another."""
    people = sorted(set(own["person"].tolist()))
    lines: dict[str, list[dict[str, float]]] = {}
    sessions = sorted(set(own["session"].tolist()))
    for one in sessions:
        for two in sessions:
            for half in (0, 1) if one != two else ():
                mine = np.isin(own["person"], people[half::2])
                fit = np.flatnonzero(mine & (own["session"] == one))
                test = np.flatnonzero(~mine & (own["session"] == two))
                if all(len(set(own["label"][rows].tolist())) == 2 for rows in (fit, test)):
                    for way, (odds, _) in answers(own, fit, test, own, threshold).items():
                        lines.setdefault(way, []).append(errors(odds, own["label"][test]) | {"person": half, "draw": 0})
    return {way: summed(several) for way, several in lines.items()}


def answers(
    own: dict[str, Any], fit: NDArray[Any], test: NDArray[Any], other: dict[str, Any], threshold: float
) -> Iterator[Any] | dict[str, tuple[Floats, Floats]]:
    """Log-odds less the threshold on the test rows, and on the other set, by way of fitting."""
    odds, label = own["odds"], own["label"]
    shift = fit_shift(odds[fit], label[fit])
    found = {
        "as it is": (odds[test] - threshold, other["odds"] - threshold),
        "threshold alone": (odds[test] + shift, other["odds"] + shift),
    }
    ways = {
        "features alone": ("features", 0.0),
        "adapted": ("features", 1.0),
        "thumbnail alone": ("thumbnail", 0.0),
        "thumbnail, offset": ("thumbnail", 1.0),
    }
    for way, (column, slope) in ways.items():
        head: Head = fit_head(own[column][fit].astype(np.float64), slope * odds[fit], label[fit])
        found[way] = (
            slope * odds[test] + head(own[column][test].astype(np.float64)),
            slope * other["odds"] + head(other[column].astype(np.float64)),
        )
    return found


def thirds(own: dict[str, Any], person: str, place: int) -> NDArray[np.int64] | None:
    """Rows of a third of each class in time, by file number; None where a class has fewer than three pictures."""
    parts = []
    for label in (LIVE, ATTACK):
        rows = np.flatnonzero((own["person"] == person) & (own["label"] == label))
        if len(rows) < 3:
            return None
        parts.append(np.array_split(rows[np.argsort(own["name"][rows])], 3)[place])
    return np.concatenate(parts)


def drawn(
    rows: NDArray[np.int64], labels: NDArray[np.int64], count: int, dice: np.random.Generator
) -> NDArray[np.int64]:
    if not count:
        return rows
    parts = [rows[labels[rows] == label] for label in (LIVE, ATTACK)]
    return np.concatenate([dice.choice(part, min(count, len(part)), replace=False) for part in parts])


def errors(odds: Floats, label: NDArray[np.int64]) -> dict[str, float]:
    said = odds > 0
    apcer, bpcer = float((~said[label == ATTACK]).mean()), float(said[label == LIVE].mean())
    return {"hter": (apcer + bpcer) / 2, "apcer": apcer, "bpcer": bpcer, "auc": float(auc(odds, label))}


def summed(lines: list[dict[str, float]]) -> dict[str, float]:
    """Means over sources, each the mean of its draws."""
    names = [name for name in lines[0] if name not in ("person", "draw")]
    people = sorted({line["person"] for line in lines})
    means = [
        {name: np.mean([line[name] for line in lines if line["person"] == one]) for name in names} for one in people
    ]
    found = {name: float(np.mean([one[name] for one in means])) for name in names}
    return found | {"sources": len(people), "fits": len(lines)}


def as_markdown(record: dict[str, Any]) -> str:
    text = ["| pictures a class | way | HTER | AUC | AUC on nuaa |", "|---|---|---|---|---|"]
    for count, ways in record["webcam, first third to last"].items():
        for way, one in ways.items():
            text.append(f"| {count} | {way} | {one['hter']:.3f} | {one['auc']:.3f} | {one['nuaa.auc']:.3f} |")
    text += ["", "| nuaa, session to session | HTER | AUC |", "|---|---|---|"]
    for way, one in record["nuaa, session to session"].items():
        text.append(f"| {way} | {one['hter']:.3f} | {one['auc']:.3f} |")
    return "\n".join(text)


if __name__ == "__main__":
    main()
