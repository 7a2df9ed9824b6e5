"""The whole of the measures: exact estimates, sensible intervals, groups, JSON."""

import json

import numpy as np
import pytest

from sincera.errors import ScoreError
from sincera.measures import ScoreTable, Threshold, apcer, auc, bpcer, eer, hter, measure
from sincera.measures.describe import describe

AT = Threshold(0.5, "bpcer=0.01", "dev.csv", subjects=3, clips=9)
JSON_KEYS = {
    *("auc", "eer", "hter", "apcer", "apcer_max", "apcer_mean", "apcer_pooled", "bpcer", "acer", "threshold", "rule"),
    *("n_live", "n_attack", "non_response", "recall_at_fpr", "by", "intervals"),
}


def test_estimates_are_the_plain_measures(people):
    table = people(14, frames=3, silent=0.02)
    clips = table.by_clip()
    found = measure(table, AT, rounds=50)
    attacks = clips.label == 1
    assert found.auc == auc(clips.score, clips.label)
    assert found.eer == eer(clips.score, clips.label)
    assert found.hter == pytest.approx(hter(clips.score, clips.label, AT))
    assert found.bpcer == bpcer(clips.score[~attacks], AT)
    assert found.apcer == apcer(clips.score[attacks], clips.species[attacks], AT)
    assert found.apcer_max == max(found.apcer.values()) == next(iter(found.apcer.values()))
    assert (found.n_live, found.n_attack, found.n_species) == (28, 28, {"mask": 14, "print": 14})
    assert found.acer == (found.apcer_max + found.bpcer) / 2
    assert found.acer_pooled == found.hter
    assert found.notes == ()


def test_frames_are_decided_one_by_one_on_request(people):
    table = people(6, frames=3)
    found = measure(table, AT, rounds=10, unit="frame")
    assert (found.n_live, found.n_attack, found.resampling.units) == (36, 36, 6)
    assert found.bpcer == bpcer(table.score[table.label == 0], AT)


def test_rows_without_a_score_are_counted_but_not_judged():
    table = ScoreTable([0, 0, 0, 1, 1], [0.1, 0.9, np.nan, 0.9, np.nan], attack=["", "", "", "print", "mask"])
    found = measure(table, AT, rounds=20)
    assert (found.n_live, found.n_attack, found.non_response) == (3, 2, 0.4)
    assert (found.bpcer, found.apcer) == (0.5, {"print": 0.0})
    assert "no attack of species mask has a score" in found.notes


def test_json_has_the_promised_keys_and_no_nan(people):
    found = json.loads(json.dumps(measure(people(), AT, rounds=50, by="sex").to_dict(), allow_nan=False))
    assert set(found) >= JSON_KEYS
    assert (found["threshold"], found["rule"]) == (0.5, "bpcer=0.01")
    assert found["origin"] == AT.to_dict()
    assert set(found["recall_at_fpr"]) == {"0.01", "0.005", "0.001"}
    for name in ("auc", "eer", "hter", "apcer_max", "apcer_mean", "apcer_pooled", "bpcer", "acer", "apcer:mask"):
        low, high = found["intervals"][name]
        assert 0 <= low <= high <= 1
    assert set(found["by"]) == {"f", "m"}


def test_intervals_hold_the_estimate_and_narrow_with_more_people(people):
    few, many = measure(people(20, gap=0.6), AT, rounds=400), measure(people(320, gap=0.6), AT, rounds=400)
    for name, (low, high) in few.intervals.items():
        assert low <= few.rates()[name] <= high, name
    for name in ("auc", "hter", "bpcer", "eer", "apcer_max"):
        wide, narrow = (float(np.diff(found.intervals[name])[0]) for found in (few, many))
        assert narrow < wide / 2


def test_an_interval_covers_the_truth_about_as_often_as_it_says(people):
    truth = measure(people(4000, seed=99, gap=0.6), AT, rounds=0).hter
    covered = []
    for seed in range(60):
        low, high = measure(people(30, seed=seed, gap=0.6), AT, rounds=150).intervals["hter"]
        covered.append(low <= truth <= high)
    assert 0.82 <= np.mean(covered) <= 1


def test_people_give_wider_intervals_than_their_clips():
    random = np.random.default_rng(0)
    own = np.repeat(random.normal(0, 1, 20), 30)
    label = np.tile([0, 1], 300)
    score, subject = own + label, np.repeat(np.arange(20), 30)
    by_people = measure(ScoreTable(label, score, subject=subject), AT, rounds=300).intervals["bpcer"]
    by_clips = measure(ScoreTable(label, score), AT, rounds=300).intervals["bpcer"]
    assert np.diff(by_people) > 2 * np.diff(by_clips)


def test_where_no_error_was_seen_the_rule_of_three_bounds_it():
    label, score = [0] * 40 + [1] * 60, [0.1] * 40 + [0.9] * 60
    attack = [""] * 40 + ["print"] * 10 + ["mask"] * 50
    found = measure(ScoreTable(label, score, attack=attack), AT, rounds=30).intervals
    assert found["bpcer"] == (0, 3 / 40)
    assert (found["apcer:print"], found["apcer:mask"], found["apcer_max"]) == ((0, 0.3), (0, 0.06), (0, 0.3))
    assert found["apcer_pooled"] == (0, 0.05)
    assert found["apcer_mean"] == (0, pytest.approx(0.18))
    assert found["hter"] == found["eer"] == (0, pytest.approx((0.05 + 0.075) / 2))
    assert found["acer"] == (0, pytest.approx((0.3 + 0.075) / 2))
    assert found["non_response"] == (0, 0.03)
    mirrored = measure(ScoreTable(label, [1 - one for one in score], attack=attack), AT, rounds=30)
    assert mirrored.bpcer == 1
    assert mirrored.intervals["bpcer"] == (1 - 3 / 40, 1)


