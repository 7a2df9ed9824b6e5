"""Trivial cues as scores: what separates live from attack without looking at the instrument.

Their direction is an accident of each data set, so it is learnt on the source clips like everything else: a cue's
value is turned round where attacks have the lower ones there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.data.store import Store
from sincera.data.store.reader import default_threads
from sincera.faces import quality
from sincera.measures.rates import auc
from sincera.measures.table import ScoreTable, SourceScores, TargetScores
from sincera.media import Sampling
from sincera.progress import Track, silent

CUES = (*quality.CUES, "face_size", "file_size")
FRAMES = 2  # of a clip, spread evenly; more of the same few seconds change its mean little
BATCH = 128


def cue_tables(
    store: Store,
    clips: Sequence[Clip] | None = None,
    *,
    view: str | None = None,
    frames: int = FRAMES,
    track: Track = silent,
) -> dict[str, ScoreTable]:
    """The raw values of every cue for these clips (all of the store where None), by name, one row a crop.

    face_size is the square root of the face's area in pixels of the frame, file_size the clip's bytes on disk; the
    others are `sincera.faces.quality.cues` of the stored crop.  A clip without a face keeps one row: NaN, but for its
    file size where that is known.
    """
    indices = list(range(len(store.clips))) if clips is None else [store.index(clip) for clip in clips]
    chosen = _chosen(store, indices, view, frames)
    rows = np.array([row for some in chosen for row in some], np.int64)
    of_clip = [index for index, some in zip(indices, chosen, strict=True) for _ in range(max(len(some), 1))]
    seen = np.repeat([bool(some) for some in chosen], [max(len(some), 1) for some in chosen])
    values = np.full((len(of_clip), len(CUES)), np.nan)
    values[seen, : len(quality.CUES)] = _measured(store, rows, track)
    box = store.box[rows]
    values[seen, CUES.index("face_size")] = np.sqrt(np.prod(box[:, 2:] - box[:, :2], axis=1))
    values[:, CUES.index("file_size")] = [store.records[index].size or np.nan for index in of_clip]
    frame = np.zeros(len(of_clip), np.int64)
    frame[seen] = store.frame[rows]
    members = [store.clips[index] for index in of_clip]
    return {name: _table(members, frame, values[:, i]) for i, name in enumerate(CUES)}


def directed(source: Mapping[str, ScoreTable], target: Mapping[str, ScoreTable]) -> dict[str, TargetScores]:
    """Each cue of the target as a score: it rises with attack on the source, and maybe on the target."""
    turned = {}
    for name in source.keys() & target.keys():
        area = area_of(source[name])
        if area is not None:
            turned[name] = TargetScores.of(_times(target[name], 1 if area >= 0.5 else -1))
    return {name: turned[name] for name in target if name in turned}


def best_cue(source: Mapping[str, ScoreTable], target: Mapping[str, ScoreTable]) -> tuple[str, TargetScores] | None:
    """The cue that separates the source best: its name, and the target's scores by it.

    None where the source lacks a class.  Choice and direction come from the source alone: it is a baseline under the
    same rules as any method.
    """
    scores = directed(source, target)
    if not scores:
        return None
    name = max(scores, key=lambda cue: separation(source[cue]))
    return name, scores[name]


def source_scores(source: Mapping[str, ScoreTable], name: str) -> SourceScores:
    """One cue of the source as a score that rises with attack there, to fit a threshold on."""
    area = area_of(source[name])
    return SourceScores.of(_times(source[name], 1 if area is None or area >= 0.5 else -1))


def area_of(table: ScoreTable) -> float | None:
    """AUC of the raw value over clips, above 0.5 where attacks have more of it; None where a class is missing."""
    clips = table.by_clip()
    labels = clips.label[clips.answered]
    if len(set(labels.tolist())) < 2:
        return None
    return float(auc(clips.score[clips.answered], labels))


def separation(table: ScoreTable) -> float:
    """How far from saying nothing: the larger of AUC and 1 - AUC; 0.5 where a class is missing."""
    area = area_of(table)
    return 0.5 if area is None else max(area, 1 - area)


def _chosen(store: Store, indices: Sequence[int], view: str | None, frames: int) -> list[list[int]]:
    """For each clip the rows that stand for it: at most `frames`, from the middles of equal parts."""
    rows = store.rows(None, view)
    first, last = (np.searchsorted(store.clip[rows], np.array(indices), side=side) for side in ("left", "right"))
    chosen = []
    for start, end in zip(first.tolist(), last.tolist(), strict=True):
        places = Sampling(frames).indices(end - start)
        chosen.append(rows[start + np.array(places, np.int64)].tolist())
    return chosen


def _measured(store: Store, rows: NDArray[np.int64], track: Track) -> NDArray[np.float64]:
    def batches() -> Iterator[NDArray[np.float64]]:
        with ThreadPoolExecutor(default_threads()) as pool:
            for start in range(0, len(rows), BATCH):
                found = pool.map(quality.cues, store.crops(rows[start : start + BATCH]))
                yield np.array([[cues[name] for name in quality.CUES] for cues in found])

    done = list(track(batches(), "measuring cues", math.ceil(len(rows) / BATCH)))
    return np.concatenate(done) if done else np.empty((0, len(quality.CUES)))


def _times(table: ScoreTable, sign: int) -> ScoreTable:
    return replace(table, score=sign * table.score)


def _table(clips: Sequence[Clip], frame: NDArray[np.int64], score: NDArray[np.float64]) -> ScoreTable:
    return ScoreTable(
        label=np.array([clip.label.number for clip in clips], np.int8),
        score=score.copy(),
        clip=np.array([clip.name for clip in clips], object),
        domain=np.array([clip.domain for clip in clips], object),
        subject=np.array([clip.subject for clip in clips], object),
        attack=np.array([clip.attack for clip in clips], object),
        frame=frame,
    )
