"""Two people, made once, and their passport pictures."""

from __future__ import annotations

import pytest

from sincera.simulate.heads import Expression, Person, Pose, Rendered, front_lights, make_person, render


@pytest.fixture(scope="session")
def woman() -> Person:
    return make_person(3, sex=0.0, age=34, hair_style="ponytail01", glasses="none", beard="none")


@pytest.fixture(scope="session")
def man() -> Person:
    return make_person(4, sex=1.0, age=51, hair_style="crop", hair_colour="brown", glasses="square", beard="full")


@pytest.fixture(scope="session")
def passport(woman: Person) -> Rendered:
    return render(woman, Pose(), Expression(), front_lights(), size=(128, 128))
