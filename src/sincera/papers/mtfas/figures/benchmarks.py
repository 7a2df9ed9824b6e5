"""Fig. 9: the meta-teacher's maps of attacks (Eq. 13), a teacher for each benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.papers.dtda.figures.cams import printable
from sincera.papers.figures import Bench, Drawing
from sincera.papers.mtfas.figures.maps import BAR, TeacherMaps, coloured, maps_of, numbers_by_kind, told
from sincera.papers.mtfas.figures.shown import Floats, all_of, by_kind, called, masks_of, possible, task_of
from sincera.papers.mtfas.figures.teachers import FULL
from sincera.papers.samples import Rows, Sample, varied
from sincera.plots import picture_grid

PROTOCOLS = ("oulu/1", "OCI:M", "siwm/Replay")
PRINTED = 6
OWNERS: Mapping[str, str] = {"oulu": "OULU-NPU", "siwm": "SiW-M", "siwmv2": "SiW-Mv2", "celeba": "CelebA-Spoof"}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Faces with what one protocol's teacher shows of them; see `annotation_figure`."""

    crops: NDArray[np.uint8]
    found: TeacherMaps
    masks: Floats
    sample: Sample
    allowed: Rows
    trained_on: tuple[str, ...]


def draw(bench: Bench) -> Drawing:
    """As many of the three benchmarks as there are clips for, or the protocols that were asked for."""
    names = bench.plan.protocols or tuple(possible(bench, PROTOCOLS)) or (task_of(bench, (FULL,), PROTOCOLS),)
    bench.check((FULL,), names)
    seed = bench.seeds[0]
    samples = {name: by_kind(bench.store, all_of(bench.lists(name, seed)), seed=seed) for name in names}
    allowed = {name: printable(bench, sample) for name, sample in samples.items()}
    bench.runs([(FULL, name, seed) for name in names])
    found = {
        bench.protocol(name).title: _benchmark(bench, name, seed, sample, allowed[name])
        for name, sample in samples.items()
    }
    drawing = benchmarks_figure(found)
    return Drawing(drawing.picture, {"seed": seed, **drawing.numbers, **bench.origin()})


def _benchmark(bench: Bench, protocol: str, seed: int, sample: Sample, allowed: Rows) -> Benchmark:
    method: Any = bench.trained(FULL, protocol, seed)
    crops = bench.store.crops(sample.rows)
    trained_on = tuple(sorted({clip.attack for clip in bench.lists(protocol, seed).train if clip.attack}))
    return Benchmark(crops, maps_of(method.teacher, crops), masks_of(bench.store, sample), sample, allowed, trained_on)


def benchmarks_figure(found: Mapping[str, Benchmark]) -> Drawing:
    """A row of attacks and a row of their maps for each benchmark; numbers over all kinds and faces of each."""
    rows: dict[str, list[NDArray[np.uint8] | None]] = {}
    captions: dict[str, list[str]] = {}
    numbers: dict[str, Any] = {}
    for title, one in found.items():
        attacks = one.allowed[one.sample.attack[one.allowed]]
        shown = varied(one.sample, attacks, PRINTED)
        kinds = [one.sample.clips[place].attack for place in shown.tolist()]
        spare = [None] * (PRINTED - len(shown))
        face, labels = (f"{_named(title)}\n{word}" for word in ("face", "map"))
        rows[face] = [*one.crops[shown], *spare]
        rows[labels] = [*coloured(one.found.labels(one.sample.attack)[shown]), *spare]
        captions[face] = [*(called(kind).replace("\n", " ") for kind in kinds), *("" for _ in spare)]
        numbers[title] = {
            "shown": kinds,
            **numbers_by_kind(one.found, one.masks, one.sample, one.trained_on),
            "sample": one.sample.counts(),
        }
    alt = " ".join(f"{title}: {told(one)}" for title, one in numbers.items())
    picture = picture_grid(
        rows, [""] * PRINTED, name="mtfas-9", captions=captions, scale=BAR, colours="jet",
        apart=list(captions)[1:],
        alt=f"Attacks and the meta-teacher's maps of them. {alt}",
    )  # fmt: skip
    return Drawing(picture, {"protocols": numbers})


def _named(protocol: str) -> str:
    """A protocol as a row's name.

    >>> _named("siwm/Replay"), _named("OCI→M")
    ('SiW-M Replay', 'OCI→M')
    """
    owner, slash, rest = protocol.partition("/")
    return f"{OWNERS.get(owner, owner)} {rest}" if slash else protocol
