"""sincera-world.json: how a simulated world says that it is one, and which clips it set out to write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sincera.data.sources.tree import File
from sincera.errors import LayoutError

WORLD_FILE = "sincera-world.json"


@dataclass(frozen=True, slots=True)
class World:
    """A simulated domain: its name and the clips it should hold, as paths below the root.

    attributes: those of the owner's attributes that the simulator knows; the lists have zeros for the others.
    """

    domain: str
    grid: tuple[str, ...]
    attributes: tuple[str, ...] = ()


def format_world(domain: str, grid: Iterable[str], **extra: object) -> str:
    """The file's text; `extra` are further JSON values (seed, scale, version) that no reader needs.

    >>> print(format_world("C", ["train_release/1/1.avi"], seed=7))
    {"simulated": true, "domain": "C", "seed": 7, "grid": [
    "train_release/1/1.avi"
    ]}
    """
    head = json.dumps({"simulated": True, "domain": domain, **extra})[:-1]
    return head + ', "grid": [\n' + ",\n".join(json.dumps(path) for path in grid) + "\n]}"


def read_world(root: Path) -> World | None:
    """The world file of a root, or None where there is none.  LayoutError where it cannot be read."""
    file = root / WORLD_FILE
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LayoutError(f"{file}: not readable as JSON ({error}). Simulate the world again.") from error
    match found:
        case {"simulated": True, "domain": str(domain), "grid": list(grid)} if all(isinstance(p, str) for p in grid):
            known = found.get("attributes", [])
            return World(domain, tuple(grid), tuple(map(str, known)) if isinstance(known, list) else ())
    keys = list(found) if isinstance(found, Mapping) else type(found).__name__
    raise LayoutError(
        f"{file}: expected simulated, domain and grid (a list of paths), found {keys}. Simulate it again."
    )


def find_world(files: Iterable[File]) -> tuple[World | None, Path | None]:
    """The world file that lies highest among a folder's files, and its folder."""
    marks = sorted((file for file in files if file.parts[-1] == WORLD_FILE), key=lambda file: len(file.parts))
    if not marks:
        return None, None
    folder = marks[0].path.parent
    return read_world(folder), folder
