"""Which protocol and faces a figure shows: the paper's where there are clips for them, else what there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.data.protocols import Lists, leave_one_out
from sincera.data.protocols.listing import FOUR
from sincera.data.protocols.siwm import FIRST as SIW_M
from sincera.papers.figures import Bench
from sincera.papers.grid import Variant
from sincera.papers.samples import Rows, Sample, even_sample, varied

if TYPE_CHECKING:
    from sincera.data.store import Store

Floats = NDArray[np.float32]

EACH = 20  # faces of a kind that numbers rest on
_NAMES: Mapping[str, str] = {  # SiW-M's words as the paper spells them; others are broken where a word begins
    "FunnyeyeGlasses": "funny\neye",
    "PaperMask": "paper\nmask",
    "TransparentMask": "transparent\nmask",
    "PaperGlasses": "paper\nglasses",
    "MannequinHead": "mannequin",
}


def task_of(bench: Bench, rows: Sequence[Variant], defaults: Sequence[str]) -> str:
    """The protocol that was asked for, else the first of the defaults for whose domains there are clips, else one that
    leaves a domain out.  Everything that the rows need is checked before a face is made."""
    if bench.plan.protocols:
        (name,) = bench.protocols((), at_most=1)
    else:
        name = next(iter(possible(bench, (*defaults, *leave_one_out(_in_order(bench.domains))))), defaults[0])
    bench.check(rows, (name,))
    return name


def possible(bench: Bench, names: Iterable[str]) -> list[str]:
    """Those of the protocols for whose domains there are clips."""
    return [name for name in names if set(bench.protocol(name).domains) <= bench.domains]


def _in_order(domains: Iterable[str]) -> list[str]:
    """The target last: the benchmark's domains in their usual order, before them the others."""
    order = {domain: number for number, domain in enumerate(reversed(FOUR))}
    return sorted(domains, key=lambda domain: (order.get(domain, -1), domain))


def all_of(lists: Lists) -> tuple[Clip, ...]:
    """Each clip that a protocol names, once."""
    return tuple(dict.fromkeys((*lists.train, *lists.dev, *lists.test)))


def by_kind(store: Store, clips: Iterable[Clip], *, seed: int, each: int = EACH) -> Sample:
    """Up to `each` faces of live people and of every kind of attack of every domain, live ones first."""
    kinds: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        if len(store.rows([clip])):
            kinds.setdefault((clip.attack, clip.domain), []).append(clip)
    parts = [even_sample(store, several, each, seed=seed) for _, several in sorted(kinds.items())]
    rows = np.concatenate([part.rows for part in parts]) if parts else np.empty(0, np.int64)
    return Sample(rows, tuple(clip for part in parts for clip in part.clips))


def one_of_each_kind(sample: Sample, allowed: Rows, kinds: Sequence[str]) -> Rows:
    """Places of a face of each kind in this order ("" for live), without those of which none may be printed."""
    attacks = np.array([clip.attack for clip in sample.clips])
    found = [varied(sample, allowed[attacks[allowed] == kind], 1) for kind in kinds]
    return np.concatenate([np.empty(0, np.int64), *found])


def masks_of(store: Store, sample: Sample) -> Floats:
    """(N, 32, 32): 1 where an attack covers the face, 0 on live faces; NaN where nobody knows."""
    side = 32
    masks = np.full((len(sample), side, side), np.nan, np.float32)
    if store.has("mask"):
        masks = store.extra("mask", sample.rows)
    masks[~sample.attack] = 0
    return masks


def called(kind: str) -> str:
    """A kind of attack as a column's head, in at most two lines.

    >>> called("PaperMask"), called("HalfMask"), called("print/1"), called("")
    ('paper\\nmask', 'half\\nmask', 'print/1', 'live')
    """
    if not kind:
        return "live"
    words = re.findall(r"[A-Z][a-z]+", kind)
    split = "\n".join(words).lower() if len(words) == 2 and "".join(words) == kind else kind
    return _NAMES.get(kind, split if len(words) == 2 else kind.lower() if words == [kind] else kind)


def is_siwm(sample: Sample) -> bool:
    return SIW_M in set(sample.domains.tolist())
