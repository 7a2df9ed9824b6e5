import importlib.util
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sincera.cli.report import register
from sincera.errors import RunError


@pytest.fixture(scope="module")
def app():
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return app


def a_run(folder):
    """The run that tests/report/ writes by hand."""
    path = Path(__file__).parents[1] / "report" / "conftest.py"
    spec = importlib.util.spec_from_file_location("runs_by_hand", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.write_run(folder)


def test_the_page_is_written_and_its_path_is_all_that_goes_to_stdout(app, tmp_path):
    out = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["report", str(a_run(tmp_path / "run")), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(out)
    assert "report: 4/4" in done.stderr
    assert out.read_text().startswith("<!DOCTYPE html>")


def test_a_folder_that_is_no_run_is_named(app, tmp_path):
    done = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert isinstance(done.exception, RunError)
    assert str(tmp_path) in str(done.exception)


def test_help_has_an_example(app):
    assert "Example: sincera report" in CliRunner().invoke(app, ["report", "--help"]).output
