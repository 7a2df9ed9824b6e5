"""`sincera datasets`: exit codes, JSON lines, and words for people."""

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.data.sources import FOLDER, SOURCES, msu


def run(*words: str):
    return CliRunner().invoke(app, ["datasets", *words])


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "mine"
    for name in ("live/ann/1.png", "attack/ann/1.png", "live/bo/1.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    return root


@pytest.fixture
def replica(tmp_path):
    root = tmp_path / "msu"
    for cell in msu.grid():
        path = root / msu.path(cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0\0\0\x10ftypqt  \0\0\0\0\0\0\0\x08moov")
    return root


def test_list_is_what_the_bare_command_does():
    assert run().stdout == run("list").stdout
    assert "OULU-NPU" in run().stdout
    assert [json.loads(line)["key"] for line in run("list", "--json").stdout.splitlines()] == [
        "O",
        "C",
        "I",
        "M",
        "S",
        "W",
        "V",
        "folder",
    ]


def test_a_whole_set_exits_with_0(replica, folder):
    result = run("check", f"M={replica}", f"mine={folder}", "--json")
    assert result.exit_code == 0
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["splits"] == {"train": {"live": 30, "attack": 90}, "test": {"live": 40, "attack": 120}}
    assert second == {
        "name": "mine",
        "root": str(folder),
        "splits": {"train": {"live": 2, "attack": 1}},
        "attacks": {"unknown": 1},
        "subjects": {"train": 2},
        "missing": [],
        "surplus": [],
        "set_aside": [],
        "warnings": [],
    }


def test_something_off_exits_with_1(replica):
    name = msu.path(msu.grid()[7])
    (replica / name).unlink()
    result = run("check", f"msu-mfsd={replica}")
    assert result.exit_code == 1
    assert name in result.stdout
    assert "29 of 30" in result.stdout or "89 of 90" in result.stdout


def test_a_wrong_root_exits_with_2_and_the_others_are_told(folder, tmp_path):
    result = run("check", f"O={tmp_path / 'nowhere'}", f"mine={folder}", "--json")
    assert result.exit_code == 2
    assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == ["mine"]
    assert "does not exist" in result.stderr


def test_splits_divide_folder_sets(folder):
    told = json.loads(run("check", f"mine={folder}", "--splits", "50/50", "--json").stdout)
    assert set(told["splits"]) == {"train", "test"}


@pytest.mark.parametrize("words", [["check"], ["check", "x"], ["check", "OCI=x"], ["check", "O=x", "O=y"], ["nothing"]])
def test_wrong_use_exits_with_2_and_one_line(words, tmp_path):
    code = f"import sys; sys.argv = ['sincera', 'datasets', *{words!r}]; from sincera.cli.app import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_help_has_an_example():
    assert "sincera datasets check O=" in run("check", "--help").stdout


@pytest.mark.parametrize("words", [["datasets", "check"], ["datasets", "card"], ["prepare"]])
def test_help_names_every_known_set(words):
    letters = [key for key in SOURCES if key != FOLDER]
    text = CliRunner().invoke(app, [*words, "--help"]).stdout
    assert f"{', '.join(letters)}, or a name for a folder set" in re.sub(r"\s+", " ", text)
