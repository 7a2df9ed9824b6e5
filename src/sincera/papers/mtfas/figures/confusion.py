"""Fig. 11: faces that FAS-DR(MT) judges rightly and wrongly, its map of them, and what the meta-teacher would show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.measures.selection import target_threshold
from sincera.measures.table import ScoreTable
from sincera.measures.threshold import Threshold
from sincera.papers.dtda.figures.cams import printable
from sincera.papers.figures import Bench, Drawing
from sincera.papers.grid import Variant
from sincera.papers.means import over_people
from sincera.papers.mtfas.figures.maps import BAR, TeacherMaps, coloured, maps_of
from sincera.papers.mtfas.figures.shown import Floats, task_of
from sincera.papers.mtfas.variants import FASDR_MT
from sincera.papers.pixels import as_pixels, batches
from sincera.papers.samples import Rows, Sample, even_sample, varied
from sincera.plots import picture_grid
from sincera.runs import Run

PROTOCOLS = ("oulu/2", "siwm/Replay")
PRINTED = 3  # of each of the four groups
CLASSES = ("live", "attack")
SAID = (
    "The teacher's maps of live faces are drawn too, stretched and without the mask of Eq. 13, which needs the label."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """Faces of the target. scores: (N,) of their clips.  student: (N, h, w), attack-high.  teacher: its maps."""

    crops: NDArray[np.uint8]
    scores: NDArray[np.float64]
    student: Floats
    teacher: TeacherMaps
    sample: Sample


def draw(bench: Bench) -> Drawing:
    """FAS-DR(MT) on one target."""
    return draw_judged(bench, FASDR_MT, task_of(bench, (FASDR_MT,), PROTOCOLS))


def draw_judged(bench: Bench, row: Variant, protocol: str) -> Drawing:
    """A detector of `mtfas` at its source threshold, on the target's clips; a frame of each stands for it."""
    seed = bench.seeds[0]
    sample = _one_frame_each(bench, bench.lists(protocol, seed).test, seed)
    allowed = printable(bench, sample)
    (run,) = bench.runs([(row, protocol, seed)])
    method: Any = bench.trained(row, protocol, seed)
    table, threshold = judgement(run)
    scores = {(domain, name): score for domain, name, score in zip(*_columns(table), strict=True)}
    crops = bench.store.crops(sample.rows)
    judged = Judged(
        crops,
        np.array([scores[clip.domain, clip.name] for clip in sample.clips]),
        _student_maps(method, crops),
        maps_of(method.teacher, crops),
        sample,
    )
    drawing = confusion_figure(judged, threshold, allowed)
    title = bench.protocol(protocol).title
    return Drawing(drawing.picture, {"protocol": title, "seed": seed, **drawing.numbers, **bench.origin()})


def judgement(run: Run) -> tuple[ScoreTable, Threshold]:
    """The target's scores by clip at the step whose weights are shown, and the threshold: that of source validation;
    the target's own at the last step where no validation is kept."""
    chosen = (run.measures() or {}).get("policies", {}).get("ST")
    if chosen is None:
        last = run.target_scores(run.steps()[-1])
        return _answered(last), target_threshold(last)
    return _answered(run.target_scores(int(chosen["steps"][0]))), Threshold.from_dict(chosen["threshold"])


def _answered(table: ScoreTable) -> ScoreTable:
    clips = table.by_clip()
    return clips.select(clips.answered)


def _columns(table: ScoreTable) -> tuple[list[Any], list[Any], list[float]]:
    assert table.domain is not None
    assert table.clip is not None
    return table.domain.tolist(), table.clip.tolist(), table.score.tolist()


def _one_frame_each(bench: Bench, clips: Sequence[Clip], seed: int) -> Sample:
    """Of the clips that have a face."""
    seen = [clip for clip in clips if len(bench.store.rows([clip]))]
    parts = [even_sample(bench.store, [clip], 1, seed=seed) for clip in seen]
    return Sample(np.concatenate([np.empty(0, np.int64), *(part.rows for part in parts)]), tuple(seen))


