"""Fig. 10: the maps of teachers that lack a part, beside the full one's, of the same attacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.papers.dtda.figures.cams import printable
from sincera.papers.figures import Bench, Drawing
from sincera.papers.means import over_people
from sincera.papers.mtfas.figures.maps import BAR, TeacherMaps, coloured, maps_of, numbers_by_kind
from sincera.papers.mtfas.figures.shown import Floats, all_of, by_kind, called, masks_of, task_of
from sincera.papers.mtfas.figures.teachers import ABLATIONS, check_own
from sincera.papers.regions import REGIONS, overlap, regions, shares
from sincera.papers.samples import Points, Rows, Sample, crop_points, varied
from sincera.plots import picture_grid

PROTOCOLS = ("oulu/1", "siwm/Replay")
PRINTED = 5
WHOLE = "full"  # of the rows, the one that the others are compared with


def draw(bench: Bench) -> Drawing:
    """Seven teachers of one protocol; what several have in common is trained once."""
    rows = tuple(ABLATIONS.values())
    protocol = task_of(bench, rows, PROTOCOLS)
    check_own(bench, rows[-1])
    seed = bench.seeds[0]
    lists = bench.lists(protocol, seed)
    everyone = by_kind(bench.store, all_of(lists), seed=seed)
    sample = everyone.select(everyone.attack)
    allowed = printable(bench, sample)
    crops = bench.store.crops(sample.rows)
    bench.runs([(row, protocol, seed) for row in rows])
    found = {title: _maps(bench.trained(row, protocol, seed), crops) for title, row in ABLATIONS.items()}
    places, origins = crop_points(bench.store, sample)
    trained_on = tuple(sorted({clip.attack for clip in lists.train if clip.attack}))
    drawing = ablations_figure(crops, found, masks_of(bench.store, sample), sample, places, allowed, trained_on)
    head = {"protocol": bench.protocol(protocol).title, "seed": seed, "faces": "all attacks that the protocol names"}
    return Drawing(drawing.picture, {**head, **drawing.numbers, "points": origins, **bench.origin()})


def _maps(method: Any, crops: NDArray[np.uint8]) -> TeacherMaps:
    return maps_of(method.teacher, crops)


def ablations_figure(
    crops: NDArray[np.uint8],
    found: Mapping[str, TeacherMaps],
    masks: Floats,
    sample: Sample,
    points: Points,
    allowed: Rows,
    trained_on: tuple[str, ...],
) -> Drawing:
    """A row for each teacher; numbers: where its maps lie, on which parts of the face, and how like the full one's.

    crops: (N, H, W, 3) of attacks.  points: (N, 5, 2) in crop pixels.  The last of `found` is the full teacher.
    """
    shown = varied(sample, allowed, PRINTED)
    faces = sample.select(shown)
    size = next(iter(found.values())).maps.shape[-1]
    parts = [regions((five + 0.5) * size / crops.shape[1] - 0.5, size) for five in points]
    numbers = {_flat(title): _row(one, found[WHOLE], masks, sample, parts, trained_on) for title, one in found.items()}
    rows = {"face": list(crops[shown])} | {title: coloured(one.maps[shown]) for title, one in found.items()}
    like = {title: one["overlap_with_full"]["mean"] for title, one in numbers.items()}
    picture = picture_grid(
        rows, [called(clip.attack) for clip in faces.clips], name="mtfas-10", scale=BAR, colours="jet",
        alt="Attacks and the maps of teachers that lack a part. Overlap of the highest fifth with the full teacher's: "
        + ", ".join(f"{title} {'unknown' if value is None else f'{value:.2f}'}" for title, value in like.items())
        + ".",
    )  # fmt: skip
    area = {name: float(np.mean([part[name].mean() for part in parts])) for name in REGIONS}
    return Drawing(picture, {"sample": sample.counts(), "area": area, "teachers": numbers})


def _row(
    one: TeacherMaps,
    whole: TeacherMaps,
    masks: Floats,
    sample: Sample,
    parts: list[dict[str, NDArray[np.bool_]]],
    trained_on: tuple[str, ...],
) -> dict[str, Any]:
    each = [shares(map_, part) for map_, part in zip(one.maps, parts, strict=True)]
    like = [overlap(map_, other) for map_, other in zip(one.maps, whole.maps, strict=True)]
    mass = {name: over_people([None if s is None else s[name] for s in each], sample.people) for name in REGIONS}
    return {
        "overlap_with_full": over_people(like, sample.people),
        "mass": mass,
        "mean": over_people(one.maps.mean((1, 2)).tolist(), sample.people),
        "level": over_people(one.level.tolist(), sample.people),
        "flat": float(one.flat.mean()),
        "attacks": numbers_by_kind(one, masks, sample, trained_on)["attacks"],
    }


def _flat(title: str) -> str:
    return title.replace("\n", " ").replace("$_v$", "_v")
