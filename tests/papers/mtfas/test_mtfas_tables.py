"""Every table of MT-FAS on toy faces: printed figures where they belong, measured ones beside, nothing made up."""

import json
from pathlib import Path
from statistics import fmean, stdev

import pytest
from mtfas_toys import grid_of

from sincera.papers.intervals import NOTE
from sincera.papers.published import values_of
from sincera.runs import Run


def plain(made):
    """As `--json` gives it."""
    return json.loads(json.dumps(made.to_dict()))


def test_one_has_protocols_by_video_medium_and_frame(make):
    made = make(
        "mtfas/1", protocols=("oulu/1", "oulu/3/1", "oulu/3/4"), seeds=(0, 1), variants=("FAS-DR-Depth", "FAS-DR-MT")
    )
    page, data = made.markdown(), plain(made)
    one, three = grid_of(page, "OULU-NPU 1"), grid_of(page, "OULU-NPU 3, 2 of 6 parts")
    assert one["CDCN(MT), printed"] | {"": ""} == {
        "": "", "APCER": "0.00", "BPCER": "0.80", "ACER": "0.40", "ACER by medium": "", "worst APCER": "",
        "worst ACER": "", "ACER by frame": "",
    }  # fmt: skip
    assert not any(name.endswith("printed") for name in three), "two splits are not what is printed"
    for grid in (one, three):
        for title in ("FAS-DR(Depth)", "FAS-DR(MT)"):
            assert all(grid[f"{title}, ST"].values())
            assert grid[f"{title}, LE"]["ACER by frame"] == grid[f"{title}, LE"]["ACER by medium"] == ""
            assert grid[f"{title}, ST, 95 %"]["ACER"].startswith("[")
    parts = [cell for cell in data["cells"] if cell["row"] == "FAS-DR-MT" and cell["protocol"].startswith("oulu/3")]
    means = [100 * fmean(cell["policies"]["ST"]["bpcer"]["values"]) for cell in parts]
    assert three["FAS-DR(MT), ST"]["BPCER"] == f"{fmean(means):.1f} ± {stdev(means):.1f}", "± over parts"
    for cell in data["cells"]:
        own = [Run(Path(run)).measures()["policies"]["ST"]["measures"] for run in cell["runs"]]
        assert cell["policies"]["ST"]["acer_pooled"]["values"] == [one["acer_pooled"] for one in own]
        assert set(cell["further"]) == {"acer_medium", "acer_frame"}
    claim = grid_of(page, "what the paper claims")["OULU-NPU 1: FAS-DR(MT) against FAS-DR(Depth)"]
    assert claim["printed"] == "60 %"
    means = [one["policies"]["ST"]["acer_pooled"]["mean"] for one in data["groups"] if one["group"] == "OULU-NPU 1"]
    effect = data["effects"][0]
    assert effect["fall"] == pytest.approx(1 - means[1] / means[0])
    assert effect["less"]["difference"] == pytest.approx(means[1] - means[0])
    assert data["teacher_scope"] == "split"
    assert any("one for each split" in note for note in made.notes)
    assert NOTE in made.notes
    assert len(data["printed"]) == len(values_of("mtfas/1"))


def test_two_has_a_kind_of_attack_a_column_and_their_mean(make):
    made = make("mtfas/2", protocols=("siwm/Replay", "siwm/FunnyeyeGlasses"), variants=("DTN-MT", "FAS-DR-MT", "Mask"))
    page, data = made.markdown(), plain(made)
    for rate in ("APCER", "BPCER", "ACER", "EER"):
        grid = grid_of(page, rate)
        assert list(grid["DTN [19], printed"]) == [rate, "Replay", "Funny Eye", "Average, 2 of 13 parts"]
        assert all(grid["DTN(MT), ST"].values())
        assert grid["BCN [18], printed"]["Average, 2 of 13 parts"] == ""
    assert grid_of(page, "EER")["DTN(MT), printed"]["Replay"] == "9.10"
    assert "Replay: train: " in page
    eer = next(cell for cell in data["cells"] if cell["row"] == "DTN-MT")["policies"]["TT"]["eer"]["mean"]
    assert grid_of(page, "EER")["DTN(MT), TT"]["Replay"].startswith(f"{100 * eer:.1f} [")
    assert {cell["protocol"] for cell in data["cells"]} == {"siwm/Replay", "siwm/FunnyeyeGlasses"}


def test_three_stands_beside_every_printed_row(make):
    made = make("mtfas/3", protocols=("OCI:M",), lists=("all", "split"))
    page, data = made.markdown(), plain(made)
    errors = grid_of(page, "OCI→M, lists all: HTER")
    assert [errors[name]["printed"] for name in ("RFMetaFAS(Depth)", "RFMetaFAS(MT)", "FAS-DR-BC(MT)")] == [
        "11.90",
        "12.31",
        "11.67",
    ]
    assert errors["FAS-DR-BC(Depth)"]["ST less above"].endswith("(RFMetaFAS-Depth)")
    beside = grid_of(page, "HTER beside every printed row, lists all")
    assert beside["RFMetaFAS [51], printed"]["OCI→M"] == "13.89"
    assert beside["MA-Net [49], printed"]["OCI→M"] == "20.80"
    assert grid_of(page, "AUC beside every printed row, lists all")["MA-Net [49], printed"]["OCI→M"] == "", "a dash"
    measured = next(cell for cell in data["cells"] if cell["row"] == "FAS-DR-BC-MT")["policies"]["TT"]["hter"]["mean"]
    assert beside["FAS-DR-BC(MT), TT"]["OCI→M"] == f"{100 * measured:.1f}"
    assert "beside every printed row, lists split" not in page
    claims = {lists: grid_of(page, f"what the paper claims, lists {lists}") for lists in ("all", "split")}
    text = "OCI→M: FAS-DR-BC(MT) against FAS-DR-BC(Depth)"
    assert (claims["all"][text]["printed"], claims["split"][text]["printed"]) == ("15 %", "")
    assert [effect["lists"] for effect in data["effects"]] == ["all", "all", "split", "split"]


