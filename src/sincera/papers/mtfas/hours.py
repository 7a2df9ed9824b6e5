"""How long a stage of a training took, from the times that TensorBoard's files keep.

A run that was broken off has gaps, and a stage may have been taken over from another run: so the time is that of a
step between two entries, gaps left out, by the number of steps.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sincera.runs import Run
from sincera.train.checkpoint import DEPTHS

PAUSE = 10  # so many times the usual time between two entries is no training but a break


@dataclass(frozen=True, slots=True)
class Took:
    """seconds: of all the stage's steps.  device: of the run that trained it, in words."""

    seconds: float
    device: str


def took(run: Run, stage: str, steps: int, runs: Path) -> Took | None:
    """The time of a finished stage of a run, logged by it or by the run below `runs` that trained it.

    None where nobody logged it twice: one entry alone tells no time.
    """
    for holder in _holders(run, stage, runs):
        pace = seconds_a_step(_entries(holder, stage))
        if pace is not None:
            return Took(pace * steps, str(holder.info()["device"]))
    return None


def seconds_a_step(entries: Sequence[tuple[int, float]]) -> float | None:
    """From (step, time) in the order of writing: breaks, and steps that are taken again after one, count nothing.

    >>> seconds_a_step([(10, 0.0), (20, 5.0), (30, 10.0), (20, 9000.0), (30, 9005.0)])
    0.5
    """
    pairs = [
        (after[0] - before[0], after[1] - before[1])
        for before, after in pairwise(entries)
        if after[0] > before[0] and after[1] >= before[1]
    ]
    if not pairs:
        return None
    usual = statistics.median(seconds / steps for steps, seconds in pairs)
    kept = [(steps, seconds) for steps, seconds in pairs if seconds <= PAUSE * usual * steps]
    return sum(seconds for _, seconds in kept) / sum(steps for steps, _ in kept)


def _holders(run: Run, stage: str, runs: Path) -> Iterator[Run]:
    """This run, then every other that holds the same finished stage."""
    yield run
    names = [path.name for path in sorted(run.checkpoints.glob(f"{stage}-*.pt"))]
    for name in names:
        for depth in range(1, DEPTHS + 1):
            for found in sorted(runs.glob("*/" * depth + f"checkpoints/{name}")):
                other = Run(found.parents[1])
                if other.folder != run.folder and other.exists:
                    yield other


def _entries(run: Run, stage: str) -> list[tuple[int, float]]:
    """(step over all stages, time) of what was logged of the stage, in the order of writing."""
    if not run.tensorboard.is_dir() or all(line["stage"] != stage for line in run.log()):
        return []
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run.tensorboard), size_guidance={"scalars": 0})
    events.Reload()
    names = [name for name in events.Tags()["scalars"] if name.startswith(f"{stage}/")]
    return [(event.step, event.wall_time) for event in events.Scalars(names[0])] if names else []
