"""Attributes: ranges, wishes and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from sincera.errors import UsageError
from sincera.simulate.heads import make_person
from sincera.simulate.heads.identity import HAIR_STYLES, draw_attributes
from sincera.simulate.heads.records import BEARDS, GLASSES, HAIR_COLOURS, Attributes


def many(**wishes: object) -> list[Attributes]:
    return [draw_attributes(np.random.default_rng(seed), dict(wishes)) for seed in range(300)]


def test_everybody_is_an_adult_with_attributes_in_range() -> None:
    for person in many():
        assert 18 <= person.age <= 90
        assert 0 <= person.sex <= 1
        assert 0 <= person.skin_tone <= 1
        assert sum(person.origin) == pytest.approx(1)
        assert person.hair_style in HAIR_STYLES
        assert person.hair_colour in HAIR_COLOURS
        assert person.beard in BEARDS
        assert person.glasses in GLASSES
        if person.sex < 0.5:
            assert person.beard == "none"


def test_every_choice_is_drawn_by_somebody_and_both_sexes_are_common() -> None:
    people = many()
    assert {person.hair_colour for person in people} == set(HAIR_COLOURS)
    assert {person.beard for person in people} == set(BEARDS)
    assert {person.glasses for person in people} == set(GLASSES)
    assert {person.hair_style for person in people} == set(HAIR_STYLES)
    assert 0.4 < np.mean([person.sex > 0.5 for person in people]) < 0.6
    tones = np.array([person.skin_tone for person in people])
    assert (tones < 0.3).mean() > 0.2
    assert (tones > 0.6).mean() > 0.1


def test_a_wish_changes_nothing_that_does_not_hang_on_it() -> None:
    for free, wished in zip(many(), many(glasses="round"), strict=True):
        assert wished.glasses == "round"
        assert (wished.age, wished.hair_style, wished.beard) == (free.age, free.hair_style, free.beard)


def test_wishes_are_kept_and_attributes_are_plain_json() -> None:
    person = make_person(1, age=70, sex=1.0, hair_colour="white", skin_tone=0.4, origin=(2, 1, 1), beard="goatee")
    record = person.attributes.to_dict()
    assert (record["age"], record["sex"], record["hair_colour"], record["beard"]) == (70, 1.0, "white", "goatee")
    assert record["origin"] == [0.5, 0.25, 0.25]
    assert person.seed == 1


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"age": 17}, "adults"),
        ({"age": 91}, "adults"),
        ({"glases": "round"}, "Did you mean 'glasses'"),
        ({"hair_colour": "green"}, "choose one of black"),
        ({"sex": 1.5}, "0 … 1"),
        ({"origin": (1, 1)}, "three shares"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused(wishes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_person(1, **wishes)


def test_age_whitens_hair_and_time_changes_the_face() -> None:
    young = make_person(11, age=20, sex=0.0).mesh.rest[:4000]
    old = make_person(11, age=80, sex=0.0).mesh.rest[:4000]
    assert np.abs(young - old).max() > 0.05
    grey = [person.hair_colour in ("grey", "white") for person in many(age=80)]
    assert np.mean(grey) > 0.6
    assert not any(person.hair_colour in ("grey", "white") for person in many(age=22))
