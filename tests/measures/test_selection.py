"""Thresholds, checkpoints and the three policies; and that selection cannot see the target."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sincera.errors import ScoreError, UsageError
from sincera.measures import (
    Evaluation,
    ScoreTable,
    SourceScores,
    TargetScores,
    apcer,
    bpcer,
    choose,
    equal_error,
    fit_threshold,
    hter,
    measure,
    policies,
    source_hter,
    target_threshold,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def evaluations(people):
    """Twelve evaluations; source validation is best at step 40, the target at step 70."""

    def make(count=12):
        return [
            Evaluation(
                step=10 * (n + 1),
                source=people(20, seed=n, kind=SourceScores, gap=2.5 if n == 3 else 0.5),
                target=people(16, seed=100 + n, kind=TargetScores, gap=2.5 if n == 6 else 0.8, shift=0.2),
            )
            for n in range(count)
        ]

    return make


@pytest.mark.parametrize("wrong", [TargetScores, ScoreTable])
def test_selection_refuses_all_but_source_scores_when_it_runs(people, wrong):
    table = people(kind=wrong)
    for select in (fit_threshold, source_hter, lambda scores: choose([(1, scores)])):
        with pytest.raises(ScoreError, match=f"found {wrong.__name__}, expected SourceScores"):
            select(table)


def test_the_target_threshold_takes_target_scores_only(people):
    with pytest.raises(ScoreError, match="found SourceScores, expected TargetScores"):
        target_threshold(people(kind=SourceScores))


def test_mypy_refuses_target_scores_where_something_is_selected(tmp_path):
    snippet = tmp_path / "snippet.py"
    snippet.write_text(
        "from sincera.measures import ScoreTable, SourceScores, TargetScores, choose, fit_threshold\n"
        "def good(dev: SourceScores) -> None:\n"
        "    fit_threshold(dev, 'eer')\n"
        "    choose([(1, dev)])\n"
        "def bad(test: TargetScores, any_scores: ScoreTable) -> None:\n"
        "    fit_threshold(test, 'eer')\n"
        "    choose([(1, test)])\n"
        "    fit_threshold(any_scores, 'eer')\n"
    )
    mypy = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-error-summary", str(snippet)]
    done = subprocess.run(mypy, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line]
    assert lines == [6, 7, 8], done.stdout + done.stderr


def test_thresholds_keep_their_rules_promise(people):
    scores = people(40, kind=SourceScores, gap=0.8)
    attacks = scores.label == 1
    for rate in (0.0, 0.05, 0.2):
        at = fit_threshold(scores, f"bpcer={rate}")
        assert bpcer(scores.score[~attacks], at) <= rate
        at = fit_threshold(scores, f"apcer={rate}")
        assert max(apcer(scores.score[attacks], scores.species[attacks], at).values()) <= rate
    at = fit_threshold(scores)
    assert at.value == equal_error(scores.score, scores.label).threshold
    assert (at.rule, at.fitted_on, at.subjects, at.clips) == ("eer", "C&O source validation", 40, 160)


def test_a_threshold_is_fitted_on_clips_that_answered(people):
    frames = people(10, frames=4, kind=SourceScores, silent=0.3)
    clips = frames.by_clip()
    answered = clips.select(clips.answered)
    assert fit_threshold(frames).value == equal_error(answered.score, answered.label).threshold
    assert fit_threshold(frames).clips == len(answered)
    assert fit_threshold(frames, unit="frame").value != fit_threshold(frames).value


def test_rules_that_do_not_belong_here(people):
    with pytest.raises(UsageError, match="target_threshold"):
        fit_threshold(people(kind=SourceScores), "target-eer")
    with pytest.raises(UsageError, match="did you mean"):
        fit_threshold(people(kind=SourceScores), "err")
    with pytest.raises(ScoreError, match="fit a threshold on: no attack"):
        fit_threshold(SourceScores([0, 0], [0.1, 0.2]))


def test_source_hter_is_the_mean_over_domains_at_the_pooled_threshold(people):
    scores = people(30, kind=SourceScores, gap=0.7)
    at = fit_threshold(scores).value
    slow = []
    for domain in "CO":
        own = scores.domain == domain
        slow.append(hter(scores.score[own], scores.label[own], at))
    assert source_hter(scores) == pytest.approx(sum(slow) / 2)
    pooled = SourceScores(scores.label, scores.score)
    assert source_hter(pooled) == pytest.approx(hter(scores.score, scores.label, at))


def test_a_domain_of_one_class_counts_with_that_class():
    scores = SourceScores([0, 1, 0, 0], [0.1, 0.9, 0.2, 0.95], domain=["O", "O", "P", "P"])
    at = fit_threshold(scores).value
    expected = (hter([0.1, 0.9], [0, 1], at) + bpcer([0.2, 0.95], at)) / 2
    assert source_hter(scores) == pytest.approx(expected)


def test_the_earliest_of_equal_steps_is_chosen(people):
    same = people(kind=SourceScores)
    assert choose([(30, same), (10, same), (20, same)]) == 10
    with pytest.raises(ScoreError, match="no evaluation"):
        choose([])


def test_source_tuned_measures_the_target_once_at_the_sources_threshold(evaluations):
    given = evaluations()
    found = policies(given, rounds=30)["ST"]
    chosen = given[3]
    assert (found.steps, found.evaluations, found.sd) == ((40,), 12, None)
    assert found.threshold == fit_threshold(chosen.source)
    assert found.measures == measure(chosen.target, found.threshold, rounds=30)


def test_source_tuned_does_not_change_with_the_targets_labels(evaluations):
    given = evaluations()
    blind = [
        one._replace(target=TargetScores(1 - one.target.label, one.target.score, clip=one.target.clip)) for one in given
    ]
    assert policies(blind, rounds=5)["ST"].steps == policies(given, rounds=5)["ST"].steps
    assert policies(blind, rounds=5)["ST"].threshold == policies(given, rounds=5)["ST"].threshold


def test_target_tuned_is_the_best_of_all_and_says_of_how_many(evaluations):
    given = evaluations()
    found = policies(given, rounds=30)["TT"]
    errors = {one.step: equal_error(one.target.score, one.target.label).hter for one in given}
    assert found.steps == (min(errors, key=errors.get),) == (70,)
    assert found.evaluations == 12
    assert found.threshold.rule == found.measures.rule == "target-eer"
    assert found.measures.hter == found.measures.eer == errors[70]


def test_last_epochs_average_the_last_ten(evaluations):
    given = evaluations()
    found = policies(given, rounds=30)["LE"]
    errors = [equal_error(one.target.score, one.target.label).hter for one in given[2:]]
    assert found.steps == tuple(range(30, 130, 10))
    assert found.measures.hter == pytest.approx(np.mean(errors))
    assert found.sd["hter"] == pytest.approx(np.std(errors, ddof=1))
    assert found.threshold is None
    assert found.measures.threshold is None
    rates = found.measures.rates()
    assert set(found.sd) == set(rates)
    for name, (low, high) in found.measures.intervals.items():
        assert low <= rates[name] <= high, name


def test_last_epochs_of_equal_evaluations_have_the_interval_of_one(people):
    same = people(20, kind=TargetScores, gap=0.7)
    found = policies([Evaluation(step, None, same) for step in (1, 2, 3)], rounds=60, seed=5)
    assert set(found) == {"LE", "TT"}
    assert found["LE"].sd["auc"] == pytest.approx(0, abs=1e-12)
    alone = measure(same, target_threshold(same), rounds=60, seed=5)
    for name, ends in alone.intervals.items():
        assert found["LE"].measures.intervals[name] == pytest.approx(ends), name


def test_one_evaluation_has_no_deviation(evaluations):
    found = policies(evaluations(1), rounds=5)
    assert found["LE"].sd is None
    assert found["LE"].measures.hter == found["TT"].measures.hter


def test_policies_are_json(evaluations):
    for name, result in policies(evaluations(3), rounds=10).items():
        data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert data["policy"] == name
        assert data["measures"]["hter"] == result.measures.hter
        assert (data["threshold"] is None) == (name == "LE")


def test_evaluations_that_cannot_be_compared(evaluations):
    with pytest.raises(ScoreError, match="no evaluation"):
        policies([])
    with pytest.raises(ScoreError, match="two evaluations of one step"):
        policies([*evaluations(2), evaluations(1)[0]])
