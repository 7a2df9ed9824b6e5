"""OULU-NPU: 55 people × 6 phones × 3 sessions × 5 accesses = 4,950 videos, a complete grid.

    {Train,Dev,Test}_files/P_S_UU_F.avi   phone 1-6, session 1-3, user 01-55, access 1 live, 2-3 print, 4-5 display
    {Train,Dev,Test}_files/P_S_UU_F.txt   eyes: frame,x1,y1,x2,y2
    Protocols/Protocol_1/Train.txt …      42 lists, see oulu_lists.py

Which of the two displays is which make is not settled between public sources, so the species keep their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sincera.clip import Label, Split
from sincera.data.sources.grids import Grammar, Parts, read_grid
from sincera.data.sources.listing import Listing
from sincera.data.sources.tree import after_last

PHONES = tuple(range(1, 7))
SESSIONS = tuple(range(1, 4))
USERS: Mapping[Split, range] = {"train": range(1, 21), "dev": range(21, 36), "test": range(36, 56)}
_SPLIT_OF = {user: split for split, users in USERS.items() for user in users}
ACCESSES: Mapping[int, str] = {1: "", 2: "print/1", 3: "print/2", 4: "display/1", 5: "display/2"}
FOLDERS: Mapping[Split, str] = {"train": "Train_files", "dev": "Dev_files", "test": "Test_files"}
TITLE = "OULU-NPU"
BEGINS_WITH = "Train_files, Dev_files and Test_files"
OPTIONS: tuple[str, ...] = ()  # of `read_clips`, that this set knows
ANNOTATION = "eyes"


@dataclass(frozen=True, slots=True, order=True)
class OuluCell:
    """One video.

    >>> cell = OuluCell(phone=1, session=2, user=36, access=4)
    >>> path(cell), cell.split, cell.attack, cell.subject
    ('Test_files/1_2_36_4.avi', 'test', 'display/1', '36')
    """

    phone: int
    session: int
    user: int
    access: int

    @property
    def stem(self) -> str:
        """The owner's name without suffix, as the protocol files have it."""
        return f"{self.phone}_{self.session}_{self.user:02d}_{self.access}"

    @property
    def attack(self) -> str:
        return ACCESSES[self.access]

    @property
    def label(self) -> Label:
        return Label.ATTACK if self.attack else Label.LIVE

    @property
    def subject(self) -> str:
        return str(self.user)

    @property
    def split(self) -> Split:
        return _SPLIT_OF[self.user]

    @property
    def conditions(self) -> Mapping[str, str]:
        return {"phone": str(self.phone), "session": str(self.session)}


def grid() -> tuple[OuluCell, ...]:
    """All 4,950 cells, by split, user, phone, session and access."""
    return tuple(
        OuluCell(phone, session, user, access)
        for users in USERS.values()
        for user in users
        for phone in PHONES
        for session in SESSIONS
        for access in ACCESSES
    )


def path(cell: OuluCell) -> str:
    """Where the owner puts this cell's video, below the root."""
    return f"{FOLDERS[cell.split]}/{cell.stem}.avi"


def annotation_path(cell: OuluCell) -> str:
    """Where the owner puts this cell's eyes."""
    return f"{FOLDERS[cell.split]}/{cell.stem}.txt"


def side_files(cells: Iterable[OuluCell]) -> dict[str, str]:
    """The 42 protocol files, as `oulu_lists.protocol_files` writes them."""
    from sincera.data.sources.oulu_lists import protocol_files

    return protocol_files(cells)


def read(root: Path, domain: str = "O") -> Listing:
    """The clips of an OULU-NPU folder, its protocol files compared with the formula line by line."""
    from sincera.data.sources.oulu_lists import check

    return read_grid(Grammar("O", TITLE, BEGINS_WITH, grid(), path, annotation_path, _tail, check=check), root, domain)


_ANCHORS = frozenset(folder.lower() for folder in (*FOLDERS.values(), "Protocols"))


def _tail(parts: Parts) -> Parts | None:
    return after_last(parts, _ANCHORS)
