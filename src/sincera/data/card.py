"""What a data set is made of, before anybody trains on it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from sincera.clip import SPLITS, Clip, Label
from sincera.data.cues import area_of, cue_tables
from sincera.data.store import OUTCOMES, ClipRecord, Store
from sincera.measures.summary import measure
from sincera.measures.table import ScoreTable
from sincera.measures.threshold import Threshold
from sincera.progress import Track, silent

COMMON = 6  # frame sizes and values of a condition that are listed by name
TELLING = 0.75  # an AUC beyond which a cue alone is a detector worth naming
UNUSED = Threshold(0.0, "none", "nothing")  # an area under a curve needs no threshold, `measure` asks for one


@dataclass(frozen=True, slots=True)
class Cue:
    """How well one trivial cue separates: AUC of its raw value over clips, above 0.5 where attacks have more of it.

    low, high: 95 % interval over subjects.  by_attack: the AUC of each species against all lives.
    """

    name: str
    auc: float
    low: float
    high: float
    by_attack: Mapping[str, float]

    @property
    def separation(self) -> float:
        """The larger of AUC and 1 - AUC: 0.5 says nothing, 1 everything."""
        return max(self.auc, 1 - self.auc)


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest, middle and largest of something."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """None of no values.

        >>> Spread.of([3, 1, 2])
        Spread(low=1, median=2, high=3)
        """
        return cls(min(values), statistics.median(values), max(values)) if values else None


@dataclass(frozen=True, slots=True)
class Card:
    """One data set in figures.

    clips: {split: {live, attack}}.  attacks: {species: clips}.  people: {split: subjects}.  outcomes: {ok, no_face,
    unreadable}.  sizes: {"640×480": clips}, the commonest.  frames, seconds, megabytes: of a clip.  face: its size in
    frame pixels.  conditions: {name: {value: clips}}.  cues: strongest first; empty where a class is missing.
    """

    name: str
    simulated: bool
    clips: Mapping[str, Mapping[str, int]]
    attacks: Mapping[str, int]
    people: Mapping[str, int]
    outcomes: Mapping[str, int]
    sizes: Mapping[str, int]
    frames: Spread | None
    seconds: Spread | None
    megabytes: Spread | None
    face: Spread | None
    conditions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    cues: tuple[Cue, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON; rates are fractions."""
        return asdict(self)


def card(
    clips: Sequence[Clip],
    store: Store,
    *,
    name: str,
    simulated: bool = False,
    warnings: Sequence[str] = (),
    rounds: int = 1000,
    seed: int = 0,
    track: Track = silent,
) -> Card:
    """Describe the clips of one data set by their crops in the store; one or two frames a clip are enough there.

    rounds, seed: of the bootstrap over subjects behind the cues' intervals.
    """
    records = [store.records[store.index(clip)] for clip in clips]
    tables = cue_tables(store, clips, track=track)
    cues = sorted(_cues(tables, rounds, seed, track), key=lambda cue: -cue.separation)
    faces = tables["face_size"].by_clip().score
    return Card(
        name=name,
        simulated=simulated,
        clips={split: _labels(clips, split) for split in SPLITS if any(clip.split == split for clip in clips)},
        attacks=_ranked(Counter(clip.attack for clip in clips if clip.attack)),
        people={s: len({c.person for c in clips if c.split == s}) for s in SPLITS if any(c.split == s for c in clips)},
        outcomes={outcome: sum(record.outcome == outcome for record in records) for outcome in OUTCOMES},
        sizes=_common(Counter(f"{r.width}×{r.height}" for r in records if r.width is not None)),
        frames=Spread.of([record.length for record in records if record.length is not None]),
        seconds=Spread.of([s for record in records if (s := _seconds(record)) is not None]),
        megabytes=Spread.of([record.size / 1e6 for record in records if record.size is not None]),
        face=Spread.of([float(size) for size in faces if not np.isnan(size)]),
        conditions=_conditions(clips),
        cues=tuple(cues),
        warnings=(*warnings, *_thoughts(clips, cues)),
    )


def _cues(tables: Mapping[str, ScoreTable], rounds: int, seed: int, track: Track) -> list[Cue]:
    cues = []
    for name, table in track(tables.items(), "intervals of cues", len(tables)):
        known = table.select(table.answered)
        area = area_of(known)
        if area is None:
            continue
        low, high = measure(known, UNUSED, rounds=rounds, seed=seed).intervals["auc"]
        cues.append(Cue(name, area, low, high, _by_attack(known)))
    return cues


def _by_attack(table: ScoreTable) -> dict[str, float]:
    live = table.label == Label.LIVE.number
    species = sorted(set(table.species.tolist()) - {""})
    areas = {one: area_of(table.select(live | (table.species == one))) for one in species}
    return {one: area for one, area in areas.items() if area is not None}


def _labels(clips: Sequence[Clip], split: str) -> dict[str, int]:
    return {str(label): sum(c.label is label and c.split == split for c in clips) for label in Label}


def _seconds(record: ClipRecord) -> float | None:
    return record.length / record.fps if record.length is not None and record.fps else None


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _common(counts: Counter[str]) -> dict[str, int]:
    """The commonest, and all others together."""
    ranked = list(_ranked(counts).items())
    rest = sum(count for _, count in ranked[COMMON:])
    return dict(ranked[:COMMON]) | ({"other": rest} if rest else {})


def _conditions(clips: Sequence[Clip]) -> dict[str, dict[str, int]]:
    names = sorted({name for clip in clips for name in clip.conditions})
    return {name: _common(Counter(str(clip.conditions.get(name, "unknown")) for clip in clips)) for name in names}


def _thoughts(clips: Sequence[Clip], cues: Sequence[Cue]) -> list[str]:
    thoughts = []
    people = {label: {clip.person for clip in clips if clip.label is label} for label in Label}
    shared = people[Label.LIVE] & people[Label.ATTACK]
    if people[Label.LIVE] and people[Label.ATTACK] and not shared:
        thoughts.append("no person is seen both live and in an attack: who it is tells the classes apart")
    strong = [cue for cue in cues if cue.separation > TELLING]
    if strong:
        names = ", ".join(f"{cue.name} {cue.separation:.2f}" for cue in strong)
        thoughts.append(f"cues that separate the classes beyond AUC {TELLING} by themselves: {names}")
    if 0 < len(people[Label.LIVE] | people[Label.ATTACK]) < 20:
        thoughts.append(
            f"{len(people[Label.LIVE] | people[Label.ATTACK])} people: differences of a few points are noise"
        )
    return thoughts
