"""What reading a data set's folder gives: its clips, and everything about the folder that is worth a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sincera.clip import Clip, Split

if TYPE_CHECKING:  # counts.py imports this package
    from sincera.data.counts import Counts


@dataclass(frozen=True, slots=True)
class SetAside:
    """A clip that is there but cannot be used: its name and why.  Nothing on disk is moved."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A data set's folder as read from names alone; no file is opened but lists, manifest and world file.

    root: the folder in which the owner's tree begins, wrapping archives' folders taken off.  expected: the clips that
    the owner's grid, the simulated world or the manifest promises, by name, None where nothing promises any.
    missing, surplus: names promised and absent, present and not promised.  faults: contradictions in the folder;
    warnings: what is merely worth knowing.  absent: records of missing clips, where something beside their name says
    what they are.  shared: subjects whom the owner's own release has in two splits.  counts: what the release holds of
    each split, where that depends on the folder's own division; None: the official counts.
    """

    root: Path
    clips: tuple[Clip, ...]
    set_aside: tuple[SetAside, ...] = ()
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    expected: tuple[str, ...] | None = None
    simulated: bool = False
    absent: tuple[Clip, ...] = ()
    shared: frozenset[str] = frozenset()
    counts: Mapping[Split, Counts] | None = None
