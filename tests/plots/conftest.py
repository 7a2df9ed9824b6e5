import numpy as np
import pytest

from sincera.measures.table import ScoreTable


@pytest.fixture
def table():
    """Forty lives and two species of twenty; `cut` lies nearer to the lives than `video`."""
    generator = np.random.default_rng(0)
    score = np.r_[generator.uniform(0, 0.6, 40), generator.uniform(0.3, 0.8, 20), generator.uniform(0.5, 1, 20)]
    attack = np.array([""] * 40 + ["cut"] * 20 + ["video"] * 20)
    return ScoreTable(label=(attack != "").astype(np.int8), score=score, attack=attack)
