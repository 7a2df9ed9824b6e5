"""From folders of one's own captures to a model file that is fitted to them, or to the reason why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sincera.clip import Label
from sincera.errors import FitError
from sincera.fit.adapt import EVEN, FORGETS, Validated, adapted_head, forgotten, validated
from sincera.fit.examples import Examples, link_of, own_examples, simulated_examples
from sincera.fit.ridge import RIDGE
from sincera.judge import Judge
from sincera.measures.threshold import Threshold
from sincera.model import ModelSpec, log_odds, probability, read_model, with_spec
from sincera.model.compose import put_head
from sincera.progress import Track, silent

RIDGES = (RIDGE, 0.03, 0.1, 0.3, 1.0, 3.0)  # the stronger, the less a head forgets and learns
FEW = 8  # faces of a class below which a fit is said to rest on few
POINT = "adapted"
OWN = "own captures"


@dataclass(frozen=True, slots=True)
class Adapted:
    """content: the model file's bytes.  counts: faces, files and recordings by class.  validated: None where the
    captures cannot tell.  simulated: AUC on the simulated faces that come along, before and after.  warnings: in words.
    """

    content: bytes
    threshold: Threshold
    ridge: float
    counts: Mapping[str, Mapping[str, int]]
    without: Mapping[str, int]
    validated: Validated | None
    simulated: tuple[float, float]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "threshold": self.threshold.to_dict(),
            "ridge": self.ridge,
            "counts": {name: dict(one) for name, one in self.counts.items()},
            "without": dict(self.without),
            "validated": None if self.validated is None else self.validated.to_dict(),
            "simulated": {"before": self.simulated[0], "after": self.simulated[1]},
            "warnings": list(self.warnings),
        }


def adapt(judge: Judge, live: Path, attacks: Path, *, ridge: float | None = None, track: Track = silent) -> Adapted:
    """Fit the judge's model to captures of one's own camera: see `own_examples` for the folders.

    ridge: None tries RIDGES from the weakest on, and takes the first with which nothing is forgotten.
    FitError where it does not help on recordings left out, or makes the model forget the simulated attacks that come
    along; UsageError where a folder holds no face.
    """
    examples = own_examples(judge, live, attacks, track=track)
    spec = judge.model.spec
    before = float(log_odds([judge.threshold.value], link_of(spec))[0])
    kept = simulated_examples(judge, track=track)
    for strength in RIDGES if ridge is None else (ridge,):
        head = adapted_head(examples, ridge=strength)
        simulated = forgotten(head, kept)
        if simulated[0] - simulated[1] <= FORGETS:
            break
    found = validated(examples, before, ridge=strength)
    _check(found, simulated)
    counts = _counts(examples)
    threshold = Threshold(
        float(probability([EVEN])[0]),
        "even-odds",
        OWN,
        subjects=len(set(examples.recording.tolist())),
        clips=sum(one["files"] for one in counts.values()),
    )
    name = next(one for number in range(1, 99) if (one := f"camera-{number}") not in {m.name for m in spec.members})
    content = put_head(judge.model, examples.by_network(head.weights), head.bias, name=name, trained_on=(OWN,))
    fitted = read_model(content).spec
    record = {"head": name, "ridge": strength, "validated": None if found is None else found.to_dict()}
    content = with_spec(read_model(content), _rewritten(fitted, threshold, record))
    return Adapted(content, threshold, strength, counts, examples.without, found, simulated, _warnings(found, counts))


def _rewritten(spec: ModelSpec, threshold: Threshold, record: Mapping[str, Any]) -> ModelSpec:
    """The new point alone: the others were fitted on scores that the head has changed."""
    return replace(
        spec,
        version=f"{spec.version}+adapted",
        points={POINT: threshold},
        threshold=POINT,
        bounds=None,
        histogram=None,
        measures=None,
        recipe={"base": spec.recipe, "adapted": record},
    )


def _check(found: Validated | None, simulated: tuple[float, float]) -> None:
    if found is not None and not found.helps:
        raise FitError(
            f"adapting does not help here: on recordings left out HTER is {found.adapted.hter:.3f} with the head, "
            f"{found.threshold.hter:.3f} with a threshold of your own alone and {found.before.hter:.3f} as it was. "
            "`sincera calibrate --live DIR --attacks DIR` fits the threshold alone; or record more people."
        )
    before, after = simulated
    if before - after > FORGETS:
        raise FitError(
            f"the adapted model forgets: AUC on the simulated attacks that come along falls from {before:.3f} to "
            f"{after:.3f}, more than {FORGETS}. Do live and attack differ in room, light or person? Record both alike."
        )


def _counts(examples: Examples) -> dict[str, dict[str, int]]:
    found = {}
    for label in Label:
        mine = examples.label == label.number
        found[label.value] = {
            "faces": int(mine.sum()),
            "files": len(np.unique(examples.clip[mine])),
            "recordings": len(examples.recordings(label)),
        }
    return found


def _warnings(found: Validated | None, counts: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    lines = []
    if found is None:
        recordings = ", ".join(f"{one['recordings']} of {name}" for name, one in counts.items())
        lines.append(
            f"not validated: {recordings} recordings, and frames of one recording cannot tell how it does on the next. "
            "Give each person or sitting a folder of its own, two a class at least."
        )
    few = Counter({name: one["faces"] for name, one in counts.items() if one["faces"] < FEW})
    lines += [f"only {faces} {name} faces" for name, faces in few.items()]
    return tuple(lines)
