"""`python -m sincera` does what `sincera` does."""

import subprocess
import sys
from pathlib import Path

import pytest

SINCERA = Path(sys.executable).with_name("sincera")


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("words", [["--version"], ["table", "dtda/8"]])
def test_the_module_is_the_command(words):
    """Output, errors in one line and exit code alike."""
    assert run(sys.executable, "-m", "sincera", *words) == run(SINCERA, *words)


def test_its_help_names_what_was_typed():
    code, printed, _ = run(sys.executable, "-m", "sincera", "table", "--help")
    assert code == 0
    assert printed.strip().startswith("Usage: python -m sincera table")
