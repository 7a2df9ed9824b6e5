"""From the plan to batches on the device: decoding and changing happens in threads, ahead of the step that needs it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sincera.clip import Clip
from sincera.errors import RecipeError
from sincera.evaluate.faces import Faces, ahead
from sincera.train.augment import change_all, draw_change
from sincera.train.batch import Batch, Facts
from sincera.train.cache import Cache
from sincera.train.feed import Feed
from sincera.train.plan import AUGMENT, Plan, Rows, generator, seed_sequence

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One step's arrays on the CPU: crops (B, T, H, W, 3) uint8, views (B, V, H, W, 3), maps (B, T, h, w)."""

    step: int
    seed: int
    rows: Array
    flipped: Array
    crops: Array
    extra: Mapping[str, Array]
    parts: tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where batches go: device, number type and memory layout."""

    device: torch.device
    dtype: torch.dtype = torch.float32
    layout: torch.memory_format = torch.contiguous_format

    def pixels(self, crops: Array) -> Tensor:
        """(..., H, W, 3) uint8 → (..., 3, H, W) in [0, 1]; crosses to the device as bytes, a quarter of the traffic."""
        moved = torch.from_numpy(np.ascontiguousarray(crops)).to(self.device, non_blocking=True).movedim(-1, -3)
        pixels = moved.to(self.dtype).div_(255)
        return pixels.contiguous(memory_format=self.layout if pixels.ndim == 4 else torch.contiguous_format)

    def numbers(self, values: Array) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)


def rows_of(faces: Faces, clips: Sequence[Clip], facts: Facts, view: str | None = None) -> Rows:
    """The table that a plan draws from: all faces of these clips in one view."""
    row = np.asarray(faces.rows(clips, view), dtype=np.int64)
    clip = np.asarray(faces.clip, dtype=np.int64)[row]
    domain = {name: number for number, name in enumerate(facts.domains)}
    subject = {name: number for number, name in enumerate(facts.subjects)}
    known = {index: faces.clips[index] for index in np.unique(clip).tolist()}

    def of(values: Mapping[int, int]) -> Array:
        return np.array([values[index] for index in clip.tolist()], dtype=np.int64)

    return Rows(
        row=row,
        clip=clip,
        frame=np.asarray(faces.frame, dtype=np.int64)[row],
        label=of({index: one.label.number for index, one in known.items()}),
        domain=of({index: domain[one.domain] for index, one in known.items()}),
        subject=of({index: subject[one.person] for index, one in known.items()}),
    )


class Feeder:
    """Batches of one stage in the plan's order, from any step on.

    share: (rank, ranks); every part of a batch is dealt out evenly, so that cells stay balanced on each rank.
    """

    def __init__(
        self, faces: Faces, feed: Feed, rows: Rows, *, seed: int, stage: str, share: tuple[int, int] = (0, 1)
    ) -> None:
        self._faces, self._feed, self._rows = faces, feed, rows
        self._seed, self._stage, self._rank, self._ranks = seed, stage, *share
        self.plan = Plan(feed, rows, seed=seed, stage=stage)
        self._place = {row: place for place, row in enumerate(rows.row.tolist())}
        self._cache = _cache_of(faces, feed)
        self._check()

    def _check(self) -> None:
        for size in self._feed.sizes:
            if size % self._ranks:
                raise RecipeError(f"stage {self._stage}: {size} faces cannot be dealt out to {self._ranks} ranks.")
        for name in self._feed.needs:
            if not name.startswith("view:") and not self._faces.has(name):
                raise RecipeError(f"stage {self._stage} needs {name!r}, which this store does not hold.")

    def batches(self, start: int, steps: int, target: Target) -> Generator[Batch, None, None]:
        """The batches of steps start … steps - 1."""
        for drawn in ahead(self.draw, range(start, steps)):
            yield to_batch(drawn, self._labels(drawn.rows), target, steps=steps, cache=self._cache)

    def draw(self, step: int) -> Drawn:
        """This rank's part of one step: a pure function of the step, called from several threads."""
        rows, flipped = self.plan(step)
        bounds = list(pairwise(accumulate(self._feed.sizes, initial=0)))
        mine = np.concatenate([np.arange(begin, end)[self._rank :: self._ranks] for begin, end in bounds])
        parts = tuple(slice(begin // self._ranks, end // self._ranks) for begin, end in bounds)
        rows, flipped = rows[mine], flipped[mine]
        crops, extra = self._pictures(rows, flipped, step, mine)
        seed = int(seed_sequence(self._seed, self._stage, step).generate_state(1)[0])
        return Drawn(step, seed, rows, flipped, crops, extra, parts if self._feed.parts else ())

    def _pictures(self, rows: Array, flipped: Array, step: int, places: Array) -> tuple[Array, dict[str, Array]]:
        frames = rows if rows.ndim == 2 else rows[:, None]
        crops = self._faces.crops(frames.ravel())
        crops = crops.reshape(*frames.shape, *crops.shape[1:])
        extra = read_extra(self._faces, self._feed.needs, frames)
        if self._feed.augment.mirrors_only and self._feed.views == 1:
            mirror(crops, flipped)
            for name, values in extra.items():
                if name != "attributes":
                    mirror(values, flipped)
        else:
            crops, extra = self._change(crops, extra, flipped, step, places)
        return (crops if rows.ndim == 2 else crops[:, 0]), {
            name: values if rows.ndim == 2 or name in ("attributes", "views") else values[:, 0]
            for name, values in extra.items()
        }

    def _change(
        self, crops: Array, extra: dict[str, Array], flipped: Array, step: int, places: Array
    ) -> tuple[Array, dict[str, Array]]:
        augment, views = self._feed.augment, []
        changed = np.empty_like(crops)
        out = {name: np.empty_like(values) if name != "attributes" else values for name, values in extra.items()}
        for number, (flip, place) in enumerate(zip(flipped.tolist(), places.tolist(), strict=True)):
            dice = generator(self._seed, self._stage, AUGMENT, step, place)
            change = draw_change(augment, dice, flip=flip)
            maps = {name: values[number] for name, values in extra.items() if name in ("depth", "mask")}
            changed[number], moved = change_all(crops[number], maps, change)
            for name, values in moved.items():
                out[name][number] = values
            for name in out.keys() - maps.keys() - {"attributes"}:
                out[name][number] = change_all(extra[name][number], {}, change)[0]
            for _ in range(self._feed.views - 1):
                other = draw_change(augment, dice, flip=bool(dice.random() < augment.flip))
                views.append(change_all(crops[number], {}, other)[0][0])
        if views:
            out["views"] = np.stack(views).reshape(len(crops), self._feed.views - 1, *crops.shape[2:])
        return changed, out

    def _labels(self, rows: Array) -> dict[str, Array]:
        first = rows if rows.ndim == 1 else rows[:, 0]
        places = np.array([self._place[row] for row in first.tolist()])
        return labels_at(self._rows, places)


def labels_at(rows: Rows, places: Array) -> dict[str, Array]:
    return {"labels": rows.label[places], "domains": rows.domain[places], "subjects": rows.subject[places]}


def plain_batches(
    faces: Faces, rows: Rows, needs: tuple[str, ...], target: Target, *, size: int, step: int, steps: int
) -> Generator[Batch, None, None]:
    """All faces once, in order and unchanged: what a stage's `done` sees of source validation."""

    def draw(places: Array) -> tuple[Drawn, Array]:
        row = rows.row[places]
        extra = {
            name: values if name == "attributes" else values[:, 0]
            for name, values in read_extra(faces, needs, row[:, None]).items()
        }
        still = np.zeros(len(row), dtype=bool)
        return Drawn(step, 0, row, still, faces.crops(row), extra, ()), places

    pieces = (np.arange(start, min(start + size, len(rows.row))) for start in range(0, len(rows.row), size))
    for drawn, places in ahead(draw, pieces):
        yield to_batch(drawn, labels_at(rows, places), target, steps=steps)


def read_extra(faces: Faces, needs: Sequence[str], frames: Array) -> dict[str, Array]:
    """What stands beside crops: maps and stored views (B, T, …); attributes (B, K), a clip's own."""
    extra: dict[str, Array] = {}
    for name in needs:
        if name.startswith("view:"):
            values = faces.crops(_twins(faces, frames.ravel(), name.removeprefix("view:")))
        elif name == "attributes":
            extra[name] = faces.extra(name, frames[:, 0])
            continue
        else:
            values = faces.extra(name, frames.ravel())
        extra[name] = np.array(values.reshape(*frames.shape, *values.shape[1:]))
    return extra


def _twins(faces: Faces, rows: Array, view: str) -> Array:
    """The rows that show the same frames in another view."""
    wanted = list(zip(np.asarray(faces.clip)[rows].tolist(), np.asarray(faces.frame)[rows].tolist(), strict=True))
    clips = [faces.clips[index] for index in dict.fromkeys(clip for clip, _ in wanted)]
    there = np.asarray(faces.rows(clips, view))
    keys = zip(np.asarray(faces.clip)[there].tolist(), np.asarray(faces.frame)[there].tolist(), strict=True)
    found = dict(zip(keys, there.tolist(), strict=True))
    lacking = next((key for key in wanted if key not in found), None)
    if lacking is not None:
        clip = faces.clips[lacking[0]]
        raise RecipeError(f"{clip.key}, frame {lacking[1]}: not in the store as view {view!r}.")
    return np.array([found[key] for key in wanted], dtype=np.int64)


def mirror(values: Array, flipped: Array) -> None:
    """Mirror the chosen examples in place: (B, T, H, W, 3) pictures or (B, T, h, w) maps."""
    values[flipped] = np.flip(values[flipped], -2 if values.ndim == 5 else -1)


def _cache_of(faces: Faces, feed: Feed) -> Cache | None:
    """The store's folder for derived values, where (row, flipped) says everything about a crop."""
    folder: Path | None = getattr(faces, "cache", None)
    plain = feed.augment.mirrors_only and feed.views == 1 and feed.frames == 1
    return Cache(folder, len(faces.clip)) if plain and folder is not None else None


def to_batch(
    drawn: Drawn, labels: Mapping[str, Array], target: Target, *, steps: int, cache: Cache | None = None
) -> Batch:
    """Arrays → tensors on the device, pictures channels first in [0, 1], maps with a channel."""
    extra = {}
    for name, values in drawn.extra.items():
        if name == "attributes":
            extra[name] = target.numbers(values)
        elif values.dtype == np.uint8:
            extra[name] = target.pixels(values)
        else:
            extra[name] = target.numbers(values).to(target.dtype).unsqueeze(-3)
    return Batch(
        crops=target.pixels(drawn.crops),
        rows=target.numbers(drawn.rows),
        flipped=target.numbers(drawn.flipped),
        extra=extra,
        parts=drawn.parts,
        step=drawn.step,
        steps=steps,
        seed=drawn.seed,
        cache=cache,
        **{name: target.numbers(values) for name, values in labels.items()},
    )
