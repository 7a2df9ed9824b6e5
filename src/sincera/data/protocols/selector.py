"""Which clips a list takes: by domain, split, label, species, subject and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sincera.clip import Clip, Label, Split


@dataclass(frozen=True, slots=True)
class Selector:
    """A clip is taken if every field that is not empty allows it.

    attacks: patterns of species (`print/*`); they choose among attacks and let every live clip pass, so that a list
    without some species still has both classes.  subjects: patterns too.  conditions: name → allowed values; a clip
    without that condition is not taken.

    >>> Selector(("O",), ("train",), attacks=("print/*",), conditions={"phone": ("1", "2")}).to_dict()
    {'domains': ['O'], 'splits': ['train'], 'attacks': ['print/*'], 'conditions': {'phone': ['1', '2']}}
    """

    domains: tuple[str, ...]
    splits: tuple[Split, ...] = ()
    labels: tuple[Label, ...] = ()
    attacks: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def takes(self, clip: Clip, *, any_split: bool = False) -> bool:
        """Whether the clip is taken; any_split: the clip's set is undivided, its split says nothing."""
        return (
            clip.domain in self.domains
            and (any_split or not self.splits or clip.split in self.splits)
            and (not self.labels or clip.label in self.labels)
            and (not self.attacks or clip.label is Label.LIVE or _matches(clip.attack, self.attacks))
            and (not self.subjects or _matches(clip.subject, self.subjects))
            and all(clip.conditions.get(name) in allowed for name, allowed in self.conditions.items())
        )

    def to_dict(self) -> dict[str, Any]:
        """The fields that restrict something, as plain JSON."""
        fields: dict[str, Iterable[str]] = {
            "domains": self.domains,
            "splits": self.splits,
            "labels": self.labels,
            "attacks": self.attacks,
            "subjects": self.subjects,
        }
        found: dict[str, Any] = {name: [str(value) for value in values] for name, values in fields.items() if values}
        if self.conditions:
            found["conditions"] = {name: list(allowed) for name, allowed in self.conditions.items()}
        return found


def _matches(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
