"""OULU-NPU's protocols 1 to 4: every line of the owner's 42 files is a formula over the grid.

    1    sessions 1, 2                       train, dev      session 3                     test
    2    accesses 1, 2, 4                    train, dev      accesses 1, 3, 5              test
    3_k  phones other than k                 train, dev      phone k                       test
    4_k  all three of them at once

A line is `+1,1_1_01_1`: +1 live, -1 attack; the test files keep -1 for prints and write -2 for displays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sincera.clip import SPLITS, Label, Split
from sincera.data.sources.grids import Lists, Remarks
from sincera.data.sources.oulu import ACCESSES, PHONES, SESSIONS, OuluCell

CODES = {Label.LIVE: "+1", Label.ATTACK: "-1"}


@dataclass(frozen=True, slots=True)
class OuluProtocol:
    """One of the fourteen: protocol 1 to 4 and, for 3 and 4, the phone that is held out.

    >>> OuluProtocol(4, 6).name, len(PROTOCOLS)
    ('4/6', 14)
    """

    number: int
    fold: int | None = None

    @property
    def name(self) -> str:
        return f"{self.number}" if self.fold is None else f"{self.number}/{self.fold}"

    def sessions(self, split: Split) -> Sequence[int]:
        """The sessions that this split sees."""
        if self.number not in (1, 4):
            return SESSIONS
        return (3,) if split == "test" else (1, 2)

    def phones(self, split: Split) -> Sequence[int]:
        """The phones that this split sees."""
        if self.fold is None:
            return PHONES
        return (self.fold,) if split == "test" else tuple(phone for phone in PHONES if phone != self.fold)

    def accesses(self, split: Split) -> Sequence[int]:
        """The accesses that this split sees; 1 is live."""
        if self.number not in (2, 4):
            return tuple(ACCESSES)
        return (1, 3, 5) if split == "test" else (1, 2, 4)

    def holds(self, cell: OuluCell, split: Split) -> bool:
        """Whether the cell stands in this protocol's list for the split."""
        return (
            cell.split == split
            and cell.session in self.sessions(split)
            and cell.phone in self.phones(split)
            and cell.access in self.accesses(split)
        )

    def file(self, split: Split) -> str:
        """The owner's name of the list, below the root."""
        fold = "" if self.fold is None else f"_{self.fold}"
        return f"Protocols/Protocol_{self.number}/{split.capitalize()}{fold}.txt"


PROTOCOLS: tuple[OuluProtocol, ...] = (
    OuluProtocol(1),
    OuluProtocol(2),
    *(OuluProtocol(number, phone) for number in (3, 4) for phone in PHONES),
)


def line(cell: OuluCell) -> str:
    """The cell's line in a protocol file.

    >>> line(OuluCell(1, 1, 1, 5)), line(OuluCell(1, 1, 36, 5))
    ('-1,1_1_01_5', '-2,1_1_36_5')
    """
    on_display = cell.split == "test" and cell.attack.startswith("display")
    return f"{'-2' if on_display else CODES[cell.label]},{cell.stem}"


def protocol_files(cells: Iterable[OuluCell]) -> dict[str, str]:
    """The 42 files over whatever cells exist: path below the root → text.

    >>> protocol_files([OuluCell(1, 1, 1, 1), OuluCell(1, 3, 36, 2)])["Protocols/Protocol_1/Test.txt"]
    '-1,1_3_36_2\\n'
    """
    by_split: dict[Split, list[tuple[OuluCell, str]]] = {split: [] for split in SPLITS}
    for cell in sorted(cells):
        by_split[cell.split].append((cell, f"{line(cell)}\n"))
    return {
        protocol.file(split): "".join(text for cell, text in by_split[split] if protocol.holds(cell, split))
        for protocol in PROTOCOLS
        for split in SPLITS
    }


def check(cells: Sequence[OuluCell], lists: Lists) -> Remarks:
    """Compare the owner's files with the formula: every line that differs is a fault, absent files are a warning."""
    faults, absent = [], []
    for name, text in protocol_files(cells).items():
        file = lists.get(name.lower())
        if file is None:
            absent.append(name)
            continue
        ours, theirs = Counter(text.split()), Counter(_lines(file.read_text("utf-8", "replace")))
        faults += [f"{name}: {line!r} is not in the formula" for line in sorted((theirs - ours).elements())]
        faults += [f"{name}: {line!r} is missing" for line in sorted((ours - theirs).elements())]
    if not absent:
        return Remarks(tuple(faults))
    files = (
        "no protocol file is" if len(absent) == 42 else f"{len(absent)} of 42 protocol files ({absent[0]} …) are not"
    )
    return Remarks(tuple(faults), (f"{files} there: the protocols follow the formula, uncompared",))


def _lines(text: str) -> list[str]:
    """The lines without spaces; `1,stem` is taken for `+1,stem`."""
    lines = ["".join(line.split()) for line in text.splitlines() if line.strip()]
    return [f"+{line}" if line[0].isdigit() else line for line in lines]
