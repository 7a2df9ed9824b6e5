"""Scores with what is known about each: the one thing that measures are made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from sincera.clip import ATTACK, Label
from sincera.errors import ScoreError
from sincera.measures import score_file
from sincera.measures.arrays import Codes, Floats, Labels, Mask, Texts, as_labels, as_numbers
from sincera.measures.columns import as_texts, coded, combined, first_rows, frozen_view
from sincera.measures.conflicts import find_conflict
from sincera.progress import Track, silent

T = TypeVar("T", bound="ScoreTable")
UNNAMED_SPECIES = "attack"


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """One row a frame or a clip; arrays of one length, read-only.

    label: 0 live, 1 attack.  score: rises with attack; NaN is a non-response.  clip: unique within a domain; without
    it each row is a clip.  subject: unique within a domain, "" unknown.  attack: the species, "" for lives.
    frame: its number, int64; float64 with NaN where a row has none.  columns: further texts to group by.
    A sequence of the right kind is accepted for every column.

    >>> table = ScoreTable([0, 1, 1], [0.2, 0.7, 0.9], clip=["a", "b", "b"])
    >>> len(table), table.by_clip().score.tolist()
    (3, [0.2, 0.8])
    """

    label: Labels
    score: Floats
    clip: Texts | None = None
    domain: Texts | None = None
    subject: Texts | None = None
    attack: Texts | None = None
    frame: npt.NDArray[np.int64] | Floats | None = None
    columns: Mapping[str, Texts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        label = frozen_view(as_labels(self.label))
        made: dict[str, Any] = {"label": label, "score": frozen_view(as_numbers(self.score))}
        for name in score_file.TEXT_COLUMNS:
            given = getattr(self, name)
            made[name] = None if given is None else frozen_view(as_texts(given, name))
        if made["clip"] is not None and "" in made["clip"].tolist():
            raise ScoreError("clip: found an empty name; a clip has a name in every row.")
        made["frame"] = None if self.frame is None else frozen_view(_frames(self.frame))
        clash = sorted(set(self.columns) & set(score_file.KNOWN_COLUMNS))
        if clash:
            raise ScoreError(f"columns: {clash[0]} has a place of its own in a ScoreTable; pass it as {clash[0]}=…")
        extra = {name: frozen_view(as_texts(values, name)) for name, values in self.columns.items()}
        for name, values in (made | extra).items():
            if values is not None and len(values) != len(label):
                raise ScoreError(f"{name}: found {len(values)} rows, expected {len(label)} as there are labels.")
        for name, values in (made | {"columns": extra}).items():
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.label)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} rows)"

    @classmethod
    def of(cls, table: ScoreTable) -> Self:
        """The same rows as this type; ScoreError where that would turn target scores into source scores or back."""
        if type(table) not in (ScoreTable, cls):
            raise ScoreError(
                f"found {type(table).__name__}, asked for {cls.__name__}: what selects must never see the target. "
                "Read the scores with the type that they have."
            )
        return cls(**{one.name: getattr(table, one.name) for one in fields(table)})

    def select(self, rows: Mask | Codes) -> Self:
        """The rows of a boolean mask, or those numbered, as the same type."""
        picked: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "columns"}
        picked = {name: None if values is None else values[rows] for name, values in picked.items()}
        return type(self)(**picked, columns={name: values[rows] for name, values in self.columns.items()})

    def column(self, name: str) -> Texts:
        """A text column by its name, `label` included; ScoreError names those there are."""
        if name == "label":
            return np.array([Label.LIVE.value, Label.ATTACK.value], dtype=object)[self.label]
        found = getattr(self, name) if name in score_file.TEXT_COLUMNS else self.columns.get(name)
        if found is None:
            known = [one for one in score_file.TEXT_COLUMNS if getattr(self, one) is not None]
            raise ScoreError(
                f"no column {name!r} of texts here; there are {', '.join([*known, 'label', *self.columns])}. "
                "A column that varies within a clip can be used by frame only."
            )
        texts: Texts = found
        return texts

    @property
    def answered(self) -> Mask:
        """(N,) whether the row has a score."""
        return ~np.isnan(self.score)

    @property
    def species(self) -> Texts:
        """(N,) names of attack species; `attack` where an attack has none, "" for lives."""
        codes, names = self.species_codes
        return np.array([*names, ""], dtype=object)[np.where(self.label == ATTACK, codes, len(names))]

    @cached_property
    def species_codes(self) -> tuple[Codes, list[str]]:
        """(N,) each attack's species as a number, 0 for lives, and the species' names by number."""
        codes = np.zeros(len(self), dtype=np.int64)
        attacks = np.flatnonzero(self.label == ATTACK)
        if self.attack is None:
            return codes, [UNNAMED_SPECIES] * bool(len(attacks))
        codes[attacks], names = coded(self.attack[attacks])
        if "" not in names:
            return codes, names
        named = [name or UNNAMED_SPECIES for name in names]
        renamed, names = coded(as_texts(named, "attack"))
        codes[attacks] = renamed[codes[attacks]]
        return codes, names

    @cached_property
    def clip_keys(self) -> Codes:
        """(N,) the number of each row's clip, from 0 without gaps; clips of different domains are different clips."""
        if self.clip is None:
            return np.arange(len(self))
        return combined((self.domain, self.clip), len(self))

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains' names, sorted; empty where none is known."""
        return () if self.domain is None else tuple(sorted(set(self.domain.tolist()) - {""}))

    @property
    def clips(self) -> int:
        """How many clips there are."""
        return int(self.clip_keys.max()) + 1 if len(self) else 0

    @cached_property
    def subject_keys(self) -> Codes:
        """(N,) the number of each row's person, from 0 without gaps; rows of unknown people share one a domain."""
        return combined((self.domain, self.subject), len(self))

    @property
    def subjects(self) -> int | None:
        """How many known people there are; None where no row has a subject."""
        if self.subject is None:
            return None
        known = self.subject != ""
        return len(np.unique(self.subject_keys[known])) if known.any() else None

    def by_clip(self) -> Self:
        """One row a clip: the mean over its answered frames, NaN where it has none.

        Columns that vary within a clip, and `frame`, are dropped. The order of frames does not matter, to the last bit.
        ScoreError where a clip has two labels, subjects or species.
        """
        if self.clip is None or self.clips == len(self):
            return self if self.frame is None else replace(self, frame=None)
        keys = self.clip_keys
        problem = find_conflict(self)
        if problem:
            raise ScoreError(f"rows {problem[0]} and {problem[1]}: {problem[2]}.")
        steady = {name: texts for name, texts in self.columns.items() if not _varies(coded(texts)[0], keys)}
        one_a_clip = replace(self, columns=steady, frame=None).select(first_rows(keys))
        return replace(one_a_clip, score=_means(self.score, keys))


