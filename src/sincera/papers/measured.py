"""What the seeds of one training measured: mean and spread of every rate, and comparisons over the same people."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sincera.errors import RunError
from sincera.measures import Paired, ScoreTable, Threshold, paired_bootstrap
from sincera.runs import Run

POLICIES = ("ST", "LE", "TT")
AT_ZERO = Threshold(0.0, "each seed's own", "each seed's own")


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate in [0, 1] over several trainings: mean and sample standard deviation (None for a single one)."""

    mean: float
    sd: float | None
    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Figure | None:
        """None where one of them is unknown, or there is none: a mean over fewer would look like one over all.

        >>> Figure.of([0.1, 0.2, 0.3]).sd.__round__(6), Figure.of([0.1, None]), Figure.of([0.1]).sd
        (0.1, None, None)
        """
        known = tuple(value for value in values if value is not None)
        if not known or len(known) < len(values):
            return None
        return cls(statistics.fmean(known), statistics.stdev(known) if len(known) > 1 else None, known)

    @property
    def text(self) -> str:
        """In percent.

        >>> Figure(0.1234, 0.0123, (0.1, 0.15)).text, Figure(0.5, None, (0.5,)).text
        ('12.3 ± 1.2', '50.0')
        """
        return f"{100 * self.mean:.1f}" + ("" if self.sd is None else f" ± {100 * self.sd:.1f}")

    @property
    def precise(self) -> str:
        """In percent with two digits, for data sets whose errors are that small.

        >>> Figure(0.00123, 0.00045, (0.001, 0.0015)).precise
        '0.12 ± 0.04'
        """
        return f"{100 * self.mean:.2f}" + ("" if self.sd is None else f" ± {100 * self.sd:.2f}")

    def to_dict(self) -> dict[str, Any]:
        return {"mean": self.mean, "sd": self.sd, "values": list(self.values)}


@dataclass(frozen=True)
class Measured:
    """The runs of one row on one protocol, one a seed, in the order of the seeds."""

    runs: tuple[Run, ...]

    @cached_property
    def infos(self) -> tuple[Mapping[str, Any], ...]:
        """run.json of each."""
        return tuple(run.info() for run in self.runs)

    @cached_property
    def _measures(self) -> tuple[Mapping[str, Any], ...]:
        found = []
        for run in self.runs:
            measures = run.measures()
            if measures is None:
                raise RunError(f"{run.folder}: not measured. Delete the folder and run the same command again.")
            found.append(measures)
        return tuple(found)

    @property
    def counts(self) -> Mapping[str, Mapping[str, Any]]:
        """Clips and people of train, dev and test, of the first seed; the seed draws who validates."""
        counts: Mapping[str, Mapping[str, Any]] = self.infos[0]["counts"]
        return counts

    @property
    def policies(self) -> tuple[str, ...]:
        """Those that every run has: without source validation there is no ST."""
        return tuple(name for name in POLICIES if all(name in one["policies"] for one in self._measures))

    @property
    def headline(self) -> str:
        """ST, or TT where there is none."""
        return "ST" if "ST" in self.policies else "TT"

    def figure(self, policy: str, rate: str) -> Figure | None:
        """A rate under a policy by its flat name (`hter`, `recall_at_fpr:0.01`); None where a run lacks it."""
        if policy not in self.policies:
            return None
        return Figure.of([rate_of(one["policies"][policy]["measures"], rate) for one in self._measures])

    def cue(self, rate: str) -> Figure | None:
        """The best trivial cue's rate at its source threshold; None where there is no cue."""
        found = [one["cues"].get(one["best_cue"]) for one in self._measures]
        return Figure.of([None if cue is None else rate_of(cue, rate) for cue in found])

    @property
    def cues(self) -> tuple[str, ...]:
        """Which cue was best on the sources: one name, or several where the seeds differ in their validation people."""
        return tuple(sorted({one["best_cue"] for one in self._measures if one["best_cue"] is not None}))

    def scores(self, policy: str) -> list[tuple[ScoreTable, float]]:
        """Each seed's target scores by clip at the step that ST or TT chose, with their threshold."""
        found: list[tuple[ScoreTable, float]] = []
        for run, measures in zip(self.runs, self._measures, strict=True):
            chosen = measures["policies"][policy]
            table = run.target_scores(int(chosen["steps"][0])).by_clip()
            found.append((table, float(chosen["threshold"]["value"])))
        return found

    @cached_property
    def pooled(self) -> ScoreTable:
        """The target's clips of all seeds under the headline policy, each score less its own run's threshold.

        So 0 is everybody's threshold, the HTER is the mean of the seeds' HTERs (where all clips were answered), and a
        person who is drawn comes with all seeds' scores.
        """
        named = [f"seed {info['seed']}/" for info in self.infos]
        scores = self.scores(self.headline)
        return _joined([(table, threshold, before) for (table, threshold), before in zip(scores, named, strict=True)])

    def less(self, other: Measured, *, rounds: int, seed: int = 0) -> Paired:
        """This mean HTER less the other's, over the same clips, seeds and resampled people; below 0 is better."""
        return paired_bootstrap(self.pooled, other.pooled, AT_ZERO, AT_ZERO, rate="hter", rounds=rounds, seed=seed)


def mean_over(figures: Sequence[Figure | None]) -> Figure | None:
    """The mean over tasks of figures over the same seeds: first over tasks for each seed, then over seeds.

    >>> mean_over([Figure(0.2, None, (0.1, 0.3)), Figure(0.4, None, (0.3, 0.5))]).values
    (0.2, 0.4)
    """
    known = [figure for figure in figures if figure is not None]
    if not known or len(known) < len(figures):
        return None
    return Figure.of([statistics.fmean(several) for several in zip(*(one.values for one in known), strict=True)])


def rate_of(measures: Mapping[str, Any], rate: str) -> float | None:
    """A rate of `Measures.to_dict()` by its flat name.

    >>> rate_of({"hter": 0.1, "recall_at_fpr": {"0.01": 0.9}}, "recall_at_fpr:0.01")
    0.9
    """
    group, colon, name = rate.partition(":")
    value = measures.get(group)
    if colon:
        value = (value or {}).get(name)
    return None if value is None else float(value)


def _joined(parts: Sequence[tuple[ScoreTable, float, str]]) -> ScoreTable:
    def column(name: str) -> Any:
        several = [getattr(scores, name) for scores, _, _ in parts]
        return None if any(one is None for one in several) else np.concatenate(several)

    clips = [[before + str(clip) for clip in _clips_of(scores)] for scores, _, before in parts]
    return ScoreTable(
        label=column("label"),
        score=np.concatenate([scores.score - threshold for scores, threshold, _ in parts]),
        clip=np.array([name for some in clips for name in some], dtype=object),
        domain=column("domain"),
        subject=column("subject"),
        attack=column("attack"),
    )


def _clips_of(scores: ScoreTable) -> Sequence[Any]:
    return range(len(scores)) if scores.clip is None else scores.clip.tolist()
