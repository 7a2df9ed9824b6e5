"""`sincera export` and `sincera calibrate` as they are typed: a run becomes a file, its point is moved."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from folders import make_store

from sincera.cli import calibrate, export
from sincera.data.protocols import parse_protocol
from sincera.errors import ModelError, RunError, UsageError
from sincera.experiments import run_experiment
from sincera.methods.baseline import BaselineRecipe
from sincera.model import read_model
from sincera.recipe import load_recipe
from sincera.runs import Run

app = typer.Typer()
export.register(app)
calibrate.register(app)


def call(*words: object) -> tuple[str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("export")
    settings = ["network=small", "length=2 steps", "batch=8", "evaluate_every=1"]
    recipe = load_recipe(BaselineRecipe, sets=settings)
    plan = parse_protocol("alpha+beta:gamma")
    return run_experiment("baseline", recipe, plan, make_store(folder), run=folder / "run", rounds=5)


def test_from_a_run_to_one_s_own_threshold(run: Run, tmp_path: Path) -> None:
    model, small = tmp_path / "model.onnx", tmp_path / "small.onnx"
    out, err = call(
        "export", "--run", run.folder, "--out", model, "--int8", small, "--uncertain", "apcer=0.05,bpcer=0.05"
    )
    for words in (
        "run (probability)",
        "rule eer, fitted on alpha&beta source validation",
        "differ from the original's",
        "dev: AUC",
    ):
        assert words in out
    assert "note:" in err
    assert small.is_file()
    asked = json.loads(call("export", "--run", run.folder, "--out", model, "--json", "--rule", "bpcer=0.1")[0])
    assert asked["threshold"]["rule"] == "bpcer=0.1"
    assert asked["agreement"]["crops"] == 59
    scores = run.scores_path(2, "dev")
    mine = tmp_path / "mine.onnx"
    out, err = call("calibrate", "--model", model, "--scores", scores, "--rule", "bpcer=0.5", "--out", mine)
    assert "It rests on" in out
    assert "warning: rests on 2 people" in err
    assert (tmp_path / "mine.md").read_text() in out
    assert read_model(mine).spec.operating_point.rule == "bpcer=0.5"
    said = json.loads(
        call("calibrate", "--model", mine, "--scores", scores, "--rule", "eer", "--out", mine, "--json")[0]
    )
    assert said["sha256"] == read_model(mine).sha256
    assert said["before"]["rule"] == "bpcer=0.5"


@pytest.mark.parametrize("command", ["export", "calibrate"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: sincera {command}" in " ".join(call(command, "--help")[0].split())


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["export", "--out", "x.onnx"], UsageError, "nothing to export"),
        (["export", "--run", "absent", "--out", "x.onnx"], RunError, "no run"),
        (["export", "--run", "r", "--out", "x.onnx", "--fusion", "mean"], UsageError, "expected equal or fitted"),
        (["export", "--run", "r", "--out", "x.onnx", "--uncertain", "eer"], UsageError, "expected two points"),
        (["export", "--run", "r", "--out", "."], UsageError, "is a folder"),
        (["calibrate", "--out", "x.onnx"], UsageError, "one of the two"),
        (["calibrate", "--out", "x.onnx", "--scores", "s", "--attacks", "a"], UsageError, "--attacks goes with --live"),
        (["calibrate", "--out", "x.onnx", "--scores", "s", "--rule", "hter"], UsageError, "expected eer"),
        (["calibrate", "--out", "x.onnx", "--scores", "s", "--model", "absent.onnx"], ModelError, "absent.onnx"),
    ],
)
def test_wrong_use_is_said_before_any_work(
    words: list[str], error: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        call(*words)
    assert list(tmp_path.iterdir()) == []