def _student_maps(method: Any, crops: NDArray[np.uint8]) -> Floats:
    with torch.inference_mode():
        parts = [method.score(as_pixels(crops[part], method.detector)).map[:, 0] for part in batches(len(crops))]
    found: Floats = torch.cat(parts).float().cpu().numpy()
    return found


def confusion_figure(judged: Judged, threshold: Threshold, allowed: Rows) -> Drawing:
    """Above live faces, below attacks; to the left those judged live, to the right those judged attacks."""
    sample = judged.sample
    attack, called = sample.attack, judged.scores > threshold.value
    rows: dict[str, list[NDArray[np.uint8] | None]] = {}
    captions: dict[str, list[str]] = {}
    numbers: dict[str, Any] = {}
    for true, kind in enumerate(CLASSES):
        shown: list[int | None] = []
        for verdict, other in enumerate(CLASSES):
            group = (attack == bool(true)) & (called == bool(verdict))
            places: list[int | None] = [*varied(sample, allowed[group[allowed]], PRINTED).tolist()]
            shown += [*places, *[None] * (PRINTED - len(places))]
            numbers[f"{kind} → {other}"] = _group(judged, group)
        face, student, teacher = (f"{kind}\n{word}" for word in ("face", "student", "teacher"))
        rows[face] = [None if place is None else judged.crops[place] for place in shown]
        rows[student] = _tiles(judged.student, shown)
        rows[teacher] = _tiles(judged.teacher.maps, shown)
        if true:
            captions[face] = ["" if place is None else sample.clips[place].attack for place in shown]
        captions[student] = ["" if place is None else f"{judged.scores[place]:.2f}" for place in shown]
    count = ", ".join(f"{group} {one['clips']}" for group, one in numbers.items())
    at = f"threshold {threshold.value:.3f}"
    picture = picture_grid(
        rows,
        [""] * (2 * PRINTED),
        name="mtfas-11",
        groups=[f"judged {verdict}" for verdict in CLASSES for _ in range(PRINTED)],
        captions=captions,
        scale=f"{BAR}; numbers: scores of clips, {at}",
        colours="jet",
        apart=("attack\nface",),
        alt=f"Faces by class and verdict ({count}), with the student's and the teacher's maps. T{at[1:]}, by "
        f"{threshold.rule} on {threshold.fitted_on}. {SAID}",
    )
    head = {"threshold": threshold.to_dict(), "sample": sample.counts(), "note": SAID}
    return Drawing(picture, {**head, "groups": numbers, "by_attack": _by_attack(sample, called)})


def _tiles(maps: Floats, shown: list[int | None]) -> list[NDArray[np.uint8] | None]:
    return [None if place is None else coloured(maps[place : place + 1])[0] for place in shown]


def _group(judged: Judged, group: NDArray[np.bool_]) -> dict[str, Any]:
    """How many clips, and how high the maps of their frames are; `alike`: correlation of student and teacher."""
    people = judged.sample.people[group]
    pairs = zip(judged.student[group], judged.teacher.maps[group], strict=True)
    return {
        "clips": int(group.sum()),
        "score": over_people(judged.scores[group].tolist(), people),
        "student": over_people(judged.student[group].mean((1, 2)).tolist(), people),
        "teacher": over_people(judged.teacher.maps[group].mean((1, 2)).tolist(), people),
        "alike": over_people([_correlation(one, other) for one, other in pairs], people),
    }


def _correlation(one: Floats, other: Floats) -> float | None:
    """None where one of them is flat."""
    if min(one.std(), other.std()) < 1e-6:
        return None
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _by_attack(sample: Sample, called: NDArray[np.bool_]) -> dict[str, dict[str, int]]:
    """{kind: clips, and how many of them pass as live}."""
    found: dict[str, dict[str, int]] = {}
    for clip, caught in zip(sample.clips, called.tolist(), strict=True):
        if clip.attack:
            one = found.setdefault(clip.attack, {"clips": 0, "missed": 0})
            one["clips"] += 1
            one["missed"] += not caught
    return dict(sorted(found.items()))
