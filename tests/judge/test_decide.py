"""One outcome from frames' scores: no pixels, no networks."""

import numpy as np
import pytest

from sincera.clip import Label
from sincera.faces import Face
from sincera.judge import Outcome
from sincera.judge.decide import NEAR, Decision, scored_frame, settled, verdict
from sincera.judge.look import Look, Sight
from sincera.measures import Threshold
from sincera.model import ModelId

MODEL = ModelId("m", "1", "0" * 64)
FACE = Face([10, 10, 60, 70], confidence=0.9)
RULE = Decision(Threshold(0.5, "eer", "dev"), None, "probability", 0.5)
BOUNDED = Decision(Threshold(0.5, "eer", "dev"), (0.2, 0.8), "probability", 0.5)
MISSING = {
    "none": Sight(0, None, None, 0, Outcome.NO_FACE),
    "small": Sight(0, None, FACE, 1, Outcome.FACE_TOO_SMALL),
    "two": Sight(0, None, FACE, 2, Outcome.SEVERAL_FACES),
}


def judged(answers, decision=RULE, **look):
    """answers: a score, or a name of MISSING, for each frame."""
    sights = [MISSING[one] if isinstance(one, str) else Sight(0, None, FACE, 1, None) for one in answers]
    frames = [
        scored_frame(sight, decision, None if isinstance(one, str) else one, {} if isinstance(one, str) else {"m": one})
        for sight, one in zip(sights, answers, strict=True)
    ]
    return verdict(Look("x", len(answers), tuple(sights), **look), frames, decision, MODEL)


def test_a_score_equal_to_the_threshold_is_live():
    assert judged([0.5]).outcome is Outcome.LIVE
    assert judged([np.nextafter(0.5, 1)]).outcome is Outcome.ATTACK


def test_bounds_keep_the_middle_open():
    outcomes = [judged([score], BOUNDED) for score in (0.2, 0.21, 0.8, 0.81)]
    assert [one.outcome.value for one in outcomes] == ["live", "uncertain", "uncertain", "attack"]
    assert [one.label for one in outcomes] == [Label.LIVE, None, None, Label.ATTACK]
    assert all(NEAR not in one.warnings for one in outcomes)


def test_a_clip_has_the_mean_of_its_scored_frames():
    found = judged([0.1, "none", 0.4, 0.7])
    assert found.score == pytest.approx(0.4)
    assert found.members == {"m": pytest.approx(0.4)}
    assert (found.outcome, found.skipped, len(found.frames)) == (Outcome.LIVE, 1, 4)
    assert "no face in 1 of 4 frames" in found.warnings


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["none"], "no_face"),
        (["small"], "face_too_small"),
        (["two"], "several_faces"),
        (["none", "none", "small"], "no_face"),
        (["none", "small"], "face_too_small"),
        (["two", 0.1], "several_faces"),
        (["two", 0.1, 0.1], "live"),
        ([], "no_face"),
    ],
)
def test_what_is_absent_never_reads_as_live(answers, expected):
    found = judged(answers)
    assert found.outcome.value == expected
    if expected != "live":
        assert (found.score, found.label, found.members) == (None, None, {})


def test_a_source_that_cannot_be_read_says_why():
    found = judged([], error="x: cut short")
    assert (found.outcome, found.score, found.error) == (Outcome.UNREADABLE, None, "x: cut short")
    assert str(found) == "x: unreadable (cut short)"


@pytest.mark.parametrize(
    ("score", "link", "near"),
    [(0.6, "probability", True), (0.65, "probability", False), (0.65, "linear", True), (1.01, "linear", False)],
)
def test_near_is_a_distance_in_log_odds(score, link, near):
    assert (NEAR in judged([score], Decision(RULE.threshold, None, link, 0.5)).warnings) is near


def test_thresholds_beyond_all_scores_are_near_to_none():
    for value in (-1.0, 2.0):
        assert NEAR not in judged([0.4], Decision(Threshold(value, "given", ""), None, "probability", 0.5)).warnings


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([0.1, 0.1], False), ([0.1, 0.2, 0.1], True), ([0.1, 0.2, 0.9], False), ([0.1, 0.2, 0.45], False), ([], False)],
)
def test_looking_ends_early_only_where_three_frames_agree(scores, expected):
    frames = [scored_frame(Sight(0, None, FACE, 1, None), RULE, score) for score in scores]
    assert settled(frames, RULE) is expected


def test_uncertain_frames_never_end_the_looking():
    frames = [scored_frame(Sight(0, None, FACE, 1, None), BOUNDED, 0.5)] * 5
    assert not settled(frames, BOUNDED)


def test_the_order_of_frames_changes_nothing():
    some = [0.1, "none", 0.45, 0.6, "small"]
    there, back = judged(some), judged(some[::-1])
    assert (there.outcome, there.skipped) == (back.outcome, back.skipped)
    assert there.score == pytest.approx(back.score, abs=1e-12)
    assert set(there.warnings) == set(back.warnings)
