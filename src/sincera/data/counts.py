"""What the owners' releases hold, as counted from public file lists: official_counts.csv, read."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.resources import files

from sincera.clip import SPLITS, Label, Split
from sincera.data.sources import SOURCES

_SPLITS: Mapping[str, Split] = {"train": "train", "dev": "dev", "devel": "dev", "test": "test"}
_SPECIES = {"print1": "print/1", "print2": "print/2", "replay1": "display/1", "replay2": "display/2"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Clips and people of one split; `attacks` has the clips of each species, `subjects` is None where names tell no
    person."""

    live: int
    attack: int
    subjects: int | None
    attacks: Mapping[str, int] = field(default_factory=dict)


@cache
def official_counts(key: str) -> Mapping[Split, Counts]:
    """The counts of each split of a known set; empty for a folder set.

    >>> official_counts("M")["test"].attacks
    {'ipad_video': 40, 'iphone_video': 40, 'printed_photo': 40}
    """
    dataset = import_module(SOURCES[key]).TITLE.lower()
    live: dict[Split, tuple[int, int | None]] = {}
    attacks: dict[Split, dict[str, int]] = defaultdict(dict)
    totals: dict[Split, int] = {}  # where species are not known of all attacks, they do not add up
    text = files("sincera.data").joinpath("official_counts.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["dataset"] != dataset or row["split"] not in _SPLITS:
            continue
        split, species = _SPLITS[row["split"]], row["attack"]
        if row["label"] == "real":
            live[split] = int(row["items"]), int(row["subjects"]) if row["subjects"] else None
        elif row["label"] == "attack" and species == "all":
            totals[split] = int(row["items"])
        elif row["label"] == "attack" and ":" not in species:
            attacks[split][_SPECIES.get(species, species)] = int(row["items"])
    return {
        split: Counts(live[split][0], totals.get(split, sum(attacks[split].values())), live[split][1], attacks[split])
        for split in SPLITS
        if split in live
    }


def count(entries: Iterable[tuple[Split, Label, str, str]]) -> dict[Split, Counts]:
    """Count (split, label, attack, subject) by split, in the order train, dev, test; absent splits are left out."""
    labels: dict[Split, Counter[Label]] = defaultdict(Counter)
    attacks: dict[Split, Counter[str]] = defaultdict(Counter)
    subjects: dict[Split, set[str]] = defaultdict(set)
    for split, label, attack, subject in entries:
        labels[split][label] += 1
        attacks[split].update([attack] if attack else ())
        subjects[split].add(subject)
    return {
        split: Counts(
            labels[split][Label.LIVE],
            labels[split][Label.ATTACK],
            len(subjects[split]),
            dict(sorted(attacks[split].items())),
        )
        for split in SPLITS
        if split in labels
    }
