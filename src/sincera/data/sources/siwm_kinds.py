"""What SiW-M's two versions call their kinds of attack: the word that we keep, the folder, the prefix of names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of attack.  word: the species.  folder: the owner's, with "/".  prefix: of the videos' names, before
    _<n>.  released: how many videos there are."""

    word: str
    folder: str
    prefix: str
    released: int
