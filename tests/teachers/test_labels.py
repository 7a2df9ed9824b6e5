"""Attributes: answered from a store's own columns, from simulated people's records, or unknown."""

import math

import pytest
import torch

from sincera.errors import UsageError
from sincera.teachers.labels import Questions, answerable

COLUMNS = ["age", "hair_colour=black", "hair_colour=light brown", "hair_style=bald", "hair_style=bob01", "sex"]
NAN = math.nan


def ask(names: list[str], *rows: list[float]) -> list[list[float | None]]:
    answers = Questions(names, COLUMNS)(torch.tensor(rows))
    return [[None if math.isnan(one) else one for one in row] for row in answers.tolist()]


def test_simulated_people_answer_celebas_questions() -> None:
    names = ["Black_Hair", "Brown_Hair", "Male", "Young"]
    old, young = [60.0, 1, 0, 0, 1, 1.0], [22.0, 0, 1, 0, 1, 0.03]
    assert ask(names, old, young) == [[1, 0, 1, 0], [0, 1, 0, 1]]


def test_hair_that_nobody_has_is_no_and_hair_that_is_not_there_is_unknown() -> None:
    red, bald = [30.0, 0, 0, 0, 1, 0.0], [30.0, 1, 0, 1, 0, 1.0]
    assert ask(["Blond_Hair", "Black_Hair"], red, bald) == [[0, 0], [None, None]]


def test_what_nobody_knows_stays_unknown() -> None:
    assert ask(["Male", "Young", "Brown_Hair"], [NAN] * 6) == [[None, None, None]]


def test_a_column_of_the_store_comes_before_a_rule() -> None:
    ask_own = Questions(["Male"], ["Male", "sex"])
    assert ask_own(torch.tensor([[0.0, 1.0]])).tolist() == [[0.0]]


def test_answerable_names_columns_and_rules() -> None:
    assert answerable(["sex", "hair_colour=red"]) == (
        "sex", "hair_colour=red", "Black_Hair", "Blond_Hair", "Brown_Hair", "Male",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("names", "columns", "message"),
    [
        (["Mal"], COLUMNS, "did you mean Male"),
        (["Young"], ["sex"], "no attribute 'Young'; there are sex, Male"),
        (["Male"], [], "there are none"),
        ([], COLUMNS, "one or more"),
        (["Male", "Male"], COLUMNS, "each once"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(names: list[str], columns: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Questions(names, columns)
