"""Choosing people: a seeded share of a set's subjects, with live and attack on both sides where that can be."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from sincera.clip import Clip, Label

Classes: TypeAlias = frozenset[Label]


def draw_subjects(clips: Iterable[Clip], share: float, *, seed: int, salt: str = "") -> frozenset[str]:
    """The subjects drawn: `share` of them, rounded, at least one, never all; none where there are fewer than two.

    People with both classes, with live alone and with attacks alone give their share each, so that a set whose
    classes have different people is divided in both.  Where it is possible at all, drawn and remaining subjects have
    clips of every class that the set has.  The choice depends on the subjects, their classes, `seed` and `salt` (the
    domain), not on the clips' order or number.
    """
    classes = _classes(clips)
    if len(classes) < 2:
        return frozenset()
    order = sorted(classes, key=natural)
    random.Random(f"{seed}/{salt}").shuffle(order)
    wanted = min(max(round(share * len(order)), 1), len(order) - 1)

    groups: dict[Classes, list[str]] = defaultdict(list)
    for subject in order:
        groups[classes[subject]].append(subject)
    drawn = {subject for group, count in _quotas(groups, wanted).items() for subject in groups[group][:count]}
    return frozenset(_with_every_class(drawn, order, classes))


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts numbers in names by value.

    >>> sorted(["test/10", "test/9", "train/1"], key=natural)
    ['test/9', 'test/10', 'train/1']
    """
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _classes(clips: Iterable[Clip]) -> dict[str, Classes]:
    found: dict[str, set[Label]] = defaultdict(set)
    for clip in clips:
        found[clip.subject].add(clip.label)
    return {subject: frozenset(labels) for subject, labels in found.items()}


def _quotas(groups: Mapping[Classes, list[str]], wanted: int) -> dict[Classes, int]:
    """How many subjects each group gives: its proportion, the largest remainders rounded up."""
    total = sum(len(members) for members in groups.values())
    exact = {group: wanted * len(members) / total for group, members in groups.items()}
    quotas = {group: int(value) for group, value in exact.items()}
    by_remainder = sorted(groups, key=lambda group: (quotas[group] - exact[group], sorted(group)))
    for group in by_remainder[: wanted - sum(quotas.values())]:
        quotas[group] += 1
    return quotas


def _with_every_class(drawn: set[str], order: list[str], classes: Mapping[str, Classes]) -> set[str]:
    """Move one subject over for each class that a side lacks and the other can spare."""
    for label in Label:
        having = [subject for subject in order if label in classes[subject]]
        if len(having) < 2:
            continue
        if not drawn.intersection(having):
            drawn = drawn | {having[0]}
        elif drawn.issuperset(having) and len(drawn) > 1:
            drawn = drawn - {having[-1]}
    return drawn