class SourceScores(ScoreTable):
    """Scores of source validation: what may choose a checkpoint or a threshold."""


class TargetScores(ScoreTable):
    """Scores of the unseen target: measured, never chosen by (the policies LE and TT say so in their names)."""


def read_scores(
    path: Path | str,
    *,
    live_is_high: bool = False,
    kind: type[T] = ScoreTable,  # type: ignore[assignment]
    columns: Collection[str] | None = None,
    track: Track = silent,
) -> T:
    """A score file as a table of the given kind.

    live_is_high: the file's scores rise with live; they are negated.  columns: which further columns to keep, all by
    default.  ScoreError, with the line: all that `score_file.parse` refuses; a clip with two labels, subjects or
    species; a frame that stands twice in a clip.
    """
    path = Path(path)
    found = score_file.parse(path, columns=columns, track=track)
    known = {name: found.texts.pop(name, None) for name in score_file.TEXT_COLUMNS}
    score = 0.0 - found.score if live_is_high else found.score
    clip = known["clip"]
    if clip is not None and "" in (names := clip.tolist()):
        score_file.complain(path, names.index(""), "the clip has no name; expected one in every row")
    table = kind(found.label, score, **known, frame=found.frame, columns=found.texts)
    problem = find_conflict(table)
    if problem:
        first, second, message = problem
        score_file.complain(path, second, f"{message} (see line {score_file.line_of(path, first)})")
    return table


def write_scores(path: Path | str, table: ScoreTable) -> None:
    """Write a table as a score file, atomically; reading it gives the same table, scores to the last bit."""
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for name in (*score_file.TEXT_COLUMNS, "label", "score", "frame"):
        values = table.column("label") if name == "label" else getattr(table, name)
        if values is not None:
            columns[name] = values
    if table.frame is not None and np.issubdtype(table.frame.dtype, np.floating):
        cells = ["" if number != number else int(number) for number in table.frame.tolist()]
        columns["frame"] = np.array(cells, dtype=object)
    score_file.write(Path(path), columns | dict(table.columns))


def _varies(codes: Codes, keys: Codes) -> bool:
    return bool((codes[first_rows(keys)][keys] != codes).any())


def _frames(values: npt.ArrayLike) -> npt.NDArray[np.int64] | Floats:
    numbers = as_numbers(values, "frame")
    known = numbers[~np.isnan(numbers)]
    if (known != np.floor(known)).any() or (known < 0).any():
        raise ScoreError("frame: expected whole numbers from 0 on, or NaN where a row has no frame.")
    return numbers if len(known) < len(numbers) else numbers.astype(np.int64)


def _means(scores: Floats, keys: Codes) -> Floats:
    answered = ~np.isnan(scores)
    means = np.full(int(keys.max()) + 1, np.nan)
    if not answered.any():
        return means
    # Sorted within each clip, so that the sum does not depend on the order of rows.
    order = np.lexsort((scores[answered], keys[answered]))
    values, owner = scores[answered][order], keys[answered][order]
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    ends = np.append(starts[1:], len(owner))
    with np.errstate(over="ignore"):
        sums = np.add.reduceat(values, starts)
    # Rounding must not carry a mean out of the range of its frames: equal frames give exactly their score.
    means[owner[starts]] = np.clip(sums / (ends - starts), values[starts], values[ends - 1])
    return means
