"""Any scorer on any clips: one row a frame, and an empty score for a clip without a face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.evaluate.faces import Faces, ahead
from sincera.measures.table import ScoreTable
from sincera.progress import Track, silent

Scorer = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""(N, H, W, 3) uint8 RGB → (N,), rises with attack."""

BATCH = 64


def score_rows(scorer: Scorer, faces: Faces, rows: NDArray[Any], *, track: Track = silent) -> NDArray[np.float64]:
    """A score for each row of the store, in the order given."""
    pieces = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    decoded = ahead(faces.crops, pieces)
    scores = [scorer(crops) for crops in track(decoded, "scoring", len(pieces))]
    return np.concatenate(scores) if scores else np.empty(0)


def score_clips(
    scorer: Scorer, faces: Faces, clips: Sequence[Clip], *, view: str | None = None, track: Track = silent
) -> ScoreTable:
    """Scores of all stored frames of these clips, by frame.

    A clip of which no face is stored keeps one row with an empty score (NaN) at frame 0, so that non-response is
    counted and cannot vanish.
    """
    rows = np.asarray(faces.rows(clips, view), dtype=np.int64)
    scores = score_rows(scorer, faces, rows, track=track)
    of_clip = np.asarray(faces.clip)[rows]
    found = {index: faces.clips[index] for index in np.unique(of_clip).tolist()}
    entries = [found[index] for index in of_clip.tolist()]
    answered = {clip.key for clip in found.values()}
    silent_clips = [clip for clip in clips if clip.key not in answered]
    frames = np.concatenate([np.asarray(faces.frame)[rows], np.zeros(len(silent_clips), dtype=np.int64)])
    return table_of([*entries, *silent_clips], np.concatenate([scores, np.full(len(silent_clips), np.nan)]), frames)


def table_of(clips: Sequence[Clip], scores: NDArray[np.float64], frames: NDArray[Any]) -> ScoreTable:
    """A table with one row for each (clip, frame, score)."""
    return ScoreTable(
        label=np.array([clip.label.number for clip in clips], dtype=np.int8),
        score=np.asarray(scores, dtype=np.float64),
        clip=np.array([clip.name for clip in clips]),
        domain=np.array([clip.domain for clip in clips]),
        subject=np.array([clip.subject for clip in clips]),
        attack=np.array([clip.attack for clip in clips]),
        frame=np.asarray(frames, dtype=np.int64),
    )
