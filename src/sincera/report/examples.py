"""Example crops with their scores: of simulated people, and of real ones only where they were asked for."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.data.sources.world import read_world
from sincera.errors import LayoutError, StoreError

if TYPE_CHECKING:
    from sincera.report.results import Result

PER_GROUP = 6


class Crops(Protocol):
    """What is needed of a crop store."""

    @property
    def clips(self) -> Sequence[Clip]: ...
    def rows(self, clips: Sequence[Clip], view: str | None = None) -> NDArray[np.int64]: ...
    def jpegs(self, rows: NDArray[np.int64]) -> list[bytes]: ...


@dataclass(frozen=True, slots=True)
class Example:
    """One crop: its picture as a data address, its score, and whether the threshold judges it wrongly."""

    source: str
    score: float
    wrong: bool


@dataclass(frozen=True, slots=True)
class Examples:
    """Crops by live and species, and, where some or all are held back, why."""

    groups: dict[str, tuple[Example, ...]]
    note: str = ""


def is_simulated(clip: Clip) -> bool:
    """Whether a simulated world's file at the root of the clip names it; False where the world is gone, to be safe.

    Nothing else counts, least of all what a clip is called or where it lies: a real face must not be shown by a
    mistake, as where somebody keeps a folder of pictures below a world's.
    """
    depth = len(Path(clip.name).parts)
    if depth == 0 or len(clip.path.parents) < depth:
        return False
    try:
        worlds = [(root, read_world(root)) for root in clip.path.parents[depth - 1 : depth + 1]]
    except LayoutError:
        return False
    return any(world is not None and clip.path.relative_to(root).as_posix() in world.grid for root, world in worlds)


def examples(result: Result, store: Path | None, *, faces: bool) -> Examples:
    """Crops from low to high score for live and each species, of the run's first seed.

    store: the folder; None takes the one that the run names.  faces: show real people too.
    """
    folder = store or (Path(result.info["store"]) if isinstance(result.info.get("store"), str) else None)
    if folder is None:
        return Examples({}, "The run does not say where its crops lie; name the store with --store DIR.")
    from sincera.data.store import Store

    try:
        opened = Store.open(folder)
    except StoreError as error:
        return Examples({}, f"No crops: {error}")
    return choose(result, opened, faces=faces)


def choose(result: Result, store: Crops, *, faces: bool) -> Examples:
    """The crops of `examples`, from an open store."""
    table = result.scores
    if table.clip is None or table.domain is None:
        return Examples({}, "The scores do not name their clips.")
    by_key = {clip.key: clip for clip in store.clips}
    keys = [f"{domain}/{name}" for domain, name in zip(table.domain, table.clip, strict=True)]
    shown = [key in by_key and (faces or is_simulated(by_key[key])) for key in keys]
    usable = np.array(shown, bool) & table.answered
    threshold = result.thresholds.get(result.headline)
    species = np.array([by_key[key].attack or "live" if key in by_key else "" for key in keys])
    names = sorted(set(species[usable].tolist()), key=lambda name: (name != "live", name))
    groups = {}
    for name in names:
        chosen = _spread(np.flatnonzero(usable & (species == name)), table.score)
        tiles = (_example(by_key[keys[i]], float(table.score[i]), store, threshold) for i in chosen)
        groups[name] = tuple(tile for tile in tiles if tile is not None)
    return Examples(groups, _note(keys, by_key, shown))


def _spread(rows: NDArray[np.int64], scores: NDArray[np.float64]) -> list[int]:
    """Up to PER_GROUP rows, evenly over the ranks of their scores, both ends included."""
    ranked = rows[np.argsort(scores[rows], kind="stable")]
    places = np.unique(np.linspace(0, len(ranked) - 1, min(PER_GROUP, len(ranked))).round().astype(int))
    return [int(row) for row in ranked[places]]


def _example(clip: Clip, score: float, store: Crops, threshold: object) -> Example | None:
    rows = store.rows([clip])
    if len(rows) == 0:
        return None
    jpeg = store.jpegs(rows[len(rows) // 2 : len(rows) // 2 + 1])[0]
    value = getattr(threshold, "value", None)
    wrong = value is not None and (score > value) != (clip.label.number == 1)
    return Example("data:image/jpeg;base64," + base64.b64encode(jpeg).decode(), score, wrong)


def _note(keys: Sequence[str], by_key: dict[str, Clip], shown: Sequence[bool]) -> str:
    absent = sum(key not in by_key for key in keys)
    held = len(keys) - sum(shown) - absent
    parts = []
    if held:
        parts.append(
            f"{held} clips of real people, or of a simulated world that is no longer there, are not shown; "
            "--faces shows them."
        )
    if absent:
        parts.append(f"{absent} scored clips are not in this store.")
    return " ".join(parts)
