"""Fig. 1: faces, where each attack really covers them, and what the meta-teacher has detectors learn (Eq. 13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.papers.dtda.figures.cams import printable
from sincera.papers.figures import Bench, Drawing
from sincera.papers.mtfas.figures.maps import BAR, TeacherMaps, coloured, maps_of, numbers_by_kind, told
from sincera.papers.mtfas.figures.shown import (
    Floats,
    all_of,
    by_kind,
    called,
    is_siwm,
    masks_of,
    one_of_each_kind,
    task_of,
)
from sincera.papers.mtfas.figures.teachers import FULL
from sincera.papers.samples import Rows, Sample
from sincera.plots import picture_grid

PROTOCOLS = ("siwm/Replay", "oulu/1")  # the paper names none: all kinds that it shows are trained on in the first
KINDS = ("FunnyeyeGlasses", "PaperMask", "TransparentMask", "Impersonation", "PaperGlasses")


def draw(bench: Bench) -> Drawing:
    """A teacher of one protocol, on the faces that it was trained on and on those that were held back from it."""
    protocol = task_of(bench, (FULL,), PROTOCOLS)
    seed = bench.seeds[0]
    lists = bench.lists(protocol, seed)
    sample = by_kind(bench.store, all_of(lists), seed=seed)
    allowed = printable(bench, sample)
    crops = bench.store.crops(sample.rows)
    method: Any = bench.trained(FULL, protocol, seed)
    trained_on = sorted({clip.attack for clip in lists.train if clip.attack})
    found = maps_of(method.teacher, crops)
    drawing = annotation_figure(crops, found, masks_of(bench.store, sample), sample, allowed, trained_on)
    head = {"protocol": bench.protocol(protocol).title, "seed": seed, "faces": "all that the protocol names"}
    return Drawing(drawing.picture, {**head, **drawing.numbers, **bench.origin()})


def annotation_figure(
    crops: NDArray[np.uint8],
    found: TeacherMaps,
    masks: Floats,
    sample: Sample,
    allowed: Rows,
    trained_on: Sequence[str],
) -> Drawing:
    """The rows face, mask and map for a live face and five kinds of attack; numbers over all kinds and faces.

    crops: (N, H, W, 3).  masks: (N, 32, 32), NaN where unknown.  allowed: places of the faces that may be printed.
    """
    numbers = numbers_by_kind(found, masks, sample, trained_on)
    kinds, instead = _kinds(sample, allowed, masks)
    shown = one_of_each_kind(sample, allowed, ("", *kinds))
    faces = sample.select(shown)
    labels = found.labels(sample.attack)[shown]
    drawn = coloured(np.nan_to_num(masks[shown]))
    rows = {
        "face": list(crops[shown]),
        "mask": [None if np.isnan(mask).any() else one for mask, one in zip(masks[shown], drawn, strict=True)],
        "map\n(Eq. 13)": coloured(labels),
    }
    heads = [called(clip.attack) for clip in faces.clips]
    picture = picture_grid(
        rows, heads, name="mtfas-1", scale=BAR, colours="jet",
        alt=f"Faces, the masks of what covers them, and the meta-teacher's maps: {', '.join(heads)}. "
        f"{told(numbers)}{' ' + instead if instead else ''}".replace("\n", " "),
    )  # fmt: skip
    said = {"instead": instead} if instead else {}
    return Drawing(picture, {**said, "shown": [clip.attack or "live" for clip in faces.clips], **numbers})


def _kinds(sample: Sample, allowed: Rows, masks: Floats) -> tuple[Sequence[str], str]:
    """The paper's five of SiW-M; where there is none, the five that cover least of a face, and a sentence that says so.

    Where none of the five may be printed, others of SiW-M stand in too.
    """
    there = {sample.clips[place].attack for place in allowed.tolist()} - {""}
    if is_siwm(sample) and there & set(KINDS):
        return KINDS, ""
    attacks = np.array([clip.attack for clip in sample.clips])
    covered = {kind: float(masks[attacks == kind].mean()) for kind in there}
    kinds = sorted(there, key=lambda kind: (np.nan_to_num(covered[kind], nan=2.0), kind))[: len(KINDS)]
    return kinds, "None of SiW-M's kinds that the paper shows is here; others stand in."
