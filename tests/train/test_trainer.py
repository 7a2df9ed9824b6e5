"""The loop: killed anywhere it ends the same, trains what a stage names, and never reads a target label."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from toys import METHODS, Three, toy_world, trainer_of

from sincera.clip import Label
from sincera.errors import RunError
from sincera.measures.selection import choose
from sincera.runs import Run
from sincera.train import checkpoint


class KilledError(Exception):
    """Stands for a crash inside a step."""


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def assert_same_run(one: Path, other: Path) -> None:
    for path in sorted(one.rglob("*.pt")):
        assert same(checkpoint.load(path), checkpoint.load(other / path.relative_to(one))), path.name
    for path in sorted(one.rglob("*.csv")):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes(), path
    assert Run(one).log() == Run(other).log()
    assert {p.name for p in one.iterdir()} == {p.name for p in other.iterdir()}
    assert not list(other.rglob("*.part"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each toy method trained without a break."""
    folders = {name: tmp_path_factory.mktemp("whole") / name for name in METHODS}
    for name, folder in folders.items():
        trainer_of(name, folder, toy_world(faceless=1)).train()
    return folders


@pytest.mark.parametrize("name", METHODS)
def test_broken_off_at_any_step_and_resumed_it_ends_bit_for_bit_the_same(
    name: str, whole: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash at every single write of a run, one after the other: each resumed run ends as the whole one."""
    world = toy_world(faceless=1)
    save, crashes = checkpoint.save, 0
    while crashes < 60:
        left = crashes

        def fragile(path: Path, payload: Any) -> None:
            nonlocal left
            if left == 0:
                raise KilledError
            left -= 1
            save(path, payload)

        folder = tmp_path / str(crashes)
        monkeypatch.setattr(checkpoint, "save", fragile)
        try:
            trainer_of(name, folder, world).train()
            break
        except KilledError:
            monkeypatch.setattr(checkpoint, "save", save)
        trainer_of(name, folder, world).train()
        assert_same_run(whole[name], folder)
        crashes += 1
    assert crashes > 5


def test_a_crash_inside_a_step(whole: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = toy_world(faceless=1)
    for step in range(9):
        trainer = trainer_of("one", tmp_path / str(step), world)
        losses = trainer.method.losses

        def fragile(batch: Any, losses: Any = losses, step: int = step) -> Any:
            if batch.step == step:
                raise KilledError
            return losses(batch)

        monkeypatch.setattr(trainer.method, "losses", fragile)
        with pytest.raises(KilledError):
            trainer.train()
        assert not Run(tmp_path / str(step)).done
        trainer_of("one", tmp_path / str(step), world).train()
        assert_same_run(whole["one"], tmp_path / str(step))


def test_killed_with_signal_9_at_random_moments(tmp_path: Path) -> None:
    script = Path(__file__).with_name("kill_at_random.py")
    outcome = subprocess.run(
        [sys.executable, script, tmp_path], check=True, capture_output=True, text=True, timeout=120
    )
    assert int(outcome.stdout) >= 4, "hardly killed at all"
    for name in METHODS:
        assert_same_run(tmp_path / "whole" / name, tmp_path / "killed" / name)


def test_a_finished_run_is_left_alone(whole: dict[str, Path]) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole["three"].rglob("*.pt")}
    trainer = trainer_of("three", whole["three"], toy_world(faceless=1))
    trainer.train()
    assert isinstance(trainer.method, Three)
    assert trainer.method.begun == []
    assert {path: path.stat().st_mtime_ns for path in whole["three"].rglob("*.pt")} == before


def test_a_run_folder_holds_what_was_promised(whole: dict[str, Path]) -> None:
    run = Run(whole["one"])
    assert run.done
    assert run.steps() == (3, 6, 9)
    assert [line["step"] for line in run.log() if "loss" in line] == list(range(1, 10))
    assert all(line["ones"] == 1 for line in run.log() if "loss" in line)
    assert list(run.tensorboard.iterdir())
    target = run.target_scores(9)
    assert len(target.score) == 16 * 3 - 2, "the clip without a face keeps one row"
    assert torch.isnan(torch.tensor(target.score)).sum() == 1
    chosen = checkpoint.load(run.checkpoint("source"))
    assert chosen["step"] in run.steps()
    assert chosen["step"] == choose([(step, run.source_scores(step)) for step in run.steps()])


def test_each_stage_moves_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    trainer = trainer_of("three", tmp_path / "run", toy_world())
    method = trainer.method
    assert isinstance(method, Three)
    before = {name: tensor.clone() for name, tensor in method.state_dict().items()}
    for stage in tuple(method.stages()):
        trainer._set_modes(stage)
        own = tuple(stage.modules)
        wanted = {name for name, parameter in method.named_parameters() if parameter.requires_grad}
        assert wanted
        assert all(name.startswith(own) for name in wanted)
        training = {name for name, module in method.named_modules() if module.training}
        assert training == {name for name, _ in method.named_modules() if name.startswith(own)}
        method.requires_grad_(requires_grad=True)
    trainer.train()
    moved = {name for name, tensor in method.state_dict().items() if not torch.equal(tensor, before[name])}
    assert {name.split(".")[0] for name in moved} == {"domain", "teacher", "student", "slow"}
    assert "student.0.bias" not in moved, "fixed by design"
    assert not any(name.startswith("slow") and "running" in name for name in moved)


def test_a_finished_stage_is_taken_from_a_sibling(tmp_path: Path) -> None:
    world = toy_world()

    def begun(folder: str, **changes: Any) -> list[str]:
        trainer = trainer_of("three", tmp_path / folder, world, runs=tmp_path, **changes)
        trainer.train()
        assert isinstance(trainer.method, Three)
        return trainer.method.begun

    assert begun("table/cell1") == ["domain", "teacher", "student"]
    assert begun("table/cell2", weight=0.5) == ["teacher", "student"], "the teacher reads every setting"
    assert begun("cell3", weight=0.5, evaluate_every=3) == ["student"]
    assert begun("cell4", lr=0.01) == ["domain", "teacher", "student"]
    assert begun("cell5", evaluate_every=2) == ["domain", "teacher", "student"], "the early stop is asked more often"
    assert begun("cell6", identity={"store": "another"}) == ["domain", "teacher", "student"]
    alone = trainer_of("three", tmp_path / "elsewhere" / "run", world, weight=0.5)
    alone.train()
    shared = checkpoint.load(tmp_path / "table/cell2/checkpoints/last.pt")
    assert same(shared, checkpoint.load(tmp_path / "elsewhere/run/checkpoints/last.pt")), "sharing changes nothing"


def test_an_early_stop_sees_source_validation_only(tmp_path: Path) -> None:
    world = toy_world()
    trainer = trainer_of("three", tmp_path / "run", world, patience=0.5)
    trainer.train()
    assert isinstance(trainer.method, Three)
    assert trainer.method.asked == len(world.faces.rows(world.dev))
    looked = [line for line in trainer.run.log() if line["stage"] == "domain"]
    assert [line["step"] for line in looked if "looked_at" in line] == [3], "what it saw is logged where it stopped"
    assert max(line["step"] for line in looked) == 3
    trainer = trainer_of("three", tmp_path / "run", world, patience=0.5)
    trainer.train()
    assert trainer.method.begun == []


def test_no_target_label_reaches_the_training(whole: dict[str, Path], tmp_path: Path) -> None:
    world = toy_world(faceless=1)
    other = {Label.LIVE: (Label.ATTACK, "print/1"), Label.ATTACK: (Label.LIVE, "")}
    swapped = {}
    for clip in world.test:
        label, attack = other[clip.label]
        swapped[clip.key] = dataclasses.replace(clip, label=label, attack=attack)
    world.test = list(swapped.values())
    world.faces.clips = tuple(swapped.get(clip.key, clip) for clip in world.faces.clips)
    trainer_of("one", tmp_path, world, identity={"same": True}).train()
    for name in ("last", "source"):
        ours, theirs = (checkpoint.load(Run(folder).checkpoint(name)) for folder in (tmp_path, whole["one"]))
        assert same(ours["method"], theirs["method"])
        assert ours["step"] == theirs["step"]
    assert Run(tmp_path).log() == Run(whole["one"]).log()


def test_without_validation_there_is_no_choice(tmp_path: Path) -> None:
    world = toy_world()
    world.dev = []
    trainer_of("one", tmp_path, world).train()
    run = Run(tmp_path)
    assert not run.checkpoint("source").exists()
    assert run.source_scores(9) is None
    assert run.steps() == (3, 6, 9)


def test_two_ranks_equal_one_process(tmp_path: Path) -> None:
    """float64, batch statistics over both ranks, gradients averaged: the same weights to 1e-9."""
    script = Path(__file__).with_name("toys.py")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    subprocess.run([*launch, script, "plain", tmp_path / "two", "4"], check=True, capture_output=True, timeout=180)
    trainer_of("plain", tmp_path / "one", toy_world(), seed=4, double=True).train()
    one, two = (checkpoint.load(tmp_path / folder / "checkpoints/last.pt")["method"] for folder in ("one", "two"))
    for key, value in one.items():
        assert torch.allclose(value.double(), two[key].double(), rtol=0, atol=1e-9), key
    losses = [[line["loss"] for line in Run(tmp_path / folder).log() if "loss" in line] for folder in ("one", "two")]
    assert len(losses[0]) == len(losses[1]) == 9
    scores = [Run(tmp_path / folder).target_scores(9).score for folder in ("one", "two")]
    assert abs(scores[0] - scores[1]).max() < 1e-9


def test_a_checkpoint_is_data_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such checkpoint"):
        checkpoint.load(tmp_path / "absent.pt")
    (tmp_path / "broken.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(RunError, match="plain tensors"):
        checkpoint.load(tmp_path / "broken.pt")
    torch.save({"step": Path("code")}, tmp_path / "code.pt")
    with pytest.raises(RunError, match="plain tensors"):
        checkpoint.load(tmp_path / "code.pt")
