"""Table I: how many people and clips the data sets hold, on disk, by their owners' lists, and as printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sincera.clip import Clip, Label
from sincera.data.counts import Counts, count, official_counts
from sincera.papers.dtda.tasks import DOMAINS
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan
from sincera.papers.published import values_of
from sincera.papers.table import MISSING, Block, PaperTable
from sincera.progress import Track, silent
from sincera.report.examples import is_simulated

SETS: Mapping[str, str] = {
    "O": "Oulu-NPU (O)",
    "C": "CASIA-FASD (C)",
    "I": "Idiap Replay-Attack (I)",
    "M": "MSU-MFSD (M)",
}
ITEMS = ("subjects train", "subjects test", "videos real", "videos attack")
NOTES = (
    "Train people include the development part, as in the printed table.",
    "The printed clip counts of O, I and M are not those of the releases; what is on disk is what was trained on.",
    "Replay-Attack's 100 enrolment clips count only with --enrolment.",
)


def table(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:  # noqa: ARG001
    """Table I; nothing is trained."""
    clips = faces.clips(DOMAINS)
    rows, cells = [], []
    printed = {(protocol, metric): one.value for (protocol, _, metric), one in values_of("dtda/1").items()}
    for domain, title in SETS.items():
        here = _numbers(count(_entries(clips, domain)))
        owner = _numbers(official_counts(domain))
        for item in ITEMS:
            value = printed[title, item]
            figures = None if value is None else int(value), owner.get(item), here.get(item)
            rows.append((title if item == ITEMS[0] else "", item, *(MISSING if n is None else str(n) for n in figures)))
            names = ("printed", "official", "on_disk")
            cells.append({"set": domain, "item": item, **dict(zip(names, figures, strict=True))})
    simulated = all(is_simulated(clip) for clip in clips)
    source = "a simulated world" if simulated else "the data as given"
    block = Block("people and clips", ("set", "count", "printed", "owner's lists", "on disk"), tuple(rows))
    notes = (f"On disk: {source}. Empty: no such data set there.", *NOTES)
    data: dict[str, Any] = {"simulated": simulated, "cells": cells}
    return PaperTable("dtda/1", "DTDA, Table I: the data sets", (block,), notes, data)


def _entries(clips: Iterable[Clip], domain: str) -> Iterable[tuple[Any, Label, str, str]]:
    return ((clip.split, clip.label, clip.attack, clip.subject) for clip in clips if clip.domain == domain)


def _numbers(counts: Mapping[Any, Counts]) -> dict[str, int | None]:
    """The table's items; empty for a data set that is not there."""
    if not counts:
        return {}
    return {
        "subjects train": _people(one for split, one in counts.items() if split != "test"),
        "subjects test": _people(one for split, one in counts.items() if split == "test"),
        "videos real": sum(one.live for one in counts.values()),
        "videos attack": sum(one.attack for one in counts.values()),
    }


def _people(counts: Iterable[Counts]) -> int | None:
    """None where a part's people are unknown."""
    total = 0
    for one in counts:
        if one.subjects is None:
            return None
        total += one.subjects
    return total
