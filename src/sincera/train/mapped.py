"""Which faces a stage can learn from: those that carry the maps which it reads.

A face mesh sees no face in some crops, so a live face without depth is ordinary; a domain without any is a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Label
from sincera.errors import RecipeError
from sincera.evaluate.faces import Faces
from sincera.train.batch import Facts
from sincera.train.plan import Rows

WANTED: Mapping[str, Label] = {"depth": Label.LIVE, "mask": Label.ATTACK}  # whose map is read; of others it may lack
_PIECE = 4096  # faces whose maps are looked at together


def with_maps(faces: Faces, rows: Rows, needs: Sequence[str], facts: Facts, *, stage: str) -> tuple[Rows, list[str]]:
    """The rows that carry every map of `needs`, and a line for each map that some of them lack.

    RecipeError where no face of a domain that should carry a map does.
    """
    kept = np.ones(len(rows.row), dtype=bool)
    lines = []
    for name in needs:
        if name not in WANTED or not faces.has(name):
            continue
        label = WANTED[name]
        asked = rows.label == label.number
        lacking = asked & _unknown(faces, name, rows.row)
        for number in np.unique(rows.domain[asked]).tolist():
            here = asked & (rows.domain == number)
            if lacking[here].all():
                raise RecipeError(
                    f"stage {stage} needs {name!r} of {label} faces, and of domain {facts.domains[number]} none of "
                    f"{here.sum()} carries one."
                )
        if lacking.any():
            lines.append(f"{lacking.sum()} of {asked.sum()} {label} faces carry no {name}; {stage} leaves them out")
        kept &= ~lacking
    return (rows if kept.all() else Rows(*(getattr(rows, one.name)[kept] for one in fields(Rows)))), lines


def _unknown(faces: Faces, name: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    pieces = [rows[start : start + _PIECE] for start in range(0, len(rows), _PIECE)]
    return np.concatenate([np.zeros(0, bool), *(np.isnan(faces.extra(name, one)).any((1, 2)) for one in pieces)])
