"""A threshold with its origin, and the rules by which one is fitted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any

from sincera.errors import ScoreError, UsageError

TARGET_EER = "target-eer"
_WITH_RATE = ("bpcer", "apcer")
_EXPECTED = "expected eer, bpcer=RATE, apcer=RATE (a rate from 0 to 1, such as bpcer=0.01) or target-eer"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where attack begins, and where that comes from: attack if score > value, live if score ≤ value.

    value: finite, on the scale of the scores.  rule: as typed, `eer`, `bpcer=0.01`, `apcer=0.05`, `target-eer`.
    fitted_on: the data in words.  subjects, clips: how many it was fitted on; None where that is unknown.

    >>> t = Threshold(value=0.731, rule="bpcer=0.01", fitted_on="O&C&I dev", subjects=41, clips=312)
    >>> float(t), Threshold.from_dict(t.to_dict()) == t
    (0.731, True)
    """

    value: float
    rule: str
    fitted_on: str
    subjects: int | None = None
    clips: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not math.isfinite(self.value):
            raise ScoreError(f"threshold: found {self.value!r}, expected a finite number.")
        object.__setattr__(self, "value", float(self.value))

    def __float__(self) -> float:
        return self.value

    def to_dict(self) -> dict[str, Any]:
        """For JSON; the keys are the fields' names."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Threshold:
        """What `to_dict` gave; ScoreError names a missing, unknown or mistyped key."""
        names = {field.name for field in fields(cls)}
        if set(data) != names:
            raise ScoreError(f"threshold: found the keys {sorted(data)}, expected {sorted(names)}.")
        numbers = [data["value"], data["subjects"] or 0, data["clips"] or 0]
        texts = [data["rule"], data["fitted_on"]]
        if not all(isinstance(one, int | float) for one in numbers) or not all(isinstance(one, str) for one in texts):
            raise ScoreError(f"threshold: found {dict(data)}, expected numbers and texts as in Threshold.to_dict().")
        return cls(**data)

    @property
    def origin(self) -> str:
        """One line for people.

        >>> Threshold(0.7, "eer", "dev.csv", subjects=41, clips=312).origin
        'rule eer, fitted on dev.csv (312 clips of 41 subjects)'
        """
        counts = "" if self.clips is None else f"{self.clips} clips"
        if self.subjects is not None:
            counts += f"{' of ' if counts else ''}{self.subjects} subjects"
        return f"rule {self.rule}, fitted on {self.fitted_on}" + (f" ({counts})" if counts else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """How a threshold is chosen: kind `eer`, `bpcer`, `apcer` or `target-eer`; rate for the middle two."""

    kind: str
    rate: float | None = None


def parse_rule(text: str) -> Rule:
    """A rule as typed on the command line; UsageError for anything else.

    >>> parse_rule("bpcer=0.01"), parse_rule("eer").kind
    (Rule(kind='bpcer', rate=0.01), 'eer')
    """
    if text in ("eer", TARGET_EER):
        return Rule(text)
    kind, equals, number = text.partition("=")
    if kind not in _WITH_RATE or not equals:
        near = get_close_matches(kind, ("eer", TARGET_EER, *_WITH_RATE), n=1)
        raise UsageError(f"rule {text!r}: {_EXPECTED}{f'; did you mean {near[0]}?' if near else '.'}")
    try:
        rate = float(number)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= 1:
        raise UsageError(f"rule {text!r}: {number!r} is no rate; {_EXPECTED}.")
    return Rule(kind, rate)
