import json

import pytest

from sincera.errors import RunError
from sincera.report import read_results
from sincera.report.results import run_names


def test_runs_that_differ_in_their_seed_alone_are_one_group_in_the_order_of_seeds(make_run):
    folders = [make_run("b", seed=2), make_run("a", seed=0), make_run("other", method="dtda")]
    groups = read_results(folders)
    assert [(group.name, [result.seed for result in group.results]) for group in groups] == [
        ("baseline", [0, 2]),
        ("dtda", [0]),
    ]
    assert list(run_names(groups)) == ["baseline, seed 0", "baseline, seed 2", "dtda"]


def test_other_settings_are_another_group_that_is_told_apart_by_its_folder(make_run):
    groups = read_results([make_run("plain"), make_run("wide", recipe={"batch": 96})])
    assert [group.name for group in groups] == ["baseline (plain)", "baseline (wide)"]


def test_other_crops_or_lists_are_another_group(make_run):
    folders = [
        make_run("a", identity={"store": "1", "train": "x"}),
        make_run("b", seed=1, identity={"store": "1", "train": "y"}),
        make_run("c", identity={"store": "2", "train": "x"}),
        make_run("d", identity={"store": "1", "train": "x"}, lists="whole"),
    ]
    assert [len(group.results) for group in read_results(folders)] == [2, 1, 1]


def test_the_protocol_is_told_with_who_trains_and_who_is_tested(make_run):
    result = read_results([make_run(lists="all", validation="source")])[0].first
    assert result.setting == "OCI:M (sources O, C, I; target M; lists all; validation source)"


def test_protocols_are_named_where_several_occur(make_run):
    groups = read_results([make_run("m"), make_run("c", protocol="OMI:C")])
    assert [group.name for group in groups] == ["baseline OCI:M", "baseline OMI:C"]


def test_equal_seeds_of_one_group_are_told_apart(make_run):
    names = run_names(read_results([make_run("first"), make_run("second")]))
    assert list(names) == ["baseline, seed 0", "baseline, seed 0 (second)"]


def test_scores_are_those_of_the_headline_step_by_clip(make_run):
    (group,) = read_results([make_run()])
    assert group.first.headline == "ST"
    assert len(group.first.scores.score) == 24
    assert len(group.first.run.target_scores(150).score) == 48
    assert {name: threshold.value for name, threshold in group.first.thresholds.items()} == {"ST": 0.55, "TT": 0.66}


def test_without_source_validation_the_target_tuned_step_is_drawn(make_run):
    (group,) = read_results([make_run(policies=("LE", "TT"))])
    assert group.first.headline == "TT"
    assert list(group.first.policies) == ["LE", "TT"]


def test_a_protocol_may_be_its_name_alone(make_run):
    folder = make_run()
    info = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(info | {"protocol": "nuaa+O:webcam"}))
    result = read_results([folder])[0].first
    assert (result.protocol, result.targets, result.sources) == ("nuaa+O:webcam", ("webcam",), ())


def test_folders_that_cannot_be_reported_are_named(make_run, tmp_path):
    with pytest.raises(RunError, match="no run to report on"):
        read_results([])
    with pytest.raises(RunError, match=r"nothing: no run\.json"):
        read_results([tmp_path / "nothing"])
    folder = make_run()
    with pytest.raises(RunError, match="named twice"):
        read_results([folder, tmp_path / "." / folder.name])
    (folder / "measures.json").unlink()
    with pytest.raises(RunError, match="not measured yet"):
        read_results([folder])
