"""MT-FAS's stages: Algorithm 1 step by step, its ablations, resume in every stage, and two ranks against one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from map_toys import built, faces, trained
from torch import Tensor

from sincera.errors import WeightsError
from sincera.methods.metateacher import MTFAS, follow, meta_gradient, pixel_labels
from sincera.nets.detectors import map_teacher
from sincera.runs import Run
from sincera.train import Batch, Stage, checkpoint

State = Mapping[str, Tensor]


def mtfas(*sets: str) -> MTFAS:
    method = built("mtfas", *sets, double=True)
    assert isinstance(method, MTFAS)
    return method


def bilevel(method: MTFAS) -> Stage:
    """The stage as the engine runs it: begun, its modules in train mode, the rest frozen."""
    stage = next(one for one in method.stages() if one.name == "bilevel")
    stage.begin()
    method.eval().requires_grad_(requires_grad=False)
    for module in stage.modules.values():
        module.train().requires_grad_()
    return stage


def halves(step: int = 0) -> Batch:
    return replace(faces(12, step=step), parts=(slice(0, 8), slice(8, 12)))


def state(module: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(one: State, other: State) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_the_judge_starts_as_the_teacher_and_both_come_from_pretraining(tmp_path: Path) -> None:
    trained(tmp_path, "mtfas", "bilevel.gamma=1.0")
    stages = list(dict.fromkeys(line["stage"] for line in Run(tmp_path).log()))
    assert stages == ["pretrain", "bilevel", "train"]
    before = checkpoint.load(next((tmp_path / "checkpoints").glob("pretrain-*.pt")))["modules"]["teacher"]
    after = checkpoint.load(next((tmp_path / "checkpoints").glob("bilevel-*.pt")))
    learnt = {name: value for name, value in before.items() if value.dtype.is_floating_point}
    assert same(learnt, after["state"]["average"])  # γ = 1: MT_v never changes
    assert not same(learnt, after["modules"]["teacher"])


def test_one_step_of_plain_descent_is_the_meta_gradient() -> None:
    method = mtfas("bilevel.outer=sgd", "bilevel.beta=0.5", "bilevel.gamma=0.8", "bilevel.mu=0.01")
    stage, batch = bilevel(method), halves()
    teacher, average, surrogate = state(method.teacher), state(method.average), state(method.surrogate)
    train, valid = (batch[part] for part in batch.parts)
    with torch.no_grad():
        judged = 2 * method.average(valid.crops).sigmoid() * valid.labels.view(-1, 1, 1, 1)
    gradients, losses = meta_gradient(
        method.surrogate, method.teacher, (train.crops, train.labels), (valid.crops, judged),
        alpha=method.options.bilevel.alpha, inner_steps=2, mu=0.01, route="unrolled",
    )  # fmt: skip
    logged = stage.update(batch)
    for name, value in method.teacher.named_parameters():
        torch.testing.assert_close(value, teacher[name] - 0.5 * gradients[name], rtol=0, atol=1e-12)
        slow = 0.8 * average[name] + 0.2 * value
        torch.testing.assert_close(method.average.state_dict()[name], slow, rtol=0, atol=1e-12)
    torch.testing.assert_close(logged["loss_valid"], losses["valid"])
    travelled = sum((value - teacher[name]).square().sum() for name, value in method.teacher.named_parameters())
    torch.testing.assert_close(logged["distance"].square(), torch.as_tensor(travelled))
    assert not same(surrogate, state(method.surrogate))  # replaced at iteration 0 too


@pytest.mark.parametrize(("period", "moved"), [(1, [0, 1, 2, 3]), (2, [0, 2]), (4, [0])])
def test_the_surrogate_is_replaced_every_period(period: int, moved: list[int]) -> None:
    method = mtfas(f"bilevel.period={period}")
    stage, found = bilevel(method), []
    for step in range(4):
        before = state(method.surrogate)
        stage.update(halves(step))
        if not same(before, state(method.surrogate)):
            found.append(step)
    assert found == moved


def test_the_surrogate_takes_all_inner_steps() -> None:
    """θ₂ and not θ₁, by the maps of the old teacher; its running statistics follow."""
    method = mtfas("bilevel.inner_steps=2", "bilevel.alpha=0.1")
    stage, batch = bilevel(method), halves()
    train = batch[batch.parts[0]]
    with torch.no_grad():
        maps = 2 * method.teacher(train.crops).sigmoid() * train.labels.view(-1, 1, 1, 1)
    twin = mtfas().surrogate
    twin.load_state_dict(method.surrogate.state_dict())
    twin.train()
    descent = torch.optim.SGD(twin.parameters(), 0.1)
    for _ in range(2):
        descent.zero_grad()
        (twin(train.crops) - maps).square().mean().backward()
        descent.step()
    stage.update(batch)
    for name, value in method.surrogate.named_parameters():
        torch.testing.assert_close(value, dict(twin.named_parameters())[name], rtol=0, atol=1e-12)
    assert int(method.surrogate.state_dict()[_counter(method.surrogate)]) == 1


def _counter(module: torch.nn.Module) -> str:
    return next(name for name in module.state_dict() if name.endswith("num_batches_tracked"))


def _without_judge(method: MTFAS) -> bool:
    return same(state(method.average), state(method.teacher))


def _never_adapted(method: MTFAS) -> bool:
    return int(method.surrogate.state_dict()[_counter(method.surrogate)]) == 3  # of pretraining alone


@pytest.mark.parametrize(
    ("override", "holds"),
    [
        ("bilevel.gamma=0.0", _without_judge),
        ("bilevel.adapt=false", _never_adapted),
        ("pretrain.on=false", lambda method: not _never_adapted(method)),
        ("teacher.network=resnet8", lambda method: method.teacher.name == "resnet8"),
        ("width=3", lambda method: method.detector.blocks[0][0].out_channels == 3),
    ],
)
def test_the_ablations_are_one_setting_each(override: str, holds: Callable[[Any], bool], tmp_path: Path) -> None:
    assert holds(trained(tmp_path, "mtfas", override))


def test_the_average_takes_running_statistics_along() -> None:
    one, other = (map_teacher("fasdr_light", width=2) for _ in range(2))
    other.train()(torch.rand(4, 3, 32, 32))
    before = state(one)
    follow(one, other, 0.9)
    for name, value in one.state_dict().items():
        expected = other.state_dict()[name]
        if value.dtype.is_floating_point:
            expected = 0.9 * before[name] + 0.1 * expected
        torch.testing.assert_close(value, expected)


def test_the_level_rises_with_mu_alone() -> None:
    """Without a task (α = 0) descent of J raises the mean of σ(g); with the sign swapped it falls, step by step."""
    for sign in (1, -1):
        method = mtfas("bilevel.outer=sgd", "bilevel.alpha=0.0", "bilevel.beta=0.5", f"bilevel.mu={sign * 1.0}")
        stage = bilevel(method)
        levels = [float(stage.update(halves(step))["level"]) for step in range(4)]
        assert levels == sorted(levels, reverse=sign < 0)
        assert levels[0] != levels[-1]


def test_the_detector_learns_from_the_finished_teacher(tmp_path: Path) -> None:
    method, batch = trained(tmp_path, "mtfas").double(), faces()
    assert isinstance(method, MTFAS)
    torch.testing.assert_close(method.targets(batch), pixel_labels(method.teacher, batch.crops, batch.labels))
    assert not method.targets(batch)[batch.labels == 0].any()


def test_detectors_share_one_teacher_and_others_take_it_from_its_file(tmp_path: Path) -> None:
    first = trained(tmp_path / "first", "mtfas", runs=tmp_path)
    other = trained(tmp_path / "other", "mtfas", "detector=cdcn", runs=tmp_path)
    assert isinstance(first, MTFAS)
    assert isinstance(other, MTFAS)
    assert {line["stage"] for line in Run(tmp_path / "other").log()} == {"train"}
    assert same(state(first.teacher), state(other.teacher))
    path = next((tmp_path / "first" / "checkpoints").glob("bilevel-*.pt"))
    foreign = trained(tmp_path / "foreign", "mtfas", f"teacher.origin={path}")
    assert isinstance(foreign, MTFAS)
    assert {line["stage"] for line in Run(tmp_path / "foreign").log()} == {"train"}
    assert same(state(first.teacher), state(foreign.teacher))
    with pytest.raises(WeightsError, match="holds no meta-teacher resnet8"):
        trained(tmp_path / "wrong", "mtfas", f"teacher.origin={path}", "teacher.network=resnet8")


class _Interrupting:
    def __init__(self, save: Any, after: int) -> None:
        self._save, self._left = save, after

    def __call__(self, path: Path, payload: Mapping[str, Any]) -> None:
        self._save(path, payload)
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt


def test_broken_off_in_any_stage_and_resumed_it_ends_the_same(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole", "mtfas")
    for stop in (2, 6, 10):  # in pretraining, in the bi-level stage, in the detector's
        folder = tmp_path / f"stop-{stop}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checkpoint, "save", _Interrupting(checkpoint.save, stop))
            with pytest.raises(KeyboardInterrupt):
                trained(folder, "mtfas")
        resumed = trained(folder, "mtfas")
        assert same(whole.state_dict(), resumed.state_dict()), stop
        assert list(Run(folder).log()) == list(Run(tmp_path / "whole").log())


def test_two_ranks_equal_one_process(tmp_path: Path) -> None:
    """float64, all stages, meta-gradient and batch statistics over both ranks: the same weights to 1e-9."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    script = Path(__file__).with_name("map_toys.py")
    subprocess.run([*launch, script, tmp_path], check=True, capture_output=True, timeout=180)
    trained(tmp_path / "one", "mtfas", double=True)
    one, two = (checkpoint.load(tmp_path / folder / "checkpoints/last.pt")["method"] for folder in ("one", "two"))
    for key, value in one.items():
        assert torch.allclose(value.double(), two[key].double(), rtol=0, atol=1e-9), key
