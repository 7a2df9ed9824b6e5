"""From runs to a model file: the scores are PyTorch's, the thresholds source validation's, or nothing is written."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from sincera.data.store import Store
from sincera.errors import ModelError, RunError, ScoreError, StoreError, UsageError
from sincera.experiments import scorer_for
from sincera.export import Wishes, agreement, candidate, export, from_run, from_toml
from sincera.export.committee import aligned, fused_table, fusion_of
from sincera.faces import as_input
from sincera.measures import SourceScores, fit_threshold, write_scores
from sincera.model import Session, log_odds, probability, read_model, yunet_spec
from sincera.runs import Run


def by_file(path: Path, crops: np.ndarray) -> Any:
    """What the written file says of (N, S, S, 3) uint8 crops, the same for every member."""
    session = Session(read_model(path))
    return session.scores({one.name: as_input(crops, one.view) for one in session.spec.networks})


@pytest.mark.parametrize("name", ["baseline", "pixel"])
def test_a_run_s_file_scores_as_the_run(name: str, runs: dict[str, Run], store: Store, tmp_path: Path) -> None:
    done = export(tmp_path / "model.onnx", [runs[name].folder])
    spec = read_model(tmp_path / "model.onnx").spec
    assert spec == done.model.spec
    crops = store.crops(store.rows())
    scorer, _ = scorer_for(runs[name])
    wanted = np.asarray(scorer(crops))
    found = by_file(done.path, crops)
    assert np.abs(found.score - wanted).max() < 1e-5
    assert np.ptp(wanted) > 1e-3
    assert found.members[name].tolist() == found.score.tolist()
    (member,) = spec.members
    assert member.link == ("linear" if name == "pixel" else "probability")
    assert member.trained_on == ("alpha", "beta")
    assert set(member.outputs) == ({"score", "map"} if name == "pixel" else {"score", "features"})
    assert (member.view.kind, member.view.colour, member.view.range) == ("box", "RGB", "0-1")
    step = candidate._step(runs[name], "source")
    dev = runs[name].source_scores(step)
    assert dev is not None
    for rule, point in spec.points.items():
        assert point == fit_threshold(dev, rule)
    assert (spec.threshold, spec.name, spec.version) == ("eer", "model", "1")
    assert spec.operating_point.fitted_on == "alpha&beta source validation"
    assert sum(spec.histogram.live) == int((dev.by_clip().label == 0).sum())
    assert spec.sampling == store.preparation.sampling
    assert spec.recipe[name]["method"] == name
    assert spec.measures["members"][name]["ST"]["auc"] == runs[name].measures()["policies"]["ST"]["measures"]["auc"]
    assert spec.measures["agreement"]["largest"][name] <= 1e-5
    assert "found by middle" in done.notes[0], "the toy detector is none that a judge could open"
    assert spec.detector == yunet_spec()


def test_openvino_is_asked_for_f32(runs: dict[str, Run], tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    near = export(tmp_path / "model.onnx", [runs["baseline"].folder]).agreement.openvino
    assert near is not None
    assert near.precision in ("f32", "float32", "float")
    assert near.largest["baseline"] < 1e-4


def test_scores_that_differ_are_refused_and_nothing_is_written(
    runs: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = from_run(runs["baseline"].folder)
    for wrong in (2e-4, np.nan):
        moved = replace(one, reference=lambda crops, by=wrong: one.reference(crops) + by)
        monkeypatch.setattr("sincera.export.writing.from_run", lambda *_, moved=moved, **__: moved)
        with pytest.raises(ModelError, match=r"'baseline': on 40 real crops .* nothing was written"):
            export(tmp_path / "model.onnx", [runs["baseline"].folder], wishes=Wishes(crops=40))
    assert list(tmp_path.iterdir()) == []


def test_a_committee_is_fused_as_its_parts(runs: dict[str, Run], store: Store, tmp_path: Path) -> None:
    folders = [runs["baseline"].folder, runs["pixel"].folder]
    with pytest.raises(UsageError, match="pixel are no probabilities"):
        export(tmp_path / "both.onnx", folders)
    done = export(tmp_path / "both.onnx", folders, wishes=Wishes(fusion="fitted", bounds=("bpcer=0.05", "apcer=0.05")))
    crops = store.crops(store.rows())
    found, spec = by_file(done.path, crops), done.model.spec
    alone = {name: np.asarray(scorer_for(run)[0](crops)) for name, run in runs.items()}
    odds = [log_odds(alone["baseline"], "probability"), log_odds(alone["pixel"], "linear")]
    total = spec.fusion.bias + np.asarray(spec.fusion.weights) @ np.stack(odds)
    assert np.abs(found.score - probability(total)).max() < 1e-4
    low, high = spec.bounds
    assert spec.points[low].value <= spec.points[high].value
    twice = export(tmp_path / "twice.onnx", [runs["baseline"].folder] * 2)
    assert [one.name for one in twice.model.spec.members] == ["baseline", "baseline-2"]
    assert twice.model.spec.fusion.weights == (0.5, 0.5)
    same = by_file(twice.path, crops)
    inside = np.abs(log_odds(alone["baseline"], "probability")) < 12
    assert np.allclose(same.score[inside], alone["baseline"][inside], atol=1e-5)


def test_int8_is_measured_beside_the_original(runs: dict[str, Run], store: Store, tmp_path: Path) -> None:
    done = export(tmp_path / "model.onnx", [runs["pixel"].folder], int8=tmp_path / "small.onnx")
    small = done.int8
    assert small is not None
    operators = {node.op_type for node in onnx.load(small.path).graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= operators
    assert len(small.model.graph) != len(done.model.graph)
    crops = store.crops(store.rows())
    apart = np.abs(by_file(small.path, crops).score - by_file(done.path, crops).score)
    assert 0 < apart.max() < 0.1
    assert set(small.before) == set(small.after) == {"dev", "test"}
    policies = (runs["pixel"].measures() or {})["policies"]
    assert small.before["test"].auc == pytest.approx(policies["ST"]["measures"]["auc"])
    assert small.before["test"].hter == pytest.approx(policies["ST"]["measures"]["hter"])
    assert done.model.spec.measures["int8"] == json.loads(json.dumps(small.to_dict()))
    assert small.model.spec.version == "1+int8"
    assert small.model.spec.operating_point != done.model.spec.operating_point


def foreign(folder: Path, size: int = 16) -> Path:
    """An ONNX file from elsewhere: the mean over a BGR crop of 0-255, turned into a probability."""
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Div", ["mean", "scale"], ["share"]),
        helper.make_node("Sigmoid", ["share"], ["attack"]),
    ]
    given = helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["N", 3, size, size])
    got = helper.make_tensor_value_info("attack", onnx.TensorProto.FLOAT, ["N"])
    scale = numpy_helper.from_array(np.float32(100), "scale")
    graph = helper.make_graph(nodes, "foreign", [given], [got], [scale])
    path = folder / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    text = f"""
        name = "means"
        file = "net.onnx"
        trained_on = ["elsewhere"]
        scores = "means.csv"
        [outputs]
        score = "attack"
        [view]
        kind = "box"
        margin = 1.7
        size = {size}
        border = "shift"
        aspect = "box"
        colour = "BGR"
        range = "0-255"
        [licences]
        code = "MIT"
        weights = "MIT"
    """
    (folder / "means.toml").write_text(text)
    return folder / "means.toml"


def test_a_member_from_elsewhere_joins(runs: dict[str, Run], store: Store, tmp_path: Path) -> None:
    listed = foreign(tmp_path)
    with pytest.raises(ScoreError, match=r"means\.csv"):
        export(tmp_path / "both.onnx", [runs["baseline"].folder], [listed])
    dev = runs["baseline"].source_scores(3)
    assert dev is not None
    write_scores(tmp_path / "means.csv", dev)
    done = export(tmp_path / "both.onnx", [runs["baseline"].folder], [listed])
    first, second = done.model.spec.members
    assert (second.name, second.view.colour, second.view.size, second.input) == ("means", "BGR", 16, "means/image")
    assert (second.licences.weights, second.licences.data) == ("MIT", "not stated")
    assert first.licences.code == "Apache-2.0"
    assert any("no crops of its view" in note for note in done.notes)
    crops = np.full((2, 16, 16, 3), 50, np.uint8)
    session = Session(done.model)
    other = as_input(np.full((2, 64, 64, 3), 50, np.uint8), first.view)
    found = session.scores({"baseline": other, "means": as_input(crops, second.view)})
    assert found.members["means"] == pytest.approx(1 / (1 + np.exp(-0.5)))
    with pytest.raises(UsageError, match="no crops of its view, so an int8"):
        export(tmp_path / "both.onnx", [runs["baseline"].folder], [listed], int8=tmp_path / "small.onnx")
    alone = from_toml(listed, store=store.folder)
    assert alone.member.source_sha256 == candidate.sha256((tmp_path / "net.onnx").read_bytes())
    with pytest.raises(UsageError, match="names no `store`"):
        from_toml(listed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 'x'", "expected either `file"),
        ("file = 'x'\nrun = 'y'", "expected either `file"),
        ("file = 'x'\nlinc = 'linear'", "did you mean 'link'"),
        ("file = 'x'\nlink = 'odds'", "expected probability or linear"),
        ("file = 'x'\nweight = true", "wrong type"),
        ("run = 'x'\nview = {size = 3}", "unknown key 'view'"),
        ("file = 'net.onnx'\n[view]\nsise = 3", r"\[view\].*did you mean 'size'"),
        ("file = 'net.onnx'\n[licences]\nweight = 'MIT'", "takes texts for code, weights, data"),
        ("file = 'net.onnx'\n[outputs]\nscore = 'other'", "gives attack; expected input image and outputs other"),
        ("file = 'absent.onnx'", "absent.onnx: cannot be read"),
        ("file = ", "no TOML"),
    ],
)
def test_a_member_file_is_read_strictly(text: str, message: str, store: Store, tmp_path: Path) -> None:
    foreign(tmp_path)
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(Exception, match=message) as caught:
        from_toml(tmp_path / "x.toml", store=store.folder)
    assert type(caught.value).__module__ == "sincera.errors"


def test_a_run_by_a_member_file(runs: dict[str, Run], tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(
        f"run = '{runs['baseline'].folder}'\ncheckpoint = 'last'\nname = 'old'\nlink = 'linear'\nweight = 2"
    )
    found = from_toml(tmp_path / "x.toml")
    assert (found.member.name, found.member.link, found.weight) == ("old", "linear", 2.0)
    assert found.record["step"] == 6
    assert fusion_of([found, found])[0].weights == (2.0, 2.0)
    with pytest.raises(UsageError, match="some members name a `weight`"):
        fusion_of([found, from_run(runs["baseline"].folder)])


def test_what_is_missing_is_said(runs: dict[str, Run], store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to export"):
        export(tmp_path / "x.onnx")
    with pytest.raises(RunError, match="compared on real crops"):
        from_run(runs["baseline"].folder, store=tmp_path / "gone")
    with pytest.raises(UsageError, match="expected yunet or mtcnn"):
        export(tmp_path / "x.onnx", [runs["baseline"].folder], wishes=Wishes(finder="retina"))
    info = runs["baseline"].info()
    info["facts"]["views"]["face"]["margin"] = 0.7
    other = Run(tmp_path / "other")
    other.write_info(info)
    other.checkpoints.mkdir()
    other.checkpoint("source").write_bytes(runs["baseline"].checkpoint("source").read_bytes())
    with pytest.raises(StoreError, match=r"margin: 0\.0 in the store, 0\.7 asked for"):
        from_run(other.folder)
    one = replace(from_run(runs["baseline"].folder), dev=None)
    assert fused_table([one], fusion_of([one])[0], lambda member: member.dev) is None
    with pytest.raises(UsageError, match="has no scores of source validation to fit weights on"):
        fusion_of([one, one], "fitted")


def test_tables_are_joined_by_clip_and_frame() -> None:
    first = SourceScores([0, 0, 1, 1], [0.1, 0.2, 0.3, np.nan], clip=list("aabc"), frame=[0, 1, 0, 0])
    second = SourceScores([1, 0, 1], [0.7, 0.5, 0.9], clip=list("bac"), frame=[0, 1, 0])
    table, scores = aligned([first, second], ["one", "two"])
    assert table.clip.tolist() == ["a", "b"]
    assert scores.tolist() == [[0.2, 0.3], [0.5, 0.7]]
    swapped = SourceScores([0, 1], [0.7, 0.5], clip=list("ba"), frame=[0, 1])
    with pytest.raises(ScoreError, match="live in one and an attack in the other"):
        aligned([first, swapped], ["one", "two"])
    with pytest.raises(ScoreError, match="no frame was scored"):
        aligned([first, SourceScores([0], [0.7], clip=["z"])], ["one", "two"])
    with pytest.raises(ScoreError, match="name no clips"):
        aligned([first, SourceScores([0], [0.7])], ["one", "two"])


def test_a_store_without_faces_proves_nothing(runs: dict[str, Run]) -> None:
    one = from_run(runs["baseline"].folder)
    empty: Any = SimpleNamespace(
        rows=lambda **_: np.empty(0, int), crops=lambda rows: np.empty((0, 64, 64, 3), np.uint8)
    )
    model: Any = SimpleNamespace()
    with pytest.raises(ModelError, match="holds no crop"):
        agreement.compare(model, [replace(one, store=empty)])
