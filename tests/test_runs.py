"""A run folder is written whole or not at all, and read without PyTorch or pydantic."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sincera.errors import RunError
from sincera.runs import Run, to_json, write_atomically


def test_what_is_written_is_read(tmp_path: Path) -> None:
    run = Run(tmp_path / "run")
    assert not run.exists
    assert not run.done
    run.write_info({"seed": 3, "protocol": "MI:C"})
    run.write_measures({"ST": None})
    run.mark_done()
    again = Run.open(tmp_path / "run")
    assert again.info() == {"seed": 3, "protocol": "MI:C"}
    assert again.measures() == {"ST": None}
    assert again.done


def test_absent_and_broken_runs_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run"):
        Run.open(tmp_path / "nothing")
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(RunError, match="not valid JSON"):
        Run.open(tmp_path).info()
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(RunError, match="expected an object"):
        Run.open(tmp_path).info()
    assert Run(tmp_path).measures() is None


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "text is no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_json_refuses_nan() -> None:
    with pytest.raises(ValueError):
        to_json({"loss": float("nan")})


def test_a_line_cut_short_by_a_crash_is_left_out(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert run.log() == []
    run.log_path.write_text(json.dumps({"step": 1}) + "\n" + '{"step": 2, "lo')
    assert run.log() == [{"step": 1}]


def test_only_whole_evaluations_count(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert run.steps() == ()
    for step, part in ((20, "test"), (5, "test"), (30, "dev")):
        run.scores_path(step, part).parent.mkdir(parents=True, exist_ok=True)
        run.scores_path(step, part).touch()
    assert run.steps() == (5, 20)


def test_reading_a_run_loads_neither_torch_nor_pydantic() -> None:
    code = "import sys, sincera.runs; sys.exit(bool({'torch', 'pydantic'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
