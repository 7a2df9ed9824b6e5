from collections.abc import Callable

import numpy as np
import pytest

from sincera.measures import ScoreTable


@pytest.fixture
def people() -> Callable[..., ScoreTable]:
    """A table of made-up people: each has two live clips and one clip of each species, in two domains."""

    def make(count=12, *, seed=0, frames=1, kind=ScoreTable, shift=0.0, gap=1.0, silent=0.0):
        random = np.random.default_rng(seed)
        rows = []
        for person in range(count):
            for n, species in enumerate(("", "", "print", "mask")):
                own = random.normal(gap * (species != "") - 0.3 * (species == "mask") + shift, 0.5)
                domain = "OC"[person % 2]
                rows += [
                    (f"{person}/{n}", domain, str(person), species, own + random.normal(0, 0.05)) for _ in range(frames)
                ]
        clip, domain, subject, attack, score = map(list, zip(*rows, strict=True))
        values = np.array(score)
        values[random.random(len(values)) < silent] = np.nan
        label = [int(species != "") for species in attack]
        sex = ["fm"[int(one) % 3 == 0] for one in subject]
        frame = np.tile(np.arange(frames), len(rows) // frames)
        return kind(
            label, values, clip=clip, domain=domain, subject=subject, attack=attack, frame=frame, columns={"sex": sex}
        )

    return make
