"""How several members' scores become one, and the scores that the whole then has on source validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from sincera.errors import ScoreError, UsageError
from sincera.export.candidate import Candidate
from sincera.fit.ridge import fit_head
from sincera.measures.table import ScoreTable
from sincera.model import Fusion, Link, log_odds

T = TypeVar("T", bound=ScoreTable)
Floats = NDArray[np.float64]
FusionRule = Literal["equal", "fitted"]


def fusion_of(candidates: Sequence[Candidate], rule: FusionRule = "equal") -> tuple[Fusion, tuple[str, ...]]:
    """The fusion of these members, and what to know about it.

    One member's score stays as it is.  Several become a weighted sum of log-odds: `equal` is their mean, or the weights
    that the members' files name; `fitted` is logistic regression on all members' source validation, each class
    weighing half.  UsageError where a score that is no probability would be averaged as if it were one.
    """
    if len(candidates) == 1:
        return Fusion(), ()
    if rule == "fitted":
        return _fitted(candidates)
    named = [one.weight for one in candidates]
    if None in named and set(named) != {None}:
        raise UsageError("some members name a `weight` and others do not; give one to each, or to none.")
    linear = [one.member.name for one in candidates if one.member.link == "linear"]
    if linear and None in named:
        raise UsageError(
            f"the scores of {', '.join(linear)} are no probabilities, so their mean with others means nothing: "
            "fit the weights by --fusion fitted, or name them in member files."
        )
    weights = tuple(1 / len(candidates) if weight is None else weight for weight in named)
    return Fusion("log_odds", weights), ()


def _fitted(candidates: Sequence[Candidate]) -> tuple[Fusion, tuple[str, ...]]:
    table, scores = aligned([_dev(one) for one in candidates], [one.member.name for one in candidates])
    odds = np.stack([log_odds(row, one.member.link) for row, one in zip(scores, candidates, strict=True)], 1)
    head = fit_head(odds, np.zeros(len(odds)), table.label.astype(np.int64))
    notes = tuple(
        f"{one.member.name}: the fitted weight is {weight:.3g}: beside the others it does not help here"
        for one, weight in zip(candidates, head.weights.tolist(), strict=True)
        if weight <= 0
    )
    return Fusion("log_odds", tuple(head.weights.tolist()), head.bias), notes


def fused_table(candidates: Sequence[Candidate], fusion: Fusion, of: Callable[[Candidate], T | None]) -> T | None:
    """The whole model's scores by frame, from those of its members; None where a member has none.

    of: which of a member's tables, `dev` or `test`.  Only frames that all members scored stay.
    """
    tables = [table for one in candidates if (table := of(one)) is not None]
    if len(tables) < len(candidates):
        return None
    if fusion.kind == "single":
        return tables[0]
    table, scores = aligned(tables, [one.member.name for one in candidates])
    links: list[Link] = [one.member.link for one in candidates]
    fused = fusion.fuse([log_odds(row, link) for row, link in zip(scores, links, strict=True)])
    return _with_scores(table, fused)


def aligned(tables: Sequence[T], names: Sequence[str]) -> tuple[T, Floats]:
    """The rows that stand in all tables with a score (by domain, clip and frame): the first's, and (M, N) scores.

    ScoreError where there are none, or where tables call a clip differently.
    """
    keyed = [_keyed(table, name) for table, name in zip(tables, names, strict=True)]
    shared = [key for key in keyed[0] if all(key in one for one in keyed[1:])]
    if not shared:
        raise ScoreError(f"{names[0]} and {', '.join(names[1:])}: no frame was scored by all of them.")
    places = [np.array([one[key] for key in shared]) for one in keyed]
    rows = [table.select(place) for table, place in zip(tables, places, strict=True)]
    for name, other in zip(names[1:], rows[1:], strict=True):
        if (other.label != rows[0].label).any():
            raise ScoreError(f"{names[0]} and {name}: a clip is live in one and an attack in the other.")
    return rows[0], np.stack([one.score for one in rows])


def _keyed(table: ScoreTable, name: str) -> dict[tuple[str, str, float], int]:
    if table.clip is None:
        raise ScoreError(f"{name}: its scores name no clips, so they cannot be joined with another member's.")
    domains = [""] * len(table) if table.domain is None else table.domain.tolist()
    frames = np.zeros(len(table)) if table.frame is None else table.frame
    rows = zip(domains, table.clip.tolist(), frames.tolist(), table.answered.tolist(), strict=True)
    return {(domain, clip, frame): row for row, (domain, clip, frame, there) in enumerate(rows) if there}


def _with_scores(table: T, scores: Floats) -> T:
    return replace(table, score=scores)


def _dev(candidate: Candidate) -> ScoreTable:
    if candidate.dev is None:
        raise UsageError(
            f"{candidate.member.name}: has no scores of source validation to fit weights on; name a file of them as "
            "`scores` in its member file."
        )
    return candidate.dev
