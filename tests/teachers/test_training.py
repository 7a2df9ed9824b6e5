"""Teachers in several processes and killed: two ranks equal one process, and a kill changes nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from taught import METHODS, taught

from sincera.data.store import Store
from sincera.errors import UsageError
from sincera.runs import Run
from sincera.teachers.files import read_teacher
from sincera.train import checkpoint

SCRIPT = Path(__file__).with_name("taught.py")


@pytest.fixture(scope="module")
def ranks(people: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that two gloo ranks wrote, and what they printed."""
    folder = tmp_path_factory.mktemp("ranks")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    words = [*launch, SCRIPT, "ranks", folder, people.folder]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def tensors(value: Any, path: str = "") -> dict[str, torch.Tensor]:
    """Every tensor and number inside a checkpoint, by where it stands."""
    if isinstance(value, dict):
        return {key: one for name, inner in value.items() for key, one in tensors(inner, f"{path}.{name}").items()}
    if isinstance(value, list | tuple):
        return tensors(dict(enumerate(value)), path)
    return {path: torch.as_tensor(value)} if isinstance(value, torch.Tensor | float | int) else {}


def last(runs: Path, kind: str) -> dict[str, torch.Tensor]:
    (folder,) = runs.glob(f"teach-{kind}-*")
    assert Run(folder).done
    return tensors(checkpoint.load(Run(folder).checkpoint("last")))


@pytest.mark.parametrize("kind", METHODS)
def test_two_ranks_equal_one_process(kind: str, ranks: tuple[Path, str], people: Store, tmp_path: Path) -> None:
    """float64: batch statistics, gradients, dropout, orders and places drawn for the whole batch; weights to 1e-9."""
    folder, _ = ranks
    done = taught(kind, tmp_path, people)
    one, two = last(tmp_path, kind), last(folder / "whole", kind)
    assert one.keys() == two.keys()
    assert any("kept" in key for key in one)
    assert any("running" in key or "exp_avg" in key for key in one)
    for key, value in one.items():
        torch.testing.assert_close(value, two[key], rtol=0, atol=1e-9, msg=lambda text, key=key: f"{key}: {text}")
    first, other = (json.loads((folder / f"{kind}-{rank}.json").read_text()) for rank in (0, 1))
    assert first == other, "all ranks are told what the first measured"
    alone = json.loads(json.dumps(done.facts))
    alone["commit"] = first["commit"]  # of when a run began
    assert first == alone


@pytest.mark.parametrize("kind", METHODS)
def test_ranks_that_were_broken_off_go_on(kind: str, ranks: tuple[Path, str]) -> None:
    folder, _ = ranks
    torch.testing.assert_close(last(folder / "broken", kind), last(folder / "whole", kind), rtol=0, atol=0)


@pytest.mark.parametrize("kind", METHODS)
def test_one_process_goes_on_with_what_two_ranks_left(kind: str, ranks: tuple[Path, str], people: Store) -> None:
    folder, _ = ranks
    (left,) = (folder / "left").glob(f"teach-{kind}-*")
    assert not Run(left).done
    taught(kind, folder / "left", people)
    torch.testing.assert_close(last(folder / "left", kind), last(folder / "whole", kind), rtol=0, atol=1e-9)


def test_the_command_writes_once(ranks: tuple[Path, str]) -> None:
    folder, printed = ranks
    assert printed.count("who.safetensors: ") == 1
    assert printed.count("people never seen") == 1
    assert read_teacher(folder / "who.safetensors")[1].recorded["step"] in (3, 6)
    assert len(list((folder / "command").iterdir())) == 1


def test_killed_with_signal_9_it_ends_with_the_same_weights(people: Store, tmp_path: Path) -> None:
    words = [sys.executable, SCRIPT, "killed", tmp_path, people.folder]
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=300)
    assert int(done.stdout) == 3 * len(METHODS)
    for kind in METHODS:
        torch.testing.assert_close(
            last(tmp_path / "killed", kind), last(tmp_path / "whole", kind), rtol=0, atol=0, equal_nan=True
        )


def test_processes_without_a_group_are_refused_before_they_write_one_folder(
    people: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    with pytest.raises(UsageError, match="joined no group"):
        taught("recognition", tmp_path, people)
    assert not list(tmp_path.iterdir())
