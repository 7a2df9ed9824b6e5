"""The record that every other room passes on: one video or picture as its owner recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, get_args

LIVE = 0
ATTACK = 1

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


class Label(StrEnum):
    """Whether a person stood before the camera, or an instrument.

    >>> Label.ATTACK.number, Label.from_number(0)
    (1, <Label.LIVE: 'live'>)
    """

    LIVE = "live"
    ATTACK = "attack"

    @property
    def number(self) -> int:
        """0 for live, 1 for attack: the only numbers a label ever has here."""
        return ATTACK if self is Label.ATTACK else LIVE

    @classmethod
    def from_number(cls, number: int) -> Label:
        return {LIVE: cls.LIVE, ATTACK: cls.ATTACK}[number]


@dataclass(frozen=True, slots=True)
class Clip:
    """One video, picture or folder of frames.

    path: where it lies on disk.  attack: the species of the instrument in the owner's words, "" for live.
    domain: the data set as a source of shift (`O`, `C`, …).  subject: the owner's id, unique within the domain.
    conditions: what else the owner states (phone, session, light, …).  name: the path below the unwrapped root
    with "/", unique within the domain; it stands in every file that we write.  annotation: the owner's file of
    boxes or eyes, where there is one.  attributes: what the owner states of the person, as numbers by name.

    >>> Clip(Path("x/1/1.avi"), Label.LIVE, "", "C", "test/1", "test", name="test_release/1/1.avi").key
    'C/test_release/1/1.avi'
    """

    path: Path
    label: Label
    attack: str
    domain: str
    subject: str
    split: Split
    conditions: Mapping[str, str] = field(default_factory=dict, hash=False)
    name: str = ""
    annotation: Path | None = None
    attributes: Mapping[str, float] = field(default_factory=dict, hash=False, compare=False)

    def __post_init__(self) -> None:
        if (self.label is Label.LIVE) != (self.attack == ""):
            raise ValueError(f"{self.path}: {self.label} with species {self.attack!r}; attacks have one, lives none")

    @property
    def key(self) -> str:
        """Domain and name: unique over all data sets of a run."""
        return f"{self.domain}/{self.name}"

    @property
    def person(self) -> str:
        """Domain and subject: people of different data sets are different people."""
        return f"{self.domain}/{self.subject}"