def test_four_counts_multiply_adds_and_hours(make, monkeypatch):
    monkeypatch.setattr("sincera.papers.mtfas.costs.SIZE", 64)
    made = make("mtfas/4", protocols=("oulu/4/4",), teacher_scope="protocol1")
    page, data = made.markdown(), plain(made)
    errors = grid_of(page, "OULU-NPU 4, 1 of 6 parts: ACER")
    assert list(errors) == [f"FAS-DR({name})" for name in
                            ("Depth", "Distill", "BANs", "Fitnet", "Distill_Light", "OKDDip", "MT")]  # fmt: skip
    assert errors["FAS-DR(Depth)"]["ST less above"] == "", "nothing stands above"
    assert all(row["ST less above"] for name, row in errors.items() if name != "FAS-DR(Depth)")
    cost = grid_of(page, "cost")
    assert [cost["FAS-DR(MT)"][f"{name} printed"] for name in ("teacher", "student", "hours")] == ["781", "283", "8.9"]
    assert (cost["FAS-DR(OKDDip)"]["teacher printed"], cost["FAS-DR(OKDDip)"]["teacher"]) == ("", ""), (
        "a dash, and none"
    )
    costs = data["costs"]
    assert costs["OKDDip"]["student"] == 3 * costs["Depth"]["student"]
    assert costs["BANs"]["teacher"] == costs["Depth"]["student"] < costs["Distill"]["teacher"]
    assert list(costs["MT"]["stages"]) == ["pretrain", "bilevel"], "of the run on protocol 1"
    assert costs["Depth"]["hours"] == costs["OKDDip"]["hours"] == []
    assert all(len(costs[name]["hours"]) == 1 and costs[name]["hours"][0] > 0 for name in ("Distill", "BANs", "MT"))
    assert "cpu" in costs["MT"]["devices"][0]
    assert any("of protocol 1, one a seed" in note for note in made.notes)
    assert {effect["other"] for effect in data["effects"]} == set(costs) - {"MT"}


def test_five_has_every_teacher_and_what_is_not_printed_where_it_is_asked_for(make):
    made = make("mtfas/5", protocols=("OCI:M", "OMI:C"), variants=("Depth", "Binary", "MT"))
    page, data = made.markdown(), plain(made)
    errors = grid_of(page, "OCI→M, lists all: HTER")
    assert (errors["FAS-DR-BC(MT)"]["printed"], errors["FAS-DR-BC(Binary)"]["printed"]) == ("11.67", "")
    assert grid_of(page, "mean of 2 tasks, lists all")["FAS-DR-BC(MT)"]["HTER printed"] == f"{(11.67 + 18.44) / 2:.2f}"
    assert [effect["other"] for effect in data["effects"]] == ["Depth", "Binary"] * 2
    assert len(data["means"]) == 3


def test_six_has_the_ablations_and_the_curve(make):
    made = make("mtfas/6", variants=("no-MT_v", "no-pre", "no-adapt", "resnet", "MT", "gamma-0.9", "gamma-0.999"))
    page, data = made.markdown(), plain(made)
    grid = grid_of(page, "OULU-NPU 1")
    assert grid["FAS-DR(MT_w/o_MT_v), printed"]["BPCER"] == "13.80"
    assert grid["FAS-DR(MT) gamma=0.9, printed"] | {"": ""} == {
        "": "", "APCER": "", "BPCER": "", "ACER": "5.30", "worst APCER": "", "worst ACER": "",
    }  # fmt: skip
    errors = grid_of(page, "OULU-NPU 1: ACER")
    assert errors["FAS-DR(MT)"]["printed"] == "0.60"
    assert all(row["ST"] and row["TT"] for row in errors.values())
    claims = grid_of(page, "what the paper claims")
    assert claims["OULU-NPU 1: FAS-DR(MT) against FAS-DR(MT_w/o_pre)"]["printed"] == "90 %"
    assert claims["OULU-NPU 1: FAS-DR(MT) γ 0.999 against FAS-DR(MT) γ 0.9"]["printed"] == "89 %"
    recipes = {cell["row"]: Run(Path(cell["runs"][0])).info()["recipe"] for cell in data["cells"]}
    assert [recipes[name]["bilevel"]["gamma"] for name in ("no-MT_v", "gamma-0.9", "gamma-0.999")] == [0.0, 0.9, 0.999]
    # by what is kept: a stage that another test trained is taken over, and no log tells of it
    kept = {
        cell["row"]: {path.name.partition("-")[0] for path in (Path(cell["runs"][0]) / "checkpoints").glob("*-*.pt")}
        for cell in data["cells"]
    }
    assert kept["no-pre"] == {"bilevel"}
    assert kept["gamma-0.999"] == {"pretrain", "bilevel"}


def test_tables_find_each_others_trainings(make, kept_runs):
    options = {"protocols": ("oulu/1",), "variants": ("FAS-DR-MT",)}
    made = make("mtfas/1", **options)
    before = {path: path.stat().st_mtime_ns for path in kept_runs.rglob("*") if path.is_file()}
    again = make("mtfas/6", variants=("MT",))
    assert plain(again)["cells"][0]["runs"] == plain(made)["cells"][0]["runs"]
    assert {path: path.stat().st_mtime_ns for path in kept_runs.rglob("*") if path.is_file()} == before
