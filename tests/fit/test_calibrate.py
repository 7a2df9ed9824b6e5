"""Calibrating: the point, what it rests on, what is warned of; on scores and on folders of pictures."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from sincera.errors import ScoreError, UsageError
from sincera.faces import CropSpec
from sincera.fit.calibrate import Report, calibrate, calibrate_on
from sincera.fit.calibration_text import markdown
from sincera.fit.captures import captures
from sincera.measures import SourceScores, Threshold, bpcer
from sincera.model import Fusion, Licences, Member, ModelFile, ModelSpec, yunet_spec

OLD = Threshold(0.5, "eer", "factory", subjects=9, clips=90)


def model(**changes: Any) -> ModelFile:
    member = Member("net", CropSpec(), "net/x", {"score": "net/s"}, "probability", Licences("a", "b", "c"))
    points = {"eer": OLD, "bpcer=0.01": OLD, "apcer=0.01": OLD, "mine": OLD}
    spec = ModelSpec(
        name="toy", version="1", members=(member,), fusion=Fusion(), detector=yunet_spec(), threshold="eer",
        points=points, **changes,
    )  # fmt: skip
    return ModelFile(spec, b"", "0" * 64)


def scores(people: int = 25, clips: int = 8, attacks: bool = True, seed: int = 0) -> SourceScores:
    dice = np.random.default_rng(seed)
    rows = people * clips
    labels = np.arange(rows) % 2 if attacks else np.zeros(rows, int)
    return SourceScores(
        label=labels,
        score=np.clip(0.3 + 0.35 * labels + dice.normal(0, 0.1, rows), 0, 1),
        clip=[f"c{row}" for row in range(rows)],
        subject=[f"s{row // clips}" for row in range(rows)],
        attack=np.where(labels == 1, np.where(np.arange(rows) // 2 % 2, "print", "screen"), ""),
    )


def test_the_point_is_in_use_and_the_others_follow() -> None:
    made = calibrate(model(), scores(), "bpcer=0.1", fitted_on="my door", rounds=100)
    spec, report = made.spec, made.report
    assert spec.threshold == "bpcer=0.1"
    assert spec.operating_point == report.threshold
    assert (report.threshold.subjects, report.threshold.clips, report.threshold.fitted_on) == (25, 200, "my door")
    assert spec.points["mine"] == OLD
    assert spec.points["eer"].fitted_on == spec.points["apcer=0.01"].fitted_on == "my door"
    lives = scores().score[scores().label == 0]
    assert report.rates["bpcer"] == bpcer(lives, report.threshold) <= 0.1
    assert report.rates_before["bpcer"] == bpcer(lives, 0.5)
    assert sum(spec.histogram.live) == 100
    assert spec.version == "1+calibrated"
    assert ModelSpec.from_dict(spec.to_dict()) == spec, "the report in `measures` is plain JSON"
    assert spec.measures["calibration"]["threshold"] == report.threshold.to_dict()
    again = calibrate(ModelFile(spec, b"", "1" * 64), scores(), "eer", rounds=10)
    assert again.spec.version == "1+calibrated"
    assert again.report.before == report.threshold


def test_intervals_hold_the_point_and_narrow_with_people() -> None:
    few, many = (calibrate(model(), scores(people), "bpcer=0.1", rounds=200).report for people in (6, 60))
    for report in (few, many):
        assert report.spread is not None
        low, high = report.spread
        assert low <= report.threshold.value <= high
        assert all(low <= report.rates[name] <= high for name, (low, high) in report.intervals.items())
        assert report.held_out is not None
        assert 0 <= report.held_out["bpcer"] <= 0.3
    assert many.spread[1] - many.spread[0] < few.spread[1] - few.spread[0]
    width = {report.people: np.ptp(report.intervals["bpcer"]) for report in (few, many)}
    assert width[60] < width[6]


def test_held_out_people_are_never_fitted_on() -> None:
    """One person's lives all score above everybody else's: in the fit they pass, left out they are all rejected."""
    found = scores(10, 10, attacks=False)
    odd = np.array([subject == "s3" for subject in found.subject])
    moved = np.where(odd, 0.9, found.score)
    table = SourceScores(found.label, moved, clip=found.clip, subject=found.subject)
    report = calibrate(model(), table, "bpcer=0", rounds=0).report
    assert report.rates["bpcer"] == 0
    assert report.held_out["bpcer"] >= 0.1
    assert report.spread is None
    assert report.intervals == {}


def warned(report: Report, words: str) -> bool:
    return any(words in warning for warning in report.warnings)


def test_warnings_say_what_is_too_little() -> None:
    good = calibrate(model(), scores(60, 12), "bpcer=0.05", rounds=20).report
    assert good.warnings == ()
    lives = calibrate(model(), scores(3, 4, attacks=False), "bpcer=0.01", rounds=20).report
    assert warned(
        lives, "cannot be told from 12 live clips: none of them may err, and what follows is a rate of at most"
    )
    assert warned(lives, "25.0% (95 %); at least 300 are needed")
    assert warned(lives, "rests on 3 people")
    assert warned(lives, "what share of them passes at this point is not known")
    one = calibrate(model(), scores(1, 6), "eer", rounds=20).report
    assert (one.spread, one.held_out, one.intervals) == (None, None, {})
    assert warned(one, "rests on one person")
    unnamed = SourceScores([0, 0, 1, 1], [0.1, 0.9, np.nan, 0.05])
    report = calibrate(model(), unnamed, "apcer=0.3", rounds=20).report
    assert report.people is None
    assert report.silent == 1
    for words in ("no person is named", "1 clips have no score", "attacks score lower than lives"):
        assert warned(report, words)
    loose = SourceScores([0, 0, 1, 1], [0.1, 0.6, 0.3, 0.9], attack=["", "", "print", "mask"])
    assert warned(calibrate(model(), loose, "bpcer=0", rounds=0).report, "100% of the worst attack's clips pass")


def test_bounds_go_where_one_of_them_was_not_fitted_here() -> None:
    bounded = model(bounds=("apcer=0.01", "bpcer=0.01"))
    both = calibrate(bounded, scores(), "eer", rounds=0)
    low, high = both.spec.bounds
    assert both.spec.points[low].value <= both.spec.points[high].value
    lives = calibrate(bounded, scores(attacks=False), "bpcer=0.05", rounds=0)
    assert lives.spec.bounds is None
    assert warned(lives.report, "every score is now live or attack")


def test_refused_without_lives_or_with_a_rule_that_sets_nothing() -> None:
    with pytest.raises(ScoreError, match="no live clip"):
        calibrate(model(), SourceScores([1, 0], [0.5, np.nan]))
    with pytest.raises(ScoreError):
        calibrate(model(), scores(attacks=False), "eer")
    with pytest.raises(UsageError):
        calibrate(model(), scores(), "hter")


def test_the_page_says_it_in_words() -> None:
    text = markdown(calibrate(model(), scores(), "bpcer=0.1", fitted_on="my door", rounds=50).report)
    for words in (
        "# Calibration of toy 1",
        "Operating point: **bpcer=0.1**",
        "It rests on 25 people: 100 live and 100 attack clips with a score (my door).",
        "| lives rejected (BPCER) | 10.0% |",
        "| of these, print |",
        "On people left out of the fit in turns:",
    ):
        assert words in text
    alone = markdown(calibrate(model(), scores(1, 4, attacks=False), "bpcer=0.1", rounds=0).report)
    assert "Not validated: too few people" in alone
    assert "## Beware" in alone
    both = scores()
    plain = SourceScores(both.label, both.score, clip=both.clip, subject=both.subject)
    once = markdown(calibrate(model(), plain, "eer", rounds=0).report)
    assert once.count("attacks accepted") == 2, "in the table and of people left out: one kind is all kinds"
    assert "worst kind" not in once


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for number, name in enumerate(
        ("live/ann/1.png", "live/ann/2.png", "live/ben/10.png", "live/ben/9.png", "live/odd.png",
         "attacks/print/ann/1.png", "attacks/screen/2.png", "attacks/3.png")
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((8, 8, 3), 20 * number, np.uint8))
    (tmp_path / "live" / "notes.txt").write_text("no picture")
    return tmp_path


def test_people_and_instruments_are_folders(folders: Path) -> None:
    found = captures(folders / "live", folders / "attacks")
    assert [(one.name, one.subject, one.attack) for one in found] == [
        ("live/odd.png", "", ""),
        ("live/ann/1.png", "ann", ""),
        ("live/ann/2.png", "ann", ""),
        ("live/ben/9.png", "ben", ""),
        ("live/ben/10.png", "ben", ""),
        ("attacks/3.png", "", "attack"),
        ("attacks/print/ann/1.png", "ann", "print"),
        ("attacks/screen/2.png", "", "screen"),
    ]
    for path in ("ben/1.png", "ben/print/1.png", "cleo/1.png", "print/cleo/1.png"):
        (folders / "more" / path).parent.mkdir(parents=True, exist_ok=True)
        (folders / "more" / path).write_bytes((folders / "live/odd.png").read_bytes())
    more = captures(folders / "live", folders / "more")[5:]
    assert [(one.subject, one.attack) for one in more] == [
        ("ben", "attack"),
        ("ben", "print"),
        ("", "cleo"),
        ("cleo", "print"),
    ]
    with pytest.raises(UsageError, match="is no folder"):
        captures(folders / "live", folders / "absent")
    (folders / "empty").mkdir()
    with pytest.raises(UsageError, match=r"--live .*empty: holds no picture"):
        captures(folders / "empty")


def test_folders_are_judged_as_in_use(folders: Path) -> None:
    given = {"live/ann/1.png": 0.1, "live/ann/2.png": 0.2, "live/ben/9.png": 0.3, "live/ben/10.png": None}
    asked: list[str] = []

    def verdict(path: Path) -> Any:
        asked.append(path.relative_to(folders).as_posix())
        return SimpleNamespace(score=given.get(asked[-1], 0.8))

    judge: Any = SimpleNamespace(verdict=verdict)
    report = calibrate_on(model(), folders / "live", folders / "attacks", "bpcer=0.4", judge=judge, rounds=20).report
    assert len(asked) == 8
    assert (report.people, report.live, report.attack, report.silent) == (2, 4, 3, 1)
    assert report.threshold.value == 0.3
    assert report.threshold.fitted_on == "live and attacks"
    lives = calibrate_on(model(), folders / "live", rule="bpcer=0.4", judge=judge, rounds=0).report
    assert (lives.attack, lives.threshold.value) == (0, 0.3)
