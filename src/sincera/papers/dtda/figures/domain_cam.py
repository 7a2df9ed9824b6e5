"""Fig. 6: what tells the domain, and whether the student looks there, without the attack and with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sincera.papers.dtda.figures.cams import BAR, LEVEL, STRIDE, frame_colours, labels, maps_of, one_of_each, printable
from sincera.papers.dtda.figures.tasks import domain_classifier, one_task, student_of
from sincera.papers.dtda.variants import V4, V5
from sincera.papers.figures import Bench, Drawing
from sincera.papers.means import over_people
from sincera.papers.pixels import as_pixels, batches
from sincera.papers.regions import TOP_SHARE, overlap
from sincera.papers.samples import Sample, even_sample
from sincera.plots import heat, picture_grid

MEASURED = 200
CLASSIFIER, WITHOUT, WITH = "domain classifier", "without attack", "with attack"


def draw(bench: Bench) -> Drawing:
    """Variants 4 and 5 on one task, on faces that neither they nor the domain classifier were trained on.

    The target is no class of the domain classifier: its map there is of the domain that it takes the face for.
    """
    protocol = one_task(bench, (V4, V5))
    seed = bench.seeds[0]
    lists = bench.lists(protocol, seed)
    sample = even_sample(bench.store, [*(lists.dev or lists.train), *lists.test], MEASURED, seed=seed)
    allowed = printable(bench, sample)
    crops = bench.store.crops(sample.rows)
    without = bench.trained(V4, protocol, seed)
    full = bench.trained(V5, protocol, seed)
    nets = {CLASSIFIER: domain_classifier(full), WITHOUT: student_of(without), WITH: student_of(full)}
    cams = {row: maps_of(network, crops, title=row, track=bench.track) for row, network in nets.items()}
    predicted = [full.facts.domains[i] for i in _predicted(nets[CLASSIFIER], crops)]
    targets = bench.protocol(protocol).targets
    drawing = overlap_figure(crops, cams, sample, predicted, allowed, targets=targets)
    title = bench.protocol(protocol).title
    faces = "source validation and target" if lists.dev else "source training faces (no validation is kept) and target"
    return Drawing(
        drawing.picture, {"protocol": title, "seed": seed, "faces": faces, **drawing.numbers, **bench.origin()}
    )


def overlap_figure(
    crops: NDArray[np.uint8],
    cams: Mapping[str, NDArray[np.float32]],
    sample: Sample,
    predicted: list[str],
    allowed: NDArray[np.int64],
    *,
    targets: tuple[str, ...] = (),
) -> Drawing:
    """Crops (N, H, W, 3), maps (N, H, W) of `CLASSIFIER`, `WITHOUT` and `WITH` → rows, and overlaps by domain.

    predicted: (N,) the domain that the classifier takes each face for.  allowed: places that may be printed.
    """
    numbers: dict[str, Any] = {"top": TOP_SHARE, "by_chance": TOP_SHARE / (2 - TOP_SHARE), "overlap": {}}
    apart = {row: [overlap(a, b) for a, b in zip(cams[CLASSIFIER], cams[row], strict=True)] for row in (WITHOUT, WITH)}
    domains = sample.domains
    for domain in (*sorted(set(domains.tolist())), "all"):
        mine = np.flatnonzero((domains == domain) | (domain == "all"))
        numbers["overlap"][domain] = _overlaps(apart, mine, sample.people)
    right = np.array([a == b for a, b in zip(predicted, domains.tolist(), strict=True)])
    source = ~np.isin(domains, targets)
    numbers["domain_accuracy"] = float(right[source].mean()) if source.any() else None
    shown = one_of_each(sample, allowed, targets)
    faces = sample.select(shown)
    groups = [f"{name} (target)" if name in targets else name for name in faces.domains.tolist()]
    rows = {"image": list(crops[shown])}
    captions = {CLASSIFIER: [f"takes it for {predicted[i]}" for i in shown]}
    for row, maps in cams.items():
        rows[row] = [heat(crops[i], maps[i]) for i in shown]
        if row in apart:
            captions[row] = [_told(apart[row][i]) for i in shown]
    picture = picture_grid(
        rows, labels(faces), name="dtda-6", groups=groups, frames=frame_colours(faces), captions=captions, scale=BAR,
        alt=_alt(numbers["overlap"]["all"]),
    )  # fmt: skip
    return Drawing(
        picture,
        {"level": LEVEL, "cells": crops.shape[1] // STRIDE, "class": "predicted", "sample": sample.counts(), **numbers},
    )


def _overlaps(
    apart: Mapping[str, list[float | None]], mine: NDArray[np.int64], people: NDArray[np.str_]
) -> dict[str, Any]:
    """Both overlaps with E_d's map, and their difference face by face."""
    without, with_ = ([apart[row][i] for i in mine] for row in (WITHOUT, WITH))
    change = [None if a is None or b is None else b - a for a, b in zip(without, with_, strict=True)]
    return {
        WITHOUT: over_people(without, people[mine]),
        WITH: over_people(with_, people[mine]),
        "difference": over_people(change, people[mine]),
    }


def _predicted(network: Any, crops: NDArray[np.uint8]) -> list[int]:
    with torch.inference_mode():
        parts = [network(as_pixels(crops[part], network)).argmax(1).cpu() for part in batches(len(crops))]
    return [int(one) for part in parts for one in part]


def _told(value: float | None) -> str:
    return "empty map" if value is None else f"overlap {value:.2f}"


def _alt(of_all: Mapping[str, Any]) -> str:
    told = (f"{row} {of_all[row]['mean']:.2f}" for row in (WITHOUT, WITH) if of_all[row]["mean"] is not None)
    return f"Grad-CAM rows. Overlap with the domain classifier's map: {', '.join(told)}."