def test_what_the_intervals_cannot_say_is_said(people):
    table = people(2)
    no_people = ScoreTable(table.label, table.score, clip=table.clip)
    assert "no subject column, so the intervals resample clips" in measure(no_people, AT, rounds=10).notes
    one = measure(people(1), AT, rounds=10)
    assert one.intervals == {}
    assert one.notes == ("all rows are of one subject, so nothing can be resampled: no intervals",)
    apart = measure(ScoreTable([0, 1], [0.1, 0.9], subject=["1", "2"]), AT, rounds=40)
    assert any("drew one class only" in note for note in apart.notes)
    assert any("do not overlap" in note for note in apart.notes)
    assert measure(table, AT, rounds=0).intervals == {}


def test_score_bins_are_said_and_leave_estimates_exact(people, monkeypatch):
    table = people(200, seed=1)
    exact = measure(table, AT, rounds=60)
    monkeypatch.setattr("sincera.measures.counts.EXACT_UP_TO", 10)
    monkeypatch.setattr("sincera.measures.counts.BINS_PER_CLASS", 60)
    binned = measure(table, AT, rounds=60)
    assert any("score bins" in note for note in binned.notes)
    assert binned.rates() == exact.rates()
    for name in ("bpcer", "hter", "apcer_max", "acer"):
        assert binned.intervals[name] == exact.intervals[name]
    for name in ("auc", "eer"):
        assert binned.intervals[name] == pytest.approx(exact.intervals[name], abs=0.01)


def test_groups_have_their_own_rates_and_the_worst_comes_first(people):
    table = people(30, seed=2, gap=0.7)
    found = measure(table, AT, rounds=50, by="sex")
    for sex, group in found.by.items():
        own = table.select(table.columns["sex"] == sex)
        alone = measure(own, AT, rounds=50)
        assert (group.bpcer, group.apcer, group.hter, group.auc) == (alone.bpcer, alone.apcer, alone.hter, alone.auc)
        assert group.intervals["hter"] == alone.intervals["hter"]
    worst = [max(group.bpcer, group.apcer_max) for group in found.by.values()]
    assert worst == sorted(worst, reverse=True)


def test_a_group_of_one_class_has_no_rates_of_the_other(people):
    found = measure(people(8), AT, rounds=20, by="attack").by
    assert found[""].apcer_max is None
    assert found[""].hter is None
    assert found["mask"].bpcer is None
    assert found["mask"].apcer_max is not None
    assert "bpcer" not in found["mask"].intervals


def test_groups_that_cannot_be_made_are_refused(people):
    with pytest.raises(ScoreError, match="no column 'age'"):
        measure(people(), AT, by="age")
    with pytest.raises(ScoreError, match="has 240 different values, expected at most 200"):
        measure(people(60), AT, by="clip")


@pytest.mark.parametrize(("label", "missing"), [(0, "attack"), (1, "live")])
def test_a_missing_class_is_one_clear_error(label, missing):
    with pytest.raises(ScoreError, match=f"no {missing} score"):
        measure(ScoreTable([label] * 3, [0.1, 0.2, 0.3]), AT)
    with pytest.raises(ScoreError, match=f"no {missing} score"):
        measure(ScoreTable([label, label, 1 - label], [0.1, 0.2, np.nan]), AT)


def test_a_seed_repeats_the_intervals_and_rows_may_be_shuffled(people):
    table = people()
    first = measure(table, AT, rounds=80, seed=3, by="sex").to_dict()
    order = np.random.default_rng(0).permutation(len(table))
    assert measure(table.select(order), AT, rounds=80, seed=3, by="sex").to_dict() == first
    assert measure(table, AT, rounds=80, seed=4).intervals != measure(table, AT, rounds=80, seed=3).intervals


def test_thresholds_beyond_all_scores_take_all_for_one_class(people):
    for value, bpcer_there, apcer_there in ((-99.0, 1, 0), (99.0, 0, 1)):
        found = measure(people(), Threshold(value, "eer", "dev"), rounds=20)
        assert (found.bpcer, found.apcer_max, found.hter) == (bpcer_there, apcer_there, 0.5)


def test_the_page_shows_the_worst_species_first_with_counts(people):
    table = people(10, seed=3, gap=0.7)
    found = measure(table, AT, rounds=50, by="sex")
    page = describe(found, "scores.csv")
    lines = page.splitlines()
    assert lines[0] == "scores.csv: 20 live and 20 attack clips, 10 subjects"
    assert lines[1] == "attack if score > 0.5: rule bpcer=0.01, fitted on dev.csv (9 clips of 3 subjects)"
    species = [line.split()[0] for line in lines if line.startswith("  ") and "%" not in line]
    assert species == list(found.apcer)
    assert f"{round(found.bpcer * 20)} of 20" in next(line for line in lines if line.startswith("BPCER"))
    assert "groups, the worst first" in page
    assert "50 resamples of 10 subjects, seed 0" in page
    assert "TT:" not in page
    assert "TT:" in describe(measure(table, Threshold(0.5, "target-eer", "scores.csv"), rounds=0), "scores.csv")
