"""`sincera figure`: a picture and its numbers, and one clear line on wrong use, before any training."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.errors import ProtocolError, RecipeError, RunError, SinceraError, UsageError
from sincera.papers.names import FIGURES

DIAGRAM = ["--preset", "demo", "--set", "recognition.teacher=none", "--set", "editing.teacher=none"]


def call(*words: object) -> str:
    done = CliRunner().invoke(app, ["figure", *(str(word) for word in words)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_a_diagram_and_its_numbers(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"one{suffix}"
    printed = call("dtda/1", "--out", out, *DIAGRAM)
    assert printed.startswith(f"{out}: Above, gradient reversal")
    assert f"{tmp_path / 'one.json'}: its numbers" in printed
    assert json.loads((tmp_path / "one.json").read_text())["figure"] == "dtda/1"
    assert out.stat().st_size > 1000


def test_without_a_name_for_it_the_picture_is_called_as_the_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call("dtda/1", *DIAGRAM, "--set", "perturbation.epsilon=0.01")
    assert "ε = 2.55/255" in (tmp_path / "dtda-1.svg").read_text()


def test_help_has_an_example_and_says_what_each_figure_shows() -> None:
    printed = " ".join(call("--help").split())
    assert "Example: sincera figure" in printed
    assert all(f"{name} {shows}" in printed for name, (_, shows) in FIGURES.items())


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["dtda/7"], UsageError, "no figure 'dtda/7'"),
        (["dtda/1", "--out", "x.gif"], UsageError, "not .gif"),
        (["dtda/1", "--seeds", "0,a"], UsageError, "expected whole numbers"),
        (["dtda/1", "--seeds", "²"], UsageError, "expected whole numbers"),
        (["dtda/1", "--out", "/dev/null/x.svg"], UsageError, "null is a file, expected a folder"),
        (["dtda/1", "--out", "made.svg"], UsageError, "made.svg: is a folder"),
        (["dtda/1", "--runs", "/dev/null"], UsageError, "expected a folder"),
        (["dtda/4", "--world", "/dev/null"], UsageError, "--world /dev/null"),
        (["dtda/1", "--seeds", "1,1"], UsageError, "each once"),
        (["dtda/1", "--set", "bach=3"], RecipeError, "did you mean batch"),
        (["dtda/1", "--lists", "most"], UsageError, "most"),
        (["dtda/4", "--preset", "tund"], RecipeError, "did you mean tuned"),
        (["dtda/4", "--set", "tua=3"], RecipeError, "did you mean tau"),
        (["dtda/4", "--set", "recognition.teacher=none"], RecipeError, "row V5 "),
        (["dtda/4", "--protocols", "OC+X:M"], ProtocolError, "no clips of domain X"),
        (["dtda/4", "--protocols", "OCM"], ProtocolError, "OCM"),
        (["dtda/4", "--protocols", "O:M"], UsageError, "its source is O alone"),
        (["dtda/4", "M=absent", "--protocols", "OC:M"], ProtocolError, "no clips of domain O, C; there are M"),
        (["dtda/4", "--ray", "127.0.0.1:1"], RunError, "no Ray cluster answers"),
        (["dtda/4", "--store", "absent"], SinceraError, "absent"),
    ],
)
def test_a_mistake_is_one_clear_error(
    words: list[str], error: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made.svg").mkdir()
    with pytest.raises(error, match=message):
        call("--runs", tmp_path / "runs", *words)
    assert [path.name for path in tmp_path.iterdir()] == ["made.svg"], "no world was simulated, nothing trained"
