"""A run's scores → measures.json: the three policies, and the best trivial cue under the same rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sincera.clip import Clip
from sincera.data.cues import best_cue, cue_tables, directed, source_scores
from sincera.data.store import Store
from sincera.errors import RunError
from sincera.measures.selection import fit_threshold, policies
from sincera.measures.summary import measure
from sincera.measures.table import ScoreTable
from sincera.progress import Track, silent
from sincera.runs import Run

ROUNDS = 1000
CUE_RULE = "eer"


def evaluate(
    run: Run,
    *,
    cues: Mapping[str, Any] | None = None,
    counts: Mapping[str, Any] | None = None,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure a run's stored scores under ST, LE and TT, and write measures.json; gives what was written.

    cues: what `cue_measures` gives, measured once for all runs on the same lists; None leaves them out.
    counts: clips and subjects of each list, as run.json has them.
    rounds, seed: of the bootstrap over subjects.  RunError where nothing was evaluated yet.
    """
    evaluations = run.evaluations()
    if not evaluations:
        raise RunError(f"{run.folder}: no evaluation to measure. Train it on: `sincera train … --run {run.folder}`.")
    found = policies(evaluations, rounds=rounds, seed=seed)
    measures = {
        "policies": {name: result.to_dict() for name, result in found.items()},
        **(cues or {"cues": {}, "best_cue": None}),
        "counts": dict(counts or {}),
        "evaluations": len(evaluations),
        "bootstrap": {"rounds": rounds, "seed": seed, "unit": "subject"},
    }
    run.write_measures(measures)
    return measures


def cue_measures(
    store: Store,
    source: Sequence[Clip],
    target: Sequence[Clip],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
    track: Track = silent,
) -> dict[str, Any]:
    """{"cues": {name: measures on the target}, "best_cue": name or None}.

    Which cue, which direction and which threshold is learnt on the source clips alone, like everything else.
    """
    there, here = cue_tables(store, source, track=track), cue_tables(store, target, track=track)
    chosen = best_cue(there, here)
    found = {name: _measured(there, name, scores, rounds, seed) for name, scores in directed(there, here).items()}
    return {"cues": found, "best_cue": None if chosen is None else chosen[0]}


def _measured(there: Mapping[str, ScoreTable], name: str, scores: ScoreTable, rounds: int, seed: int) -> dict[str, Any]:
    threshold = fit_threshold(source_scores(there, name), CUE_RULE)
    return measure(scores.by_clip(), threshold, rounds=rounds, seed=seed).to_dict()
