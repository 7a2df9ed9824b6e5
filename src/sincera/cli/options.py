"""What `sincera table` and `sincera figure` are asked for in the same words."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from sincera.errors import UsageError

LARGEST_SEED = 2**32 - 1  # what every generator takes
_NUMBER = re.compile(r"[0-9]{1,10}")


def parts(text: str) -> tuple[str, ...]:
    """What stands between commas.

    >>> parts("V1, V4,")
    ('V1', 'V4')
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


def seeds_of(text: str) -> tuple[int, ...]:
    """Whole numbers between commas; UsageError for anything else.

    >>> seeds_of("0,1,2")
    (0, 1, 2)
    """
    found = parts(text)
    if not all(_NUMBER.fullmatch(part) and int(part) <= LARGEST_SEED for part in found):
        raise UsageError(f"--seeds {text}: expected whole numbers from 0 to {LARGEST_SEED}, as 0,1,2.")
    return tuple(map(int, found))


def check_file(option: str, path: Path) -> None:
    """UsageError where no file can be written at the path: before hours of work, not after them."""
    if path.is_dir():
        raise UsageError(f"{option} {path}: is a folder; name a file in it.")
    check_folder(option, path.parent)


def check_folder(option: str, path: Path) -> None:
    """UsageError where the path is no folder that can be written, and none can be made there."""
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise UsageError(f"{option} {path}: {there} is a file, expected a folder. Name another place.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{option} {path}: {there} cannot be written. Check its permissions, or name another place.")


def listing(title: str, entries: Callable[[], Mapping[str, str]]) -> type[TyperCommand]:
    """A command whose help ends with {name: what it is}, asked for when the help is printed."""

    class Listing(TyperCommand):
        def format_epilog(self, ctx: Any, formatter: Any) -> None:
            with formatter.section(title):
                formatter.write_dl(list(entries().items()))
            super().format_epilog(ctx, formatter)

    return Listing
