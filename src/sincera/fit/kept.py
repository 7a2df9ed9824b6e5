"""Simulated faces that come with the package: what an adapted model must still tell apart.

Rendered people before four simulated cameras, live and under every species of print and replay.  benchmarks/default
says how they were made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from sincera.media import read_picture


@dataclass(frozen=True, slots=True)
class Kept:
    """image: (H, W, 3) uint8 RGB.  label: live 0, attack 1.  species: domain, and the word of an attack."""

    image: NDArray[np.uint8]
    label: int
    species: str
    person: str


def kept_faces() -> Iterator[Kept]:
    """All of them, in the file's order.

    >>> sorted({one.label for one in kept_faces()})
    [0, 1]
    """
    with as_file(files("sincera.fit") / "assets/simulated.npz") as path, np.load(path, allow_pickle=False) as stored:
        content, ends = stored["bytes"], stored["ends"]
        columns = [stored[name].tolist() for name in ("label", "species", "person")]
    starts = [0, *ends[:-1].tolist()]
    for start, end, label, species, person in zip(starts, ends.tolist(), *columns, strict=True):
        yield Kept(read_picture(content[start:end].tobytes()), label, species, person)
