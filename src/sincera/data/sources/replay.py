"""Idiap Replay-Attack: 50 people, 1,200 videos, a complete grid, and 100 enrolment clips that are not for detection.

    {train,devel,test}/real/clientCCC_sessionSS_webcam_authenticate_{controlled|adverse}_{1|2}.mov
    {train,devel,test}/attack/{fixed,hand}/attack_{print|mobile|highdef}_clientCCC_sessionSS_{sample}_{photo|video}_{light}.mov
    enroll/{train,devel,test}/clientCCC_sessionSS_webcam_enroll_{light}.mov
    face-locations/<the same path>.face, protocols/*.txt

`mobile` and `highdef` name both the attack's screen and the camera of the shown sample: they are read by position.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sincera.clip import SPLITS, Label, Split
from sincera.data.sources.grids import Grammar, Lists, Parts, Remarks, read_grid
from sincera.data.sources.listing import Listing
from sincera.data.sources.tree import after_last

_TRAIN = (1, 2, 4, 6, 7, 8, 12, 16, 18, 25, 27, 103, 105, 108, 110)
_DEV = (3, 5, 10, 15, 17, 22, 29, 30, 101, 111, 113, 114, 116, 118, 119)
_TEST = (9, 11, 13, 14, 19, 20, 21, 23, 24, 26, 28, 31, 102, 104, 106, 107, 109, 112, 115, 117)
CLIENTS: Mapping[Split, tuple[int, ...]] = {"train": _TRAIN, "dev": _DEV, "test": _TEST}
_SPLIT_OF = {client: split for split, clients in CLIENTS.items() for client in clients}
FOLDERS: Mapping[Split, str] = {"train": "train", "dev": "devel", "test": "test"}
LIGHTS = ("controlled", "adverse")
SUPPORTS = ("fixed", "hand")
INSTRUMENTS = (  # the attack's device, the camera of the sample, the kind of sample
    ("print", "highdef", "photo"),
    ("mobile", "mobile", "photo"),
    ("mobile", "mobile", "video"),
    ("highdef", "highdef", "photo"),
    ("highdef", "highdef", "video"),
)
TITLE = "Replay-Attack"
BEGINS_WITH = "train, devel and test with real and attack in each"
OPTIONS: tuple[str, ...] = ("enrolment",)  # of `read_clips`, that this set knows
ANNOTATION = "box"
Purpose = Literal["real", "attack", "enroll"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCell:
    """One video; `take` belongs to real ones, `support`, `attack`, `sample` and `medium` to attacks.

    >>> cell = ReplayCell(purpose="attack", client=1, light="adverse", attack="mobile", sample="mobile", medium="video",
    ...                   support="hand")
    >>> path(cell)
    'train/attack/hand/attack_mobile_client001_session01_mobile_video_adverse.mov'
    """

    purpose: Purpose
    client: int
    light: str
    take: int = 0
    attack: str = ""
    sample: str = ""
    medium: str = ""
    support: str = ""

    @property
    def label(self) -> Label:
        return Label.ATTACK if self.purpose == "attack" else Label.LIVE

    @property
    def subject(self) -> str:
        return str(self.client)

    @property
    def split(self) -> Split:
        return _SPLIT_OF[self.client]

    @property
    def conditions(self) -> Mapping[str, str]:
        found = {"light": self.light, "purpose": "enrolment" if self.purpose == "enroll" else ""}
        found |= {"support": self.support, "sample": self.sample, "medium": self.medium}
        return {name: value for name, value in found.items() if value}

    @property
    def stem(self) -> str:
        """The owner's name without suffix."""
        client = f"client{self.client:03d}_session01"
        if self.purpose == "attack":
            return f"attack_{self.attack}_{client}_{self.sample}_{self.medium}_{self.light}"
        if self.purpose == "enroll":
            return f"{client}_webcam_enroll_{self.light}"
        return f"{client}_webcam_authenticate_{self.light}_{self.take}"

    @property
    def folder(self) -> str:
        """The owner's folder."""
        split = FOLDERS[self.split]
        if self.purpose == "enroll":
            return f"enroll/{split}"
        return f"{split}/real" if self.purpose == "real" else f"{split}/attack/{self.support}"


def _of_client(client: int) -> Iterable[ReplayCell]:
    for light in LIGHTS:
        for take in (1, 2):
            yield ReplayCell(purpose="real", client=client, light=light, take=take)
    for support in SUPPORTS:
        for attack, sample, medium in INSTRUMENTS:
            for light in LIGHTS:
                yield ReplayCell(
                    purpose="attack",
                    client=client,
                    light=light,
                    attack=attack,
                    sample=sample,
                    medium=medium,
                    support=support,
                )


