"""SiW-Mv2's lists, one name of a video a line, wherever they lie: the owner keeps them with the code, in pro_3_text.

    {trainlist,testlist}_{live,all}.txt                             protocol I, and the live videos of II
    {train,test}_{A_pretrain,B_spoof,C_race,D_age,E_ill}.txt        protocol III: the base and four shifts

`trainlist_all` has 100 rows a kind, drawn with repetition; here a video trains once, and what balances kinds is the
method's business.  Lists that name a video on both sides leave it in test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sincera.data.sources.siwm_kinds import Names
from sincera.data.sources.tree import File
from sincera.errors import LayoutError

KNOWN = "protocol1"
SHIFTS: Mapping[str, str] = {"A": "pretrain", "B": "spoof", "C": "race", "D": "age", "E": "ill"}


class Known(NamedTuple):
    """One of the owner's lists: the condition and side that it gives, and the different videos that it names."""

    condition: str
    side: str
    live: int
    attack: int


def shift(letter: str) -> str:
    """The condition of one part of protocol III."""
    return f"protocol3/{letter}"


_THIRD = {  # (live, attack) of train and test
    "A": ((407, 495), (72, 70)),
    "B": ((108, 275), (8, 46)),
    "C": ((53, 39), (37, 18)),
    "D": ((142, 60), (39, 18)),
    "E": ((153, 60), (26, 18)),
}
LISTS: Mapping[str, Known] = {  # file → what it is
    "trainlist_live.txt": Known(KNOWN, "train", 531, 0),
    "trainlist_all.txt": Known(KNOWN, "train", 0, 533),
    "testlist_live.txt": Known(KNOWN, "test", 265, 0),
    "testlist_all.txt": Known(KNOWN, "test", 0, 362),
} | {
    f"{side}_{letter}_{word}.txt": Known(shift(letter), side, *_THIRD[letter][side == "test"])
    for letter, word in SHIFTS.items()
    for side in ("train", "test")
}
_SPELLED = {name.lower(): name for name in LISTS}


@dataclass(frozen=True, slots=True)
class Lists:
    """sides: name of a video → condition → side.  there: the lists found, by file name."""

    sides: Mapping[str, Mapping[str, str]]
    there: frozenset[str]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]

    def knows(self, condition: str) -> bool:
        """Whether all lists that give this condition are there."""
        return all(file in self.there for file, known in LISTS.items() if known.condition == condition)


def read_lists(files: Sequence[File], names: Names) -> Lists:
    """Every list among a folder's files, the one that lies highest where there are several of a name."""
    found: dict[str, File] = {}
    for file in sorted(files, key=lambda file: len(file.parts)):
        name = _SPELLED.get(file.parts[-1].lower())
        if name is not None:
            found.setdefault(name, file)
    sides: dict[str, dict[str, str]] = {}
    both: dict[str, list[str]] = {}
    faults: list[str] = []
    for name, known in LISTS.items():  # train before test
        if name not in found:
            continue
        stems, wrong = _read(found[name].path, name, names)
        faults += wrong
        for stem in stems:
            mine = sides.setdefault(stem, {})
            if mine.get(known.condition, known.side) != known.side:
                both.setdefault(known.condition, []).append(stem)
            mine[known.condition] = known.side
    warnings = [*_absent(found), *(_on_both_sides(where, stems) for where, stems in both.items())]
    return Lists(sides, frozenset(found), tuple(faults), tuple(warnings))


def _absent(found: Iterable[str]) -> list[str]:
    absent = [name for name in LISTS if name not in found]
    if len(absent) == len(LISTS):
        return ["no list of the owner's is there, so no protocol: put the pro_3_text of the owner's code beside Live"]
    return [f"without {', '.join(absent)} their protocols cannot be used"] if absent else []


def _on_both_sides(condition: str, stems: Sequence[str]) -> str:
    some = ", ".join(stems[:8]) + (" …" if len(stems) > 8 else "")
    return f"the lists of {condition} have some videos on both sides, kept in test: {some}"


def _read(path: Path, name: str, names: Names) -> tuple[list[str], list[str]]:
    """The different videos of one list in its order, and what is off with it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LayoutError(f"{path}: not readable ({error}). Replace it by the owner's.") from error
    live: dict[str, bool] = {}
    strange, faults = [], []
    for line in filter(None, map(str.strip, text.splitlines())):
        stem = names.of_stem(line)
        if stem is None or stem.named is None:
            strange.append(line)
        else:
            live[stem.spelled] = stem.named.kind is None
    if strange:
        faults.append(f"{name}: {len(strange)} lines name no video of the release, first {strange[0]!r}")
    known, lives = LISTS[name], sum(live.values())
    if (lives, len(live) - lives) != (known.live, known.attack):
        faults.append(
            f"{name}: names {lives:,} live and {len(live) - lives:,} attack videos, "
            f"the owner's {known.live:,} and {known.attack:,}"
        )
    return list(live), faults
