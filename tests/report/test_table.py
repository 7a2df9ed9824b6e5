import json
from statistics import mean, stdev

import pytest

from sincera.report import read_results
from sincera.report.table import Cell, cue_rows, notes, rows
from sincera.report.verdict import verdict


def test_one_run_has_a_row_for_each_policy_and_one_for_the_best_cue(make_run):
    (group,) = read_results([make_run()])
    found = list(rows(group))
    assert [(row.kind, row.who, row.policy) for row in found] == [
        ("run", "seed 0", "ST"),
        ("run", "seed 0", "LE"),
        ("run", "seed 0", "TT"),
        ("cue", "sharpness", ""),
    ]
    assert found[0].cells == (
        Cell("12.0 %", "8.0–17.0"),
        Cell("0.930", "0.880–0.970"),
        Cell("30.0 %", "video"),
        Cell("5.0 %", "0.0–20.0"),
    )
    assert found[1].cells[0] == Cell("11.0 %", "± 2.1")


def test_seeds_have_mean_and_sample_standard_deviation_first(make_run):
    rates = (0.1, 0.14, 0.2)
    (group,) = read_results([make_run(f"{seed}", seed=seed, hter=rate) for seed, rate in enumerate(rates)])
    first = next(iter(rows(group)))
    assert (first.kind, first.who, first.policy) == ("mean", "mean of 3 seeds", "ST")
    assert first.cells[0] == Cell(f"{100 * mean(rates):.1f} %", f"± {100 * stdev(rates):.1f}")


def test_a_policy_that_one_seed_lacks_has_no_mean(make_run):
    (group,) = read_results([make_run("a"), make_run("b", seed=1, policies=("LE", "TT"))])
    assert [row.policy for row in rows(group) if row.kind == "mean"] == ["LE", "TT"]


def test_a_rate_that_is_unknown_is_no_zero(make_run):
    (group,) = read_results([make_run("a"), make_run("b", seed=1)])
    for result in group.results[:1]:
        result.policies["ST"]["measures"]["hter"] = None
    found = list(rows(group))
    assert found[0].cells[0] == Cell("–")
    assert next(row for row in found if row.kind == "run").cells[0].text == "–"


def test_cues_are_ranked_by_their_auc(make_run):
    (group,) = read_results([make_run()])
    assert [row.who for row in cue_rows(group.first)] == ["sharpness", "file_size"]


def changed(group, **measures):
    group.first.policies["ST"]["measures"].update(measures)
    return verdict([group])


def test_the_verdict_names_rate_interval_policy_and_cue(make_run):
    assert verdict(read_results([make_run()])) == (
        "baseline: HTER 12.0 % (95 % interval over subjects 8.0–17.0) on M, which it never saw, "
        "threshold and checkpoint chosen on its sources alone (ST); "
        "its AUC of 0.930 is above the 0.670 of the best trivial cue, sharpness."
    )


def test_the_verdict_does_not_praise_what_may_be_chance_or_a_cue(make_run):
    (group,) = read_results([make_run()])
    assert "is not clearly above the 0.670" in changed(group, intervals={"auc": [0.79, 0.97]})
    assert "its AUC of 0.930 is not told from chance" in changed(group, intervals={"auc": [0.49, 0.97]})


def test_the_verdict_says_when_the_target_was_tuned_on(make_run):
    said = verdict(read_results([make_run(policies=("LE", "TT"))]))
    assert "chosen on the target itself, so optimistic (TT)" in said


def test_the_verdict_is_on_the_training_that_errs_least(make_run):
    said = verdict(read_results([make_run("a"), make_run("b", seed=1), make_run("c", method="dtda", hter=0.08)]))
    assert said.startswith("Of 2 trainings dtda errs least: HTER 8.0 %")


def test_a_target_that_also_trains_is_not_called_unseen(make_run):
    protocol = {"name": "oulu/1", "sources": ["O"], "targets": ["O"]}
    folder = make_run()
    info = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(info | {"protocol": protocol}))
    said = verdict(read_results([folder]))
    assert "on the test clips of O," in said
    assert "never saw" not in said


def test_clips_without_a_score_and_remarks_are_told(make_run):
    (group,) = read_results([make_run("a"), make_run("b", seed=1)])
    assert notes(group) == []
    group.results[1].policies["ST"]["measures"].update(non_response=0.25, notes=["no subjects"])
    assert notes(group) == [
        "Seed 1: 25.0 % of the clips have no score; the rates are of the others.",
        "Seed 1: no subjects",
    ]


@pytest.mark.parametrize("lost", ["hter", "auc"])
def test_the_verdict_stands_without_a_rate(make_run, lost):
    (group,) = read_results([make_run()])
    assert {"hter": "No run has an error rate", "auc": "AUC was not recorded"}[lost] in changed(group, **{lost: None})
