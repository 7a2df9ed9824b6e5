"""Own captures as folders: whose they are and what they show, from their names alone.

    LIVE/anna/door.jpg, LIVE/anna/walk.mp4, LIVE/ben/…      the first folder is the person
    ATTACKS/print/anna/1.jpg, ATTACKS/screen/ben/…          first the instrument, then the person who is shown
    ATTACKS/anna/print/…, ATTACKS/anna/…, ATTACKS/print/…   a folder that has a live person's name is that person

A file that lies in no person's folder counts, but nothing can be said of people then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sincera.clip import Label
from sincera.errors import UsageError
from sincera.judge import Verdict
from sincera.measures.table import UNNAMED_SPECIES, SourceScores
from sincera.media import natural_key, sniff
from sincera.progress import Track, silent


@dataclass(frozen=True, slots=True)
class Capture:
    """One picture or video. name: below its folder, unique.  subject: "" where unknown.  attack: "" for live."""

    path: Path
    name: str
    label: Label
    subject: str
    attack: str


def captures(live: Path, attacks: Path | None = None) -> list[Capture]:
    """Every picture and video below the folders, in a stable order; other files are passed over.

    UsageError where a folder is absent or holds none.
    """
    found = []
    for path, name in _media(live, "--live"):
        person = next(iter(_folders(name)), "")
        found.append(Capture(path, f"live/{name}", Label.LIVE, person, ""))
    if attacks is None:
        return found
    people = {one.subject for one in found}
    for path, name in _media(attacks, "--attacks"):
        first_two = _folders(name)[:2]
        person = next((one for one in first_two if one in people), first_two[1] if len(first_two) > 1 else "")
        instrument = next((one for one in first_two if one != person), UNNAMED_SPECIES)
        found.append(Capture(path, f"attacks/{name}", Label.ATTACK, person, instrument))
    return found


def scored(found: Sequence[Capture], verdict: Callable[[Path], Verdict], *, track: Track = silent) -> SourceScores:
    """Their scores, one row a file; a file without an answer (no face, unreadable) has none."""
    verdicts = [verdict(one.path) for one in track(found, "judging", len(found))]
    scores = [np.nan if one.score is None else one.score for one in verdicts]
    return SourceScores(
        label=np.array([one.label.number for one in found], np.int8),
        score=np.array(scores, np.float64),
        clip=np.array([one.name for one in found], object),
        subject=np.array([one.subject for one in found], object),
        attack=np.array([one.attack for one in found], object),
    )


def _media(folder: Path, option: str) -> list[tuple[Path, str]]:
    if not folder.is_dir():
        raise UsageError(f"{option} {folder}: is no folder. Name one that holds pictures or videos.")
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    media = sorted((path for path in files if sniff(path) is not None), key=lambda one: (one.parent, natural_key(one)))
    if not media:
        raise UsageError(f"{option} {folder}: holds no picture and no video.")
    return [(path, path.relative_to(folder).as_posix()) for path in media]


def _folders(name: str) -> list[str]:
    """The folders on the way to a file, from the outermost."""
    return name.split("/")[:-1]
