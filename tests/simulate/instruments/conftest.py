import numpy as np
import pytest

from sincera.simulate.heads import Expression, Pose, front_lights, make_person, render
from sincera.simulate.instruments.dressing import even_lights, spoofed

SIZE, POSE = (150, 130), Pose(centre=(0.5, 0.52), scale=0.24)


@pytest.fixture(scope="session")
def person():
    return make_person(41, sex=1.0, age=35, hair_style="short01", beard="none", glasses="none")


@pytest.fixture(scope="session")
def bearded():
    return make_person(42, sex=1.0, age=50, hair_style="crop", beard="full", glasses="square")


@pytest.fixture(scope="session")
def seen():
    """person, lights → the picture of a person who looks straight into the lens."""

    def look(person, lights=None):
        return render(person, POSE, Expression(), lights or front_lights(), size=SIZE)

    return look


@pytest.fixture(scope="session")
def cover(seen):
    """disguise → (H, W) the share of each pixel that was put on."""

    def look(made):
        return np.asarray(spoofed(seen(made.truth, even_lights())))

    return look
