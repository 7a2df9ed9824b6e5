"""Operating points: the same as the measures fit, and lives alone where BPCER needs no attacks."""

import numpy as np
import pytest

from sincera.errors import ScoreError, UsageError
from sincera.fit.points import POINTS, histogram, operating_points, point
from sincera.measures import SourceScores, bpcer, fit_threshold


def table(lives: int = 60, attacks: int = 40) -> SourceScores:
    dice = np.random.default_rng(0)
    labels = np.repeat([0, 1], [lives, attacks])
    return SourceScores(
        label=labels,
        score=dice.normal(labels, 0.7),
        clip=[f"c{number // 2}" for number in range(lives + attacks)],
        frame=np.arange(lives + attacks) % 2,
        subject=[f"s{number // 10}" for number in range(lives + attacks)],
        attack=np.where(labels == 1, np.where(np.arange(lives + attacks) // 2 % 2, "print", "screen"), ""),
    )


@pytest.mark.parametrize("rule", [*POINTS, "bpcer=0.2"])
def test_points_are_those_that_the_measures_fit(rule: str) -> None:
    assert point(table(), rule, fitted_on="x") == fit_threshold(table(), rule, fitted_on="x")


def test_lives_alone_set_bpcer() -> None:
    scores = table()
    lives = scores.select(scores.label == 0)
    for rate in (0.0, 0.05, 0.2, 1.0):
        alone = point(lives, f"bpcer={rate}")
        assert bpcer(lives.by_clip().score, alone) <= rate
        if rate < 1:  # with attacks below all lives, the float under all scores lies elsewhere
            assert alone.value == point(scores, f"bpcer={rate}").value
    assert (alone.subjects, alone.clips) == (6, 30)
    assert list(operating_points(lives)) == ["bpcer=0.01", "bpcer=0.05"]
    assert sum(histogram(lives).attack) == 0


def test_what_cannot_be_fitted_is_refused() -> None:
    scores = table()
    with pytest.raises(ScoreError):
        point(scores.select(scores.label == 0), "eer")
    with pytest.raises(ScoreError, match="no clip with a score"):
        point(SourceScores([0], [np.nan]), "bpcer=0.1")
    with pytest.raises(UsageError, match="for measuring"):
        point(scores, "target-eer")
