"""A meta-teacher's maps of faces, as arrays, as colours, and how they lie to what an attack really covers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sincera.losses.maps import shrink
from sincera.losses.supervision import FLAT, evaluating, stretched
from sincera.papers.means import over_people
from sincera.papers.mtfas.figures.shown import Floats
from sincera.papers.pixels import as_pixels, batches
from sincera.papers.regions import highest
from sincera.papers.samples import Sample
from sincera.plots import jet

WHOLE = 0.9  # a mask that covers more leaves no outside to compare with
TILE = 128  # pixels of a printed map, at least
BAR = "blue 0, red 1"
RATES = ("mean", "inside", "outside", "overlap")


@dataclass(frozen=True, slots=True)
class TeacherMaps:
    """What a teacher shows of N faces.

    maps: (N, h, w), σ(g) of each face from its own least value 0 to its greatest 1, also of live faces.
    level: (N,) mean of 2σ(g), before that.  flat: (N,) whether it spans too little to be stretched.
    """

    maps: Floats
    level: Floats
    flat: NDArray[np.bool_]

    def labels(self, attack: NDArray[np.bool_]) -> Floats:
        """Eq. 13: the maps of attacks, 0 on live faces."""
        return np.where(attack[:, None, None], self.maps, 0).astype(np.float32)


def maps_of(teacher: nn.Module, crops: NDArray[np.uint8]) -> TeacherMaps:
    """teacher: faces → raw maps g.  crops: (N, H, W, 3) uint8."""
    parts = []
    with torch.inference_mode(), evaluating(teacher):
        for part in batches(len(crops)):
            share = teacher(as_pixels(crops[part], teacher)).sigmoid()
            spans = share.amax((1, 2, 3)) - share.amin((1, 2, 3))
            parts.append((stretched(share)[:, 0], 2 * share.mean((1, 2, 3)), spans < FLAT))
    maps, level, flat = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
    return TeacherMaps(maps, level, flat)


def fitted(masks: Floats, size: int) -> Floats:
    """(N, 32, 32) masks at the size of maps, each pixel the share that is covered."""
    found: Floats = shrink(torch.from_numpy(masks), (size, size))[:, 0].numpy()
    return found


def coloured(maps: Floats) -> list[NDArray[np.uint8]]:
    """Each map in jet colours, for a picture."""
    return [jet(map_, TILE) for map_ in maps]


def located(labels: Floats, masks: Floats) -> list[dict[str, float | None]]:
    """Of each attack's map: its mean, the means inside and outside of the mask, and the overlap with it.

    overlap: intersection over union of the mask and of as many of the map's highest pixels as the mask has.
    by_chance: what a map without relation to it would come to.  None where a mask is unknown, or covers nearly all.
    """
    found = []
    for label, mask in zip(labels, masks, strict=True):
        one: dict[str, float | None] = dict.fromkeys((*RATES, "covered", "by_chance"))
        one["mean"] = float(label.mean())
        if not np.isnan(mask).any():
            covered = mask >= 0.5
            share = float(covered.mean())
            one["covered"] = share
            one["inside"] = float((label * mask).sum() / mask.sum()) if mask.sum() > 0 else None
            if 0 < share <= WHOLE:
                top = highest(label, share)
                one["outside"] = float((label * (1 - mask)).sum() / (1 - mask).sum())
                one["overlap"] = float((top & covered).sum() / (top | covered).sum())
                one["by_chance"] = share / (2 - share)
        found.append(one)
    return found


def numbers_by_kind(found: TeacherMaps, masks: Floats, sample: Sample, trained_on: Sequence[str]) -> dict[str, Any]:
    """{kind of attack: means over its faces with intervals over people}, and how high the teacher's maps are on live.

    masks: (N, 32, 32).  trained_on: the kinds that the teacher saw.
    """
    attack = sample.attack
    labels = found.labels(attack)
    fit = fitted(masks, labels.shape[-1])
    kinds = np.array([f"{clip.domain} {clip.attack}" if clip.attack else "" for clip in sample.clips])
    numbers: dict[str, Any] = {}
    for kind in sorted(set(kinds[attack].tolist())):
        which = kinds == kind
        each = located(labels[which], fit[which])
        people = sample.people[which]
        means = {name: over_people([one[name] for one in each], people) for name in RATES}
        given = {name: _mean([one[name] for one in each]) for name in ("covered", "by_chance")}
        numbers[kind] = {
            "trained_on": kind.partition(" ")[2] in trained_on,
            **means,
            **given,
            "level": over_people(found.level[which].tolist(), people),
            "flat": float(found.flat[which].mean()),
        }
    everyone = over_people(found.level[~attack].tolist(), sample.people[~attack])
    return {"attacks": numbers, "level_of_live": everyone}


def told(numbers: Mapping[str, Any]) -> str:
    """The means over kinds of attack, in words, for those who cannot see the picture."""
    partial = {
        kind: one
        for kind, one in numbers["attacks"].items()
        if one["overlap"]["mean"] is not None and one["covered"] <= WHOLE
    }
    if not partial:
        return "No kind of attack here covers part of a face alone."
    inside, outside, overlap = (
        float(np.mean([one[name]["mean"] for one in partial.values()])) for name in ("inside", "outside", "overlap")
    )
    chance = float(np.mean([one["by_chance"] for one in partial.values()]))
    kinds = f"{len(partial)} of {len(numbers['attacks'])} kinds"
    return (
        f"Over the attacks that cover part of a face ({kinds}) the map's mean is {inside:.2f} inside of the mask and "
        f"{outside:.2f} outside; overlap {overlap:.2f}, by chance {chance:.2f}."
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
