"""Which faces a figure shows and measures: drawn by seed, one frame a clip, evenly over domains and classes."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import ATTACK, Clip
from sincera.errors import UsageError
from sincera.faces.crop import TEMPLATE, transform
from sincera.faces.face import Face
from sincera.simulate.truth import read_truth, truth_path

if TYPE_CHECKING:
    from sincera.data.store import Store

Rows = NDArray[np.int64]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Faces by their rows in the store, and the clip of each."""

    rows: Rows
    clips: tuple[Clip, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def attack(self) -> NDArray[np.bool_]:
        return np.array([clip.label.number == ATTACK for clip in self.clips], bool)

    @property
    def domains(self) -> NDArray[np.str_]:
        return np.array([clip.domain for clip in self.clips], np.str_)

    @property
    def people(self) -> NDArray[np.str_]:
        return np.array([clip.person for clip in self.clips], np.str_)

    def counts(self) -> dict[str, Any]:
        """What numbers over this sample rest on."""
        attack = self.attack
        return {
            "live": int((~attack).sum()),
            "attack": int(attack.sum()),
            "clips": len({clip.key for clip in self.clips}),
            "people": len(set(self.people.tolist())),
        }

    def select(self, places: NDArray[Any] | Sequence[int]) -> Sample:
        chosen = np.arange(len(self))[np.asarray(places)]
        return Sample(self.rows[chosen], tuple(self.clips[i] for i in chosen))


def even_sample(store: Store, clips: Iterable[Clip], count: int, *, seed: int) -> Sample:
    """About `count` faces, evenly over the cells of domain and class, in an order that depends on the seed alone.

    A cell gives one frame of each clip before a second of any; one with too few frames gives what it has.
    """
    cells: dict[tuple[str, str], list[Clip]] = defaultdict(list)
    for clip in clips:
        cells[clip.domain, clip.label.value].append(clip)
    frames = _frames(store, [clip for cell in cells.values() for clip in cell], seed)
    each = max(1, count // max(len(cells), 1))
    rows: list[int] = []
    chosen: list[Clip] = []
    for _, cell in sorted(cells.items()):
        drawn = sorted((clip for clip in cell if frames[clip.key]), key=lambda clip: _draw(seed, clip.key))
        rounds = zip_longest(*(frames[clip.key] for clip in drawn))
        in_turn = [(row, clip) for turn in rounds for row, clip in zip(turn, drawn, strict=True) if row is not None]
        rows += [row for row, _ in in_turn[:each]]
        chosen += [clip for _, clip in in_turn[:each]]
    if not rows:
        raise UsageError("no face to draw: none of the clips asked for has one in this store.")
    return Sample(np.array(rows, np.int64), tuple(chosen))


def varied(sample: Sample, places: Rows, count: int) -> Rows:
    """Up to `count` of these places for printing, each of another instrument and person as far as there are."""
    seen: Counter[str] = Counter()
    left: list[int] = places.tolist()
    chosen: list[int] = []
    while left and len(chosen) < count:
        # the first among the least seen
        best = min(left, key=lambda i: (seen[sample.clips[i].attack], seen[sample.clips[i].person]))
        left.remove(best)
        chosen.append(best)
        seen.update((sample.clips[best].attack, sample.clips[best].person))
    return np.array(chosen, np.int64)


def crop_points(store: Store, sample: Sample) -> tuple[Points, dict[str, int]]:
    """(N, 5, 2) face points in crop pixels, and how many are `true` (beside a simulated clip), `detected`, or the
    `template`'s, where nobody knows better."""
    found, origins = np.empty((len(sample), 5, 2)), {"true": 0, "detected": 0, "template": 0}
    truths: dict[str, NDArray[np.float32] | None] = {}
    for place, (row, clip) in enumerate(zip(sample.rows.tolist(), sample.clips, strict=True)):
        spec = store.preparation.views[str(store.view[row])]
        if clip.key not in truths:
            path = truth_path(clip.path)
            truths[clip.key] = read_truth(path).points if path.is_file() else None
        true, frame = truths[clip.key], int(store.frame[row])
        points = true[frame] if true is not None and frame < len(true) else store.points[row]
        origin = "true" if true is not None and frame < len(true) else "detected"
        if not np.isfinite(points).all():
            points, origin = store.points[row], "detected"
        record = store.records[store.index(clip)]
        if not np.isfinite(points).all() or record.height is None or record.width is None:
            found[place] = ((TEMPLATE - 0.5) / (1 + spec.margin) + 0.5) * spec.size - 0.5
            origins["template"] += 1
            continue
        face = Face(store.box[row], store.points[row])
        matrix = transform(face, spec, (record.height, record.width))
        found[place] = points @ matrix[:, :2].T + matrix[:, 2]
        origins[origin] += 1
    return found, origins


def _frames(store: Store, clips: Sequence[Clip], seed: int) -> dict[str, list[int]]:
    """Each clip's rows, in an order drawn by the seed."""
    rows: dict[str, list[int]] = {clip.key: [] for clip in clips}
    index = store.clip
    for row in store.rows(clips).tolist():
        rows[store.clips[index[row]].key].append(row)
    return {key: sorted(mine, key=lambda row: _draw(seed, f"{key}#{store.frame[row]}")) for key, mine in rows.items()}


def _draw(seed: int, text: str) -> bytes:
    """By content, not by place: the same clips give the same sample whatever else the store holds."""
    return hashlib.sha256(f"{seed}/{text}".encode()).digest()
