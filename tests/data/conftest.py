"""Data sets' folders made of files that are a video by their headers and hold no frame."""

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from sincera.data.sources import FOLDER, SOURCES

sys.path.insert(0, str(Path(__file__).parent))  # for the helper module `squares`

AVI = b"RIFF\x08\0\0\0AVI LIST"
MOV = b"\0\0\0\x10ftypqt  \0\0\0\0" + b"\0\0\0\x08moov"
OFFICIAL = {key: import_module(module) for key, module in SOURCES.items() if key != FOLDER}
OFFICIAL = {  # whose names make a complete grid: CelebA-Spoof and SiW-M are read otherwise, and tested beside
    key: module for key, module in OFFICIAL.items() if hasattr(module, "annotation_path")
}
Plant = Callable[..., Path]


@pytest.fixture(params=OFFICIAL)
def key(request) -> str:
    """The letter of each official set in turn."""
    return request.param


@pytest.fixture
def source(key) -> ModuleType:
    """The source module of that set."""
    return OFFICIAL[key]


def few(source: ModuleType) -> list:
    """Some thirty cells that show every split, species and condition that there is."""
    seen, chosen = set(), []
    for cell in source.grid():
        marks = {(cell.split, cell.attack), *((cell.split, *item) for item in cell.conditions.items())}
        if not marks <= seen:
            seen |= marks
            chosen.append(cell)
    return chosen


@pytest.fixture
def cells(source) -> list:
    """Those cells for the set in turn."""
    return few(source)


@pytest.fixture
def plant(tmp_path) -> Plant:
    """Write a set's files: plant("O", cells, wrap="copy", lists=True) → root."""

    def write(key: str, cells: Iterable, *, wrap: str = "", lists: bool = True, name: str = "") -> Path:
        source = OFFICIAL[key]
        root = tmp_path / (name or key)
        cells = list(cells)
        for cell in cells:
            path = root / wrap / source.path(cell)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(AVI if path.suffix == ".avi" else MOV)
        if lists:
            for name_, text in source.side_files(source.grid()).items():
                path = root / wrap / name_
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, newline="")
        return root

    return write
