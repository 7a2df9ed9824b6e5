"""A root's files by name: walked once, symbolic links followed, system clutter left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sincera.errors import LayoutError

MAX_DEPTH = 8  # the deepest owner's tree has 4 levels; the rest is for archives in folders of their own name
VIDEO_SUFFIXES = frozenset((".avi", ".mov", ".mp4", ".m4v", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp"))
PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"))
_CLUTTER = frozenset(("__MACOSX", "@eaDir", "Thumbs.db", "desktop.ini"))


@dataclass(frozen=True, slots=True)
class File:
    """One file: where it lies, its path below the root in parts, its size in bytes."""

    path: Path
    parts: tuple[str, ...]
    size: int

    @property
    def name(self) -> str:
        """The path below the root with "/"."""
        return "/".join(self.parts)

    @property
    def suffix(self) -> str:
        """The suffix in lower case, since copies through other systems change it."""
        return os.path.splitext(self.parts[-1])[1].lower()  # noqa: PTH122 - pathlib costs ten times as much here


def walk(root: Path) -> tuple[File, ...]:
    """All files below the root in order of name.  LayoutError where the root is no folder or cannot be listed."""
    if not root.is_dir():
        found = "is a file" if root.exists() else "does not exist"
        raise LayoutError(f"{root}: {found}; expected the folder of a data set. Check the path after NAME=.")
    try:
        return tuple(_below(str(root), ()))
    except OSError as error:
        raise LayoutError(f"{error.filename}: cannot be listed ({error.strerror}). Check its permissions.") from error


def _below(folder: str, parts: tuple[str, ...]) -> Iterator[File]:
    with os.scandir(folder) as listed:
        entries = sorted(listed, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _CLUTTER:
            continue
        here = (*parts, entry.name)
        if entry.is_dir():
            if len(here) < MAX_DEPTH:
                yield from _below(entry.path, here)
        elif entry.is_file():
            yield File(Path(entry.path), here, entry.stat().st_size)


def after_last(parts: tuple[str, ...], anchors: frozenset[str], beyond: int = 0) -> tuple[str, ...] | None:
    """The parts from the last folder whose name (in lower case) is an anchor, with `beyond` folders behind it at least.

    Taking the last one takes wrapping and doubled folders off.

    >>> after_last(("my copy", "Train_files", "Train_files", "1_1_01_1.avi"), frozenset(["train_files"]))
    ('Train_files', '1_1_01_1.avi')
    """
    for index in range(len(parts) - 2 - beyond, -1, -1):
        if parts[index].lower() in anchors:
            return parts[index:]
    return None
