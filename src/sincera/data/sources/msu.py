"""MSU-MFSD as released: 35 people × 2 cameras × 4 = 280 videos, a complete grid.

    scene01/real/real_clientCCC_{android|laptop}_SD_scene01.{mp4|mov}
    scene01/attack/attack_clientCCC_{android|laptop}_SD_{ipad_video|iphone_video|printed_photo}_scene01.{mp4|mov}
    <the same>.face                        frame,left,top,right,bottom,eye x,y,eye x,y in the upright frame
    {train,test}_sub_list.txt              two-digit ids

Six live android clips are stored upside down with a track matrix; decoding turns them once, nothing here does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sincera.clip import Label, Split
from sincera.data.sources.grids import Grammar, Lists, Parts, Remarks, read_grid
from sincera.data.sources.listing import Listing
from sincera.data.sources.tree import after_last

_TRAIN = (2, 3, 5, 6, 7, 8, 9, 11, 12, 21, 22, 34, 53, 54, 55)
_TEST = (1, 13, 14, 23, 24, 26, 28, 29, 30, 32, 33, 35, 36, 37, 39, 42, 48, 49, 50, 51)
CLIENTS: Mapping[Split, tuple[int, ...]] = {"train": _TRAIN, "test": _TEST}
_SPLIT_OF = {client: split for split, clients in CLIENTS.items() for client in clients}
SUFFIXES: Mapping[str, str] = {"android": ".mp4", "laptop": ".mov"}
ATTACKS = ("ipad_video", "iphone_video", "printed_photo")
UPSIDE_DOWN = (3, 5, 6, 7, 8, 9)  # clients whose live android clip carries a rotation of 180°
TITLE = "MSU-MFSD"
BEGINS_WITH = "scene01/real and scene01/attack"
OPTIONS: tuple[str, ...] = ()  # of `read_clips`, that this set knows
ANNOTATION = "corners"


@dataclass(frozen=True, slots=True)
class MsuCell:
    """One video.

    >>> cell = MsuCell(client=9, device="android", attack="ipad_video")
    >>> path(cell)
    'scene01/attack/attack_client009_android_SD_ipad_video_scene01.mp4'
    """

    client: int
    device: str
    attack: str = ""

    @property
    def label(self) -> Label:
        return Label.ATTACK if self.attack else Label.LIVE

    @property
    def subject(self) -> str:
        return str(self.client)

    @property
    def split(self) -> Split:
        return _SPLIT_OF[self.client]

    @property
    def conditions(self) -> Mapping[str, str]:
        return {"device": self.device}

    @property
    def rotation(self) -> int:
        """Degrees by which the owner's file is stored turned: 180 for six clips, else 0."""
        return 180 if not self.attack and self.device == "android" and self.client in UPSIDE_DOWN else 0

    @property
    def stem(self) -> str:
        """The owner's path below the root, without suffix."""
        kind = "attack" if self.attack else "real"
        attack = f"_{self.attack}" if self.attack else ""
        return f"scene01/{kind}/{kind}_client{self.client:03d}_{self.device}_SD{attack}_scene01"


def grid() -> tuple[MsuCell, ...]:
    """All 280 cells, by split, client and camera."""
    return tuple(
        MsuCell(client, device, attack)
        for clients in CLIENTS.values()
        for client in clients
        for device in SUFFIXES
        for attack in ("", *ATTACKS)
    )


def path(cell: MsuCell) -> str:
    """Where the owner puts this cell's video, below the root."""
    return cell.stem + SUFFIXES[cell.device]


def annotation_path(cell: MsuCell) -> str:
    """Where the owner puts this cell's boxes and eyes."""
    return f"{cell.stem}.face"


def side_files(cells: Iterable[MsuCell]) -> dict[str, str]:
    """train_sub_list.txt and test_sub_list.txt over whatever cells exist; the owner ends lines with CR LF.

    >>> side_files([MsuCell(2, "android")])["train_sub_list.txt"]
    '02\\r\\n'
    """
    present = {cell.client for cell in cells}
    return {
        f"{split}_sub_list.txt": "".join(f"{client:02d}\r\n" for client in clients if client in present)
        for split, clients in CLIENTS.items()
    }


def read(root: Path, domain: str = "M") -> Listing:
    """The clips of an MSU-MFSD folder, with or without its `scene01`."""
    grammar = Grammar("M", TITLE, BEGINS_WITH, grid(), path, annotation_path, _tail, check=_check)
    return read_grid(grammar, root, domain)


_KINDS = frozenset(("real", "attack"))


def _tail(parts: Parts) -> Parts | None:
    if parts[-1].lower().endswith("_sub_list.txt"):
        return parts[-1:]
    tail = after_last(parts, _KINDS)
    return ("scene01", *tail) if tail is not None else None


def _check(cells: Sequence[MsuCell], lists: Lists) -> Remarks:
    """Compare the owner's two lists of people with the division that this file carries."""
    faults, warnings = [], []
    for name, text in side_files(cells).items():
        if name not in lists:
            warnings.append(f"{name} is not there: the split of people could not be compared")
            continue
        ours = set(text.split())
        theirs = {f"{int(word):02d}" if word.isdigit() else word for word in lists[name].read_text().split()}
        if ours != theirs:
            extra, absent = sorted(theirs - ours), sorted(ours - theirs)
            faults.append(f"{name}: differs from the official division (added {extra}, missing {absent})")
    return Remarks(tuple(faults), tuple(warnings))
