"""What a teacher knows of real faces: pairs of portraits of one person, and sex; numbers over people alone leave it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from sincera.cli.progress import bar
from sincera.clip import Clip, Label
from sincera.data.prepare import Preparation, prepare
from sincera.data.store import Store
from sincera.faces.spec import CropSpec
from sincera.media import Sampling
from sincera.teachers.files import TeacherFacts
from sincera.teachers.training import answers, seen
from sincera.teachers.verification import score_attributes, verify

CROP = 112
SEXES = {"M": 1.0, "F": 0.0}


def measure_portraits(root: Path, work: Path, network: nn.Module, facts: TeacherFacts) -> dict[str, Any]:
    """Verification of (portrait, second portrait) pairs, or the attribute Male on the portraits whose sex is stated.

    root: the set, with sources.csv and second.csv.  work: where its crops are kept.
    """
    store = _store(root, work)
    if facts.kind == "recognition":
        rows, people = seen(store, store.clips)
        twice = np.array([people.count(person) > 1 for person in people])
        found = verify(answers(network, store, rows[twice], facts.size).numpy(), np.array(people)[twice])
        return {"verification": found.to_dict()}
    if "Male" not in facts.attributes:
        return {}
    stated = {row["path"]: SEXES[row["sex"]] for row in _table(root / "sources.csv") if row["sex"] in SEXES}
    clips = [clip for clip in store.clips if clip.name in stated]
    rows, people = seen(store, clips)
    labels = [stated[store.clips[index].name] for index in store.clip[rows].tolist()]
    logits = answers(network, store, rows, facts.size)[:, facts.attributes.index("Male")]
    (score,) = score_attributes(logits.numpy()[:, None], np.array(labels)[:, None], people, ["Male"])
    return {"attributes": [score.to_dict()]}


def _store(root: Path, work: Path) -> Store:
    clips = [
        Clip(root / row["path"], Label.LIVE, "", "portraits", Path(row["path"]).stem, "test", name=row["path"])
        for table in ("sources.csv", "second.csv")
        for row in _table(root / table)
    ]
    prepare(clips, work, Preparation(Sampling(1), {"face": CropSpec(size=CROP)}), workers=1, track=bar)
    return Store.open(work)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
