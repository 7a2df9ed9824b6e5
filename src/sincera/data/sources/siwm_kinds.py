"""What SiW-M's two versions call their kinds of attack: the word that we keep, the folder, the prefix of names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

LIVE = "Live"
_STEM = re.compile(r"(?:(?P<prefix>.+)_)?(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of attack.  word: the species.  folder: the owner's, with "/".  prefix: of the videos' names, before
    _<n>.  released: how many videos there are.  also: further names that copies have for folder or prefix."""

    word: str
    folder: str
    prefix: str
    released: int
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that a folder or a prefix of this kind may be called, the prefix first.

        >>> Kind("HalfMask", "Mask/HalfMask", "Mask_Half", 72).names
        ('Mask_Half', 'HalfMask', 'Mask_HalfMask')
        """
        return tuple(
            dict.fromkeys((self.prefix, self.folder.split("/")[-1], self.folder.replace("/", "_"), *self.also))
        )


class Named(NamedTuple):
    """The kind that a name means, None for live, and the name spelled as the owner does."""

    kind: Kind | None
    name: str


class Folder(NamedTuple):
    """What a video's folder says; part: `train` or `test` for live ones so divided, else ""."""

    named: Named
    part: str


class Stem(NamedTuple):
    """What a video's own name says, if anything, and the whole of it spelled as the owner does."""

    named: Named | None
    spelled: str


class Names:
    """Looks names up whole, whatever their case: `Mask_Paper` and `Partial_Paperglass` hold `Paper` and are not it."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._named = {name.lower(): Named(kind, name) for kind in kinds for name in kind.names}
        self._named[LIVE.lower()] = Named(None, LIVE)

    def of_folder(self, parts: tuple[str, ...]) -> Folder | None:
        """What the folders of a file say."""
        above = ["", "", *(part.lower() for part in parts[:-1])]
        if above[-2] == LIVE.lower() and above[-1] in ("train", "test"):
            return Folder(self._named[above[-2]], above[-1])
        found = self._named.get(above[-1])
        return None if found is None else Folder(found, "")

    def of_stem(self, stem: str) -> Stem | None:
        """What a file's name says; None where it does not end in a number.

        >>> kinds = Names([Kind("Print", "Paper", "Paper", 118), Kind("PaperMask", "Mask/PaperMask", "Mask_Paper", 17)])
        >>> found = kinds.of_stem("mask_paper_03")
        >>> found.named.kind.word, found.spelled, kinds.of_stem("clip_3").named
        ('PaperMask', 'Mask_Paper_3', None)
        """
        match = _STEM.fullmatch(stem)
        if match is None:
            return None
        found = self._named.get((match["prefix"] or "").lower())
        return Stem(found, stem if found is None else f"{found.name}_{int(match['number'])}")
