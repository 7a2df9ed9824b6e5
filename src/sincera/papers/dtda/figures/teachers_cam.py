"""Fig. 5: where the student looks, by the teachers that it had; and how much of it is face, eyes and mouth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.nets import Student
from sincera.papers.dtda.figures.cams import (
    BAR,
    LEVEL,
    STRIDE,
    frame_colours,
    labels,
    maps_of,
    printable,
    some_of_each_class,
)
from sincera.papers.dtda.figures.tasks import one_task, student_of
from sincera.papers.dtda.variants import V1, V2, V3, V4
from sincera.papers.figures import Bench, Drawing
from sincera.papers.imagenet import imagenet_classifier
from sincera.papers.means import over_people
from sincera.papers.regions import REGIONS, regions, shares
from sincera.papers.samples import Sample, crop_points, even_sample
from sincera.plots import heat, picture_grid

MEASURED = 200  # faces of the target that the numbers rest on
PRINTED = 4  # of each class
IMAGENET = "ImageNet weights"
ROWS = {"baseline": V1, "editing teacher": V3, "recognition teacher": V2, "both teachers": V4}
LETTERS = dict(zip([IMAGENET, *ROWS], "bbcde", strict=True))  # the paper's; its b is one of the two


def draw(bench: Bench) -> Drawing:
    """Variants 1 to 4 on one task, without the attack; and ImageNet's own classes where such weights are used."""
    protocol = one_task(bench, tuple(ROWS.values()))
    seed = bench.seeds[0]
    sample = even_sample(bench.store, bench.lists(protocol, seed).test, MEASURED, seed=seed)
    allowed = printable(bench, sample)
    crops = bench.store.crops(sample.rows)
    cams = {}
    raw = _imagenet(bench)
    if raw is not None:
        cams[IMAGENET] = maps_of(raw, crops, title=IMAGENET, track=bench.track)
    for row, variant in ROWS.items():
        network = student_of(bench.trained(variant, protocol, seed))
        cams[row] = maps_of(network, crops, title=row, track=bench.track)
    places, origins = crop_points(bench.store, sample)
    drawing = cam_figure(crops, cams, sample, places, allowed)
    title = bench.protocol(protocol).title
    missing = {} if raw is not None else {"left_out": f"{IMAGENET}: the recipe starts from none"}
    return Drawing(
        drawing.picture,
        {"protocol": title, "seed": seed, **drawing.numbers, "points": origins, **missing, **bench.origin()},
    )


def cam_figure(
    crops: NDArray[np.uint8],
    cams: Mapping[str, NDArray[np.float32]],
    sample: Sample,
    points: NDArray[np.float64],
    allowed: NDArray[np.int64],
) -> Drawing:
    """Crops (N, H, W, 3), maps (N, H, W) by row, points (N, 5, 2) in crop pixels → rows a, b, … and shares by region.

    allowed: places of the faces that may be printed; the numbers are of all.
    """
    size = crops.shape[1]
    masks = [regions(five, size) for five in points]
    attack = sample.attack
    numbers: dict[str, Any] = {
        "area": {name: float(np.mean([mask[name].mean() for mask in masks])) for name in REGIONS}
    }
    numbers["mass"] = {
        row: {
            kind: _mass(
                maps[which], [mask for mask, wanted in zip(masks, which, strict=True) if wanted], sample.people[which]
            )
            for kind, which in (("live", ~attack), ("attack", attack))
        }
        for row, maps in cams.items()
    }
    shown = some_of_each_class(sample, allowed, PRINTED)
    rows = {"a  image": list(crops[shown])}
    for row, maps in cams.items():
        rows[f"{LETTERS.get(row, '')}  {row}".strip()] = [heat(crops[i], maps[i]) for i in shown]
    faces = sample.select(shown)
    picture = picture_grid(
        rows, labels(faces), name="dtda-5", frames=frame_colours(faces), scale=BAR,
        groups=["live" if not one else "attack" for one in faces.attack], alt=_alt(numbers["mass"]),
    )  # fmt: skip
    return Drawing(
        picture,
        {"level": LEVEL, "cells": crops.shape[1] // STRIDE, "class": "predicted", "sample": sample.counts(), **numbers},
    )


def _mass(
    maps: NDArray[np.float32], masks: list[dict[str, NDArray[np.bool_]]], people: NDArray[np.str_]
) -> dict[str, Any]:
    """Share of each map's sum by region, over faces whose map is not empty."""
    each = [shares(cam, mask) for cam, mask in zip(maps, masks, strict=True)]
    return {name: over_people([None if one is None else one[name] for one in each], people) for name in REGIONS}


def _alt(mass: Mapping[str, Any]) -> str:
    told = []
    for row, kinds in mass.items():
        words = (f"{kind} {one['face']['mean']:.0%}" for kind, one in kinds.items() if one["face"]["mean"] is not None)
        told.append(f"{row}: {', '.join(words)}")
    return f"Grad-CAM rows. Share of the map inside the face: {'; '.join(told)}."


def _imagenet(bench: Bench) -> Student | None:
    """The network with ImageNet's own classes, where the recipe starts from a file that still has them."""
    recipe = bench.plan.recipes([V1])[V1.name]
    weights, name, norm = (getattr(recipe, field) for field in ("weights", "network", "norm"))
    return None if weights == "none" else imagenet_classifier(name, weights, norm=norm)
