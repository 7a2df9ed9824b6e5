"""`sincera train` and `sincera score`: thin, helpful, and exit 2 with one line on wrong use."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from folders import make_store

from sincera.cli.app import app
from sincera.errors import ProtocolError, RecipeError, RunError, UsageError

FAST = ["--set", "network=small", "--set", "length=2 steps", "--set", "batch=8", "--set", "evaluate_every=1"]


def call(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_train_prints_a_table_and_score_writes_scores(tmp_path: Path) -> None:
    store = make_store(tmp_path).folder
    run = tmp_path / "run"
    options = ["--protocol", "alpha+beta:gamma", "--store", store, "--run", run, "--device", "cpu", *FAST]
    printed = call("train", "baseline", *options)
    assert "alpha+beta→gamma, seed 0" in printed
    for word in ("ST source-tuned", "LE last epochs", "TT target-tuned", "trivial cue", "worst APCER"):
        assert word in printed
    assert call("train", "baseline", *options) == printed, "the same command again changes nothing"
    out = tmp_path / "scores.csv"
    assert call("score", "--run", run, "--out", out).startswith(f"{out}: 20 clips, 19 frames, 1 clips without")
    assert "hter" in call("measure", out, "--dev", run / "scores/2/dev.csv", "--json")


@pytest.mark.parametrize("command", ["train", "score"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: sincera {command}" in " ".join(call(command, "--help").split())


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["train", "basline", "--protocol", "a:b"], UsageError, "did you mean baseline"),
        (["train", "baseline", "--protocol", "a:b", "--set", "bach=3"], RecipeError, "did you mean batch"),
        (["train", "baseline", "--protocol", "a:b", "--preset", "dmo"], RecipeError, "did you mean demo"),
        (["train", "baseline", "--protocol", "a"], ProtocolError, "a"),
        (["train", "baseline", "--protocol", "a:b", "--device", "tpu"], UsageError, "expected cpu, cuda or auto"),
        (["score", "--run", "absent", "--out", "x.csv"], RunError, "no run"),
    ],
)
def test_a_mistake_is_one_clear_error(words: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(*words)
