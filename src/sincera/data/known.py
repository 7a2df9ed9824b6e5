"""The list behind `sincera datasets list`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sincera.clip import Split
from sincera.data.counts import Counts, official_counts
from sincera.data.sources import FOLDER, LONG_NAMES, SOURCES

SHOWN = 6  # species of a set; --json has all


@dataclass(frozen=True, slots=True)
class KnownSet:
    """A data set that has a reader: its letter, title, long names and official counts (none for folder sets).

    people: of all splits together, also where the counts of the splits know none.
    """

    key: str
    title: str
    names: tuple[str, ...]
    counts: Mapping[Split, Counts]
    people: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `sincera datasets list --json`."""
        return {
            "key": self.key,
            "title": self.title,
            "names": list(self.names),
            "splits": {split: {"live": c.live, "attack": c.attack} for split, c in self.counts.items()},
            "subjects": {split: c.subjects for split, c in self.counts.items()},
            "attacks": list(next(iter(self.counts.values())).attacks) if self.counts else [],
        }


def known_sets() -> tuple[KnownSet, ...]:
    """All sets with a reader, in their list's order."""
    return tuple(_known(key, module) for key, module in SOURCES.items())


def _known(key: str, module: str) -> KnownSet:
    source, counts = import_module(module), official_counts(key)
    names = tuple(name for name, letter in LONG_NAMES.items() if letter == key)
    people = getattr(source, "PEOPLE", None) or sum(c.subjects or 0 for c in counts.values())
    return KnownSet(key, source.TITLE, names, counts, people)


def known_text(known: Sequence[KnownSet]) -> str:
    """A table for the terminal: live + attack clips and people of each split."""
    lines = [f"{'name':<7} {'title':<14} {'train':>14} {'dev':>14} {'test':>14} {'people':>7}  attacks"]
    for item in known:
        if item.key == FOLDER:
            form = "live/ and attack/ or spoof/ of pictures, videos or frame folders, or a manifest.csv"
            lines.append(f"{'any':<7} {item.title:<14} {form}")
            continue
        clips = [f"{c.live:,} + {c.attack:,}" if (c := item.counts.get(s)) else "" for s in ("train", "dev", "test")]
        species = _few(list(next(iter(item.counts.values())).attacks))
        lines.append(
            f"{item.key:<7} {item.title:<14} " + " ".join(f"{c:>14}" for c in clips) + f" {item.people:>7}  {species}"
        )
    return "\n".join([*lines, "", "Clips are live + attack. Check a folder with: sincera datasets check NAME=ROOT"])


def _few(species: Sequence[str]) -> str:
    more = len(species) - SHOWN
    return ", ".join(species[:SHOWN]) + (f" and {more} more" if more > 0 else "")
