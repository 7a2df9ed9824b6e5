"""Where a CelebA-Spoof copy keeps its two trees: mirrors add folders, and parts unpack beside each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sincera.data.sources.tree import MAX_DEPTH
from sincera.data.sources.world import WORLD_FILE
from sincera.data.subjects import natural
from sincera.errors import LayoutError

PARTS = ("train", "test")
KINDS = ("live", "spoof")
_LISTS = frozenset(("intra_test", "protocol1", "protocol2"))
_CROWDED = 500  # sub-folders of a folder of people; wrapping folders have a handful


@dataclass(frozen=True, slots=True)
class Tree:
    """metas: the folder of lists.  data: folders with `train` or `test` in them, most often one.  world: the folder
    of a world file.  strays: folders beside `train` and `test`."""

    metas: Path | None
    data: tuple[Path, ...]
    world: Path | None
    strays: tuple[str, ...]

    def names(self, folder: str) -> dict[str, Path]:
        """The files of `Data/part/subject/kind` by name, each with the folder that it lies in; no file is touched."""
        found: dict[str, Path] = {}
        for data in self.data:
            place = data.joinpath(*folder.split("/")[1:])
            try:
                found |= dict.fromkeys(os.listdir(place), place)  # noqa: PTH208 - a Path a file would cost seconds
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise LayoutError(f"{place}: cannot be listed ({error.strerror}). Check its permissions.") from error
        return found

    def folders(self) -> Iterator[str]:
        """Every `Data/part/subject/kind` that is there, in no order."""
        for data in self.data:
            for part in PARTS:
                for subject in _folders(data / part):
                    for kind in _folders(data / part / subject):
                        if kind in KINDS:
                            yield f"Data/{part}/{subject}/{kind}"


def find_tree(root: Path) -> Tree:
    """Look through wrapping folders, never into folders of people.  LayoutError where the root is no folder."""
    if not root.is_dir():
        found = "is a file" if root.exists() else "does not exist"
        raise LayoutError(f"{root}: {found}; expected the folder of a data set. Check the path after NAME=.")
    metas: Path | None = None
    data: list[Path] = []
    world: Path | None = None
    strays: list[str] = []
    level = [root]
    for _ in range(MAX_DEPTH):
        deeper: list[Path] = []
        for folder in level:
            inside = _folders(folder)
            if world is None and (folder / WORLD_FILE).is_file():
                world = folder
            if metas is None and folder.name.lower() == "metas" and _LISTS & set(inside):
                metas = folder
            elif folder.name.lower() == "data" and set(PARTS) & set(inside):
                data.append(folder)
                strays += [f"Data/{name}" for name in inside if name not in PARTS]
            elif len(inside) < _CROWDED:
                deeper += [folder / name for name in inside]
        level = deeper
    return Tree(metas, tuple(data), world, tuple(sorted(strays)))


def natural_folder(folder: str) -> tuple[object, ...]:
    """A key that puts `Data/train` before `Data/test` and people in order of number."""
    return (not folder.startswith("Data/train"), natural(folder))


def _folders(folder: Path) -> list[str]:
    """Sub-folders by name, links followed, system clutter left out."""
    try:
        with os.scandir(folder) as listed:
            return sorted(e.name for e in listed if not e.name.startswith((".", "__MACOSX", "@")) and e.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LayoutError(f"{error.filename}: cannot be listed ({error.strerror}). Check its permissions.") from error
