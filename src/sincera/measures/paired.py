"""Whether one set of scores is better than another on the same clips: a paired bootstrap."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sincera.errors import ScoreError, UsageError
from sincera.measures.arrays import Codes
from sincera.measures.bootstrap import Resampler, percentiles, units_of
from sincera.measures.estimates import estimate
from sincera.measures.summary import Unit
from sincera.measures.table import ScoreTable
from sincera.measures.threshold import Threshold
from sincera.progress import Track, silent


@dataclass(frozen=True, slots=True)
class Paired:
    """The difference a - b of one rate over the same clips and the same resampled people.

    low, high: 95 % interval of the difference.  p: two-sided, twice the smaller share of resamples on either side of
    zero, never below 2 / (rounds + 1).  clips: compared, answered in both; left_out: in one only, or unanswered.
    units of kind `subjects`, `clips` or `rows` were drawn.
    """

    rate: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    clips: int
    left_out: int
    units: int
    kind: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON; the keys are the fields' names."""
        return asdict(self)


def paired_bootstrap(
    a: ScoreTable,
    b: ScoreTable,
    threshold_a: Threshold,
    threshold_b: Threshold,
    *,
    rate: str = "hter",
    rounds: int = 1000,
    seed: int = 0,
    unit: Unit = "clip",
    track: Track = silent,
) -> Paired:
    """Compare two tables over the clips that both answered, each at its own threshold.

    rate: `hter`, `bpcer`, `apcer_max`, `apcer_mean`, `apcer_pooled`, `acer`, `auc`, `eer`, `apcer:SPECIES`, ….
    Rows are matched by domain and clip; without clips, by place. ScoreError where none match, a label differs or a
    class is missing; UsageError for a rate that there is none of.

    >>> a = ScoreTable([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], clip=["a", "b", "c", "d"])
    >>> b = ScoreTable([1, 1, 0, 0], [0.8, 0.1, 0.2, 0.1], clip=["d", "c", "b", "a"])
    >>> t = Threshold(0.5, "eer", "dev")
    >>> paired_bootstrap(a, b, t, t, rounds=100).difference
    -0.25
    """
    both = (a.by_clip(), b.by_clip()) if unit == "clip" else (a, b)
    rows_a, rows_b = _matched(*both)
    left_out = len(both[0]) + len(both[1]) - 2 * len(rows_a)
    known = estimate(rows_a, threshold_a.value).rates
    values = (known.get(rate), estimate(rows_b, threshold_b.value).rates.get(rate))
    if values[0] is None or values[1] is None:
        raise UsageError(f"rate {rate!r}: these scores give {', '.join(known)}; name one of them.")
    if rounds < 1:
        raise UsageError(f"found {rounds} rounds, expected at least one to compare by.")
    units = units_of(rows_a if rows_a.subjects is not None else rows_b)
    drawn = [
        Resampler(rows, float(threshold), units=units, one_by_one=True).replicates(rounds, seed, track)[rate]
        for rows, threshold in ((rows_a, threshold_a), (rows_b, threshold_b))
    ]
    differences = drawn[0] - drawn[1]
    differences = differences[~np.isnan(differences)]
    ends = percentiles(differences)
    if ends is None:
        raise ScoreError(f"no resample of the {units.total} {units.kind} holds both classes; there are too few.")
    tail = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    p = min(1.0, 2 * (tail + 1) / (len(differences) + 1))
    difference = values[0] - values[1]
    return Paired(rate, values[0], values[1], difference, *ends, p, len(rows_a), left_out, units.total, units.kind)


def _matched(a: ScoreTable, b: ScoreTable) -> tuple[ScoreTable, ScoreTable]:
    """The rows that both tables answered, in a's order."""
    places_a, places_b = _places(a, b)
    if not np.array_equal(a.label[places_a], b.label[places_b]):
        wrong = int(np.argmax(a.label[places_a] != b.label[places_b]))
        name = f"row {wrong}" if a.clip is None else f"clip {a.clip[places_a][wrong]!r}"
        raise ScoreError(f"{name} is live in one file and an attack in the other; the files are not of the same clips.")
    answered = a.answered[places_a] & b.answered[places_b]
    if not answered.any():
        raise ScoreError("the two files have no answered clip in common; a paired comparison needs the same clips.")
    return a.select(places_a[answered]), b.select(places_b[answered])


def _places(a: ScoreTable, b: ScoreTable) -> tuple[Codes, Codes]:
    if a.clip is None or b.clip is None:
        if len(a) != len(b):
            raise ScoreError(f"found {len(a)} and {len(b)} rows without clip names; expected the same rows in both.")
        return np.arange(len(a)), np.arange(len(b))
    # By domain too where both files say it, by frame where rows are frames.
    with_domain = a.domain is not None and b.domain is not None
    keys = []
    for table in (a, b):
        parts = [table.clip.tolist() if table.clip is not None else []]
        if with_domain and table.domain is not None:
            parts.append(table.domain.tolist())
        if table.frame is not None:
            parts.append(table.frame.tolist())
        keys.append(list(zip(*parts, strict=True)))
    index = {key: place for place, key in enumerate(keys[1])}
    if len(index) < len(keys[1]) or len(set(keys[0])) < len(keys[0]):
        raise ScoreError("rows of one clip cannot be told apart; average them by clip, or give each its frame.")
    pairs = [(place, index[key]) for place, key in enumerate(keys[0]) if key in index]
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return places[:, 0], places[:, 1]
