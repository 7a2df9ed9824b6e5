"""`sincera teach`: thin, helpful, resumable, and exit 2 with one line on wrong use."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "teachers"))
from made_people import make_store

from sincera.cli.app import app
from sincera.errors import RecipeError, UsageError, WeightsError
from sincera.teachers.files import read_teacher

FAST = {
    "recognition": ["blocks=[1,1,1,1]", "channels=[16,16,16,16]", "width=8", "size=32", "batch=8"],
    "attributes": ["size=32", "width=4", "repeat=3", "generator_width=4", "generator_repeat=1", "batch=8"],
}
SHARES = ["held_out=0.34", "validation=0.17", "length=2 steps"]


def call(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("teach")).folder


def options(kind: str, crops: Path, folder: Path) -> list[object]:
    sets = [word for one in [*FAST[kind], *SHARES] for word in ("--set", one)]
    return [kind, "--store", crops, "--runs", folder / "runs", "--device", "cpu", "--seed", 1, *sets]


def test_recognition_is_taught_written_and_measured(crops: Path, tmp_path: Path) -> None:
    out = tmp_path / "who.safetensors"
    words = options("recognition", crops, tmp_path)
    printed = call("teach", *words, "--out", out)
    for expected in (f"{out}: ", "people never seen", "verification AUC", "true accepts at 0.1 % false", "untaught"):
        assert expected in printed
    facts = read_teacher(out)[1]
    assert (facts.kind, facts.width, facts.size) == ("recognition", 8, 32)
    assert facts.recorded["command"].startswith("sincera teach recognition --set blocks=[1,1,1,1]")
    assert str(tmp_path) not in str(facts.recorded)
    first = out.read_bytes()
    assert call("teach", *words, "--out", out) == printed
    assert out.read_bytes() == first, "the same command again changes nothing"


def test_attributes_are_chosen_by_name(crops: Path, tmp_path: Path) -> None:
    out = tmp_path / "what.safetensors"
    printed = call("teach", *options("attributes", crops, tmp_path), "--attributes", "Male, Young", "--out", out)
    assert "Male" in printed
    assert "Black_Hair" not in printed
    assert read_teacher(out)[1].attributes == ("Male", "Young")


def test_help_has_an_example() -> None:
    assert "Example: sincera simulate people --people 50" in " ".join(call("teach", "--help").split())


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["recogniton", "--out", "x.safetensors"], UsageError, "did you mean recognition"),
        (["recognition", "--attributes", "Male", "--out", "x.safetensors"], UsageError, "goes with"),
        (["recognition", "--out", "x.safetensors", "--preset", "papr"], RecipeError, "did you mean paper"),
        (["attributes", "--out", "x.safetensors", "--set", "critics=3"], RecipeError, "did you mean critic"),
        (["attributes", "--out", "x.safetensors", "--attributes", "Smiling"], UsageError, "no attribute 'Smiling'"),
        (["recognition", "--out", "x.pth"], WeightsError, "written as .safetensors"),
    ],
)
def test_a_mistake_is_one_clear_error(
    crops: Path, tmp_path: Path, words: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call("teach", *words, "--store", crops, "--runs", tmp_path, "--set", "held_out=0.4", "--set", "validation=0.2")