def grid() -> tuple[ReplayCell, ...]:
    """All 1,200 cells for detection, by split and client."""
    return tuple(cell for split in SPLITS for client in CLIENTS[split] for cell in _of_client(client))


def enrolment_grid() -> tuple[ReplayCell, ...]:
    """The 100 enrolment clips, which some published lists count as live."""
    return tuple(
        ReplayCell(purpose="enroll", client=client, light=light)
        for split in SPLITS
        for client in CLIENTS[split]
        for light in LIGHTS
    )


def path(cell: ReplayCell) -> str:
    """Where the owner puts this cell's video, below the root."""
    return f"{cell.folder}/{cell.stem}.mov"


def annotation_path(cell: ReplayCell) -> str:
    """Where the owner puts this cell's boxes."""
    return f"face-locations/{cell.folder}/{cell.stem}.face"


def side_files(cells: Iterable[ReplayCell]) -> dict[str, str]:
    """protocols/clients.txt and the lists of real and attack clips, over whatever cells exist.

    >>> side_files([ReplayCell(purpose="real", client=9, light="adverse", take=2)])["protocols/clients.txt"]
    '009 test\\n'
    """
    cells = tuple(cells)
    clients = sorted({(cell.client, FOLDERS[cell.split]) for cell in cells})
    files = {"protocols/clients.txt": "".join(f"{client:03d} {split}\n" for client, split in clients)}
    for split, folder in FOLDERS.items():
        here = [cell for cell in cells if cell.split == split]
        attacks = [cell for cell in here if cell.purpose == "attack"]
        lists = {f"real-{folder}": [cell for cell in here if cell.purpose == "real"]}
        lists[f"recognition-{folder}"] = [cell for cell in here if cell.purpose == "enroll"]
        for name, chosen in _attack_lists(attacks).items():
            lists[f"attack-{name}-allsupports-{folder}"] = chosen
        files |= {
            f"protocols/{name}.txt": "".join(f"{path(cell)}\n" for cell in found) for name, found in lists.items()
        }
    return files


def _attack_lists(attacks: list[ReplayCell]) -> dict[str, list[ReplayCell]]:
    """The owner's protocols over attacks: everything, one device, or one kind of sample."""
    lists = {"grandtest": attacks}
    for device in ("print", "mobile", "highdef"):
        lists[device] = [cell for cell in attacks if cell.attack == device]
    for medium in ("photo", "video"):
        lists[medium] = [cell for cell in attacks if cell.medium == medium]
    lists["digitalphoto"] = [cell for cell in lists["photo"] if cell.attack != "print"]
    return lists


def read(root: Path, domain: str = "I", *, enrolment: bool = False) -> Listing:
    """The clips of a Replay-Attack folder; the enrolment clips only where asked for, as live."""
    cells = (*grid(), *enrolment_grid()) if enrolment else grid()
    left_out = () if enrolment else enrolment_grid()
    grammar = Grammar("I", TITLE, BEGINS_WITH, cells, path, annotation_path, _tail, left_out, _check)
    return read_grid(grammar, root, domain)


_SPLIT_FOLDERS = frozenset(FOLDERS.values())
_SIDE_FOLDERS = frozenset(("face-locations", "protocols", "enroll"))


def _tail(parts: Parts) -> Parts | None:
    side = after_last(parts, _SIDE_FOLDERS)
    if side is not None:
        return side
    tail = after_last(parts, _SPLIT_FOLDERS, beyond=1)
    return tail if tail is not None and tail[1].lower() in ("real", "attack") else None


def _check(cells: Sequence[ReplayCell], lists: Lists) -> Remarks:
    """Compare protocols/clients.txt with the division into people that the folders follow."""
    file = lists.get("protocols/clients.txt")
    if file is None:
        return Remarks(warnings=("protocols/clients.txt is not there: the split of people could not be compared",))
    ours = {f"{cell.client:03d} {FOLDERS[cell.split]}" for cell in cells}
    theirs = {" ".join(line.split()) for line in file.read_text("utf-8", "replace").splitlines() if line.strip()}
    odd = sorted(ours ^ theirs)
    return Remarks(faults=tuple(f"protocols/clients.txt: {line!r} {_side(line in theirs)}" for line in odd))


def _side(in_file: bool) -> str:
    return "is not in the official division" if in_file else "is missing"
