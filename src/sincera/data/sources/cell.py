"""What the four official grids share: a cell is one clip that the owner's names can express."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sincera.clip import Label, Split


class Cell(Protocol):
    """One clip of a complete grid, as its owner names it; all properties follow from the fields of the name.

    Each source module (`oulu`, `casia`, `replay`, `msu`) holds its own frozen dataclass of this shape and the
    functions `grid() -> tuple of cells`, `path(cell) -> str` (below the root, with "/"), `annotation_path(cell)`
    (the same for the owner's file of eyes or boxes) and `side_files(cells) -> {path: text}` (protocol files and lists).
    """

    @property
    def label(self) -> Label: ...

    @property
    def attack(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def split(self) -> Split: ...

    @property
    def conditions(self) -> Mapping[str, str]: ...
