"""Attributes as yes-or-no questions: which of a store's columns answer them, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sincera.errors import UsageError
from sincera.recipe import nearest


@dataclass(frozen=True, slots=True)
class Rule:
    """Yes where any of the columns lies between two numbers.

    columns: those that a store may have; a word that nobody there is described by is no.
    hidden: columns which, where they are 1, leave nothing to be seen: the answer is unknown.
    """

    columns: tuple[str, ...]
    above: float = 0.5
    below: float = torch.inf
    hidden: tuple[str, ...] = ()


_BALD = ("hair_style=bald",)
RULES: Mapping[str, Rule] = {
    "Black_Hair": Rule(("hair_colour=black",), hidden=_BALD),
    "Blond_Hair": Rule(("hair_colour=blond",), hidden=_BALD),
    "Brown_Hair": Rule(("hair_colour=dark brown", "hair_colour=brown", "hair_colour=light brown"), hidden=_BALD),
    "Male": Rule(("sex",)),
    "Young": Rule(("age",), above=0.0, below=40.0),
}
"""CelebA's names for simulated people, whose records hold numbers and words instead."""


class Questions:
    """(B, K) columns of a store → (B, A) answers: 1, 0, or NaN where nobody knows.

    names: columns of the store (yes above 0.5), or names of RULES that its columns answer.
    UsageError for any other name, with the nearest that would do.

    >>> ask = Questions(["Male", "Young"], ["age", "sex"])
    >>> ask(torch.tensor([[30.0, 0.02], [float("nan"), 1.0]])).tolist()
    [[0.0, 1.0], [1.0, nan]]
    """

    def __init__(self, names: Sequence[str], columns: Sequence[str]) -> None:
        if not names or len(set(names)) != len(names):
            raise UsageError(f"attributes {', '.join(names) or 'none'}; expected one or more, each once.")
        self.names = tuple(names)
        place = {column: number for number, column in enumerate(columns)}
        self._rules = [_rule(name, place) for name in names]
        self._place = place

    def __call__(self, values: Tensor) -> Tensor:
        return torch.stack([self._answer(rule, values) for rule in self._rules], 1)

    def _answer(self, rule: Rule, values: Tensor) -> Tensor:
        found = values[:, [self._place[column] for column in rule.columns if column in self._place]]
        yes = (found > rule.above) & (found < rule.below)
        answer = yes.any(1).float()
        unknown = found.isnan().any(1) & ~yes.any(1)
        for column in rule.hidden:
            if column in self._place:
                unknown = unknown | (values[:, self._place[column]] > 0.5)
        return answer.masked_fill(unknown, torch.nan)


def answerable(columns: Iterable[str]) -> tuple[str, ...]:
    """Every name that may be asked of a store with these columns."""
    columns = list(columns)
    return (*columns, *(name for name in RULES if name not in columns and _answers(name, columns)))


def _rule(name: str, columns: Mapping[str, int]) -> Rule:
    if name in columns:
        return Rule((name,))
    if name in RULES and _answers(name, columns):
        return RULES[name]
    known = answerable(columns)
    hint = nearest(name, known) or f"; there are {', '.join(known) or 'none'}"
    raise UsageError(f"the store knows no attribute {name!r}{hint}. Choose with --attributes.")


def _answers(name: str, columns: Iterable[str]) -> bool:
    """Whether one of the rule's columns, or of the same question's other words, is there."""
    there = {column.partition("=")[0] for column in columns}
    return any(column.partition("=")[0] in there for column in RULES[name].columns)
