"""CASIA-FASD: 50 people × 12 codes = 600 videos, a complete grid.

    {train,test}_release/<subject>/<code>.avi     subjects 1-20 and 1-30: the test numbers start again at 1

Codes 1, 2, HR_1 are live; 3, 4, HR_2 warped; 5, 6, HR_3 cut; 7, 8, HR_4 video: odd, even and HR are three cameras.
Their quality words contradict each other between sources, so the condition is the group: odd, even or hr.
Boxes don't come from the owner; where a `face-locations/<train|test>/<subject>/<code>.face` lies there, it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sincera.clip import Label, Split
from sincera.data.sources.grids import Grammar, Parts, read_grid
from sincera.data.sources.listing import Listing
from sincera.data.sources.tree import after_last

SUBJECTS: Mapping[Split, range] = {"train": range(1, 21), "test": range(1, 31)}
CODES: Mapping[str, str] = (
    dict.fromkeys(("1", "2", "HR_1"), "")
    | dict.fromkeys(("3", "4", "HR_2"), "warped")
    | dict.fromkeys(("5", "6", "HR_3"), "cut")
    | dict.fromkeys(("7", "8", "HR_4"), "video")
)
TITLE = "CASIA-FASD"
BEGINS_WITH = "train_release and test_release"
OPTIONS: tuple[str, ...] = ()  # of `read_clips`, that this set knows
ANNOTATION = "box"


@dataclass(frozen=True, slots=True)
class CasiaCell:
    """One video.

    >>> cell = CasiaCell("test", 7, "HR_4")
    >>> path(cell), cell.subject, cell.attack, cell.conditions["resolution"]
    ('test_release/7/HR_4.avi', 'test/7', 'video', 'hr')
    """

    split: Split
    number: int
    code: str

    @property
    def attack(self) -> str:
        return CODES[self.code]

    @property
    def label(self) -> Label:
        return Label.ATTACK if self.attack else Label.LIVE

    @property
    def subject(self) -> str:
        return f"{self.split}/{self.number}"

    @property
    def resolution(self) -> Literal["odd", "even", "hr"]:
        """The camera group, which fixes the frame: 640×480, 480×640 or 720×1280."""
        if self.code.startswith("HR"):
            return "hr"
        return "odd" if int(self.code) % 2 else "even"

    @property
    def conditions(self) -> Mapping[str, str]:
        return {"resolution": self.resolution}


def grid() -> tuple[CasiaCell, ...]:
    """All 600 cells, by split, subject and code."""
    return tuple(
        CasiaCell(split, number, code) for split, numbers in SUBJECTS.items() for number in numbers for code in CODES
    )


def path(cell: CasiaCell) -> str:
    """Where the owner puts this cell's video, below the root."""
    return f"{cell.split}_release/{cell.number}/{cell.code}.avi"


def annotation_path(cell: CasiaCell) -> str:
    """Where a later hand put this cell's boxes."""
    return f"face-locations/{cell.split}/{cell.number}/{cell.code}.face"


def side_files(cells: Iterable[CasiaCell]) -> dict[str, str]:  # noqa: ARG001 - the same form for every source
    """None: the folders are the split."""
    return {}


def read(root: Path, domain: str = "C") -> Listing:
    """The clips of a CASIA-FASD folder."""
    return read_grid(Grammar("C", TITLE, BEGINS_WITH, grid(), path, annotation_path, _tail), root, domain)


_ANCHORS = frozenset(("train_release", "test_release", "face-locations"))


def _tail(parts: Parts) -> Parts | None:
    return after_last(parts, _ANCHORS)
