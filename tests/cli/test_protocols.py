"""`sincera protocols`: the list, and counts in given folders."""

import json

import pytest
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.data.protocols import PROTOCOLS
from sincera.errors import ProtocolError


def run(*words: str):
    return CliRunner().invoke(app, ["protocols", *words])


@pytest.fixture
def roots(tmp_path):
    for name in ("a", "b"):
        for label in ("live", "attack"):
            for person in range(5):
                path = tmp_path / name / label / f"p{person}" / "1.png"
                path.parent.mkdir(parents=True)
                path.write_bytes(b"\x89PNG\r\n\x1a\n")
    return [f"{name}={tmp_path / name}" for name in ("a", "b")]


def test_the_list():
    assert [json.loads(line)["name"] for line in run("--json").stdout.splitlines()] == list(PROTOCOLS)
    assert "OCI→M" in run().stdout


def test_counts_in_folders(roots):
    told = [json.loads(line) for line in run(*roots, "--json").stdout.splitlines()]
    assert [entry["name"] for entry in told] == ["b:a", "a:b"]
    assert told[0]["counts"] == {
        "train": {"live": 4, "attack": 4, "subjects": 4},
        "dev": {"live": 1, "attack": 1, "subjects": 1},
        "test": {"live": 5, "attack": 5, "subjects": 5},
    }
    assert "4 + 4 (4)" in run(*roots).stdout


def test_one_protocol_with_its_options(roots):
    told = json.loads(run(*roots, "--json", "--protocol", "a:b", "--validation", "none", "--lists", "split").stdout)
    assert told["counts"]["train"]["subjects"] == 5
    assert told["counts"]["dev"]["subjects"] == 0
    assert told["lists"] == "split"


def test_a_file_of_ones_own(roots, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[[train]]\ndomains = ["a"]\n[[test]]\ndomains = ["a", "b"]\nsubjects = ["p0"]\n')
    told = json.loads(run(*roots, "--json", "--protocol", str(file)).stdout)
    assert told["counts"]["test"] == {"live": 2, "attack": 2, "subjects": 2}
    assert told["counts"]["train"]["subjects"] + told["counts"]["dev"]["subjects"] == 4


def test_an_unknown_protocol_is_an_error():
    result = run("--protocol", "OCX")
    assert isinstance(result.exception, ProtocolError)


def test_help_has_an_example():
    assert "sincera protocols O=" in run("--help").stdout
