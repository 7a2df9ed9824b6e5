"""The ordinary stage's settings do what they say, and bfloat16 is used only where it is real."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn
from toys import toy_world, trainer_of

from sincera.errors import RecipeError, UsageError
from sincera.recipe import load_recipe
from sincera.runs import Run
from sincera.train import Facts, Optimiser, Schedule, SupervisedRecipe
from sincera.train import checkpoint as checkpoints
from sincera.train.precision import has_bf16, pick_device, usable

CPU = torch.device("cpu")


def test_length_in_steps_and_epochs() -> None:
    facts = Facts((), (), clips=100, size=16)
    for length, batch, expected in (
        ("7 steps", 8, 7),
        ("2 epochs", 96, 4),
        ("0.5 epochs", 10, 5),
        ("1.5 epochs", 200, 2),
    ):
        assert load_recipe(SupervisedRecipe, sets=[f"length={length}", f"batch={batch}"]).count(facts) == expected
    for wrong in ("0 steps", "2.5 steps", "many epochs", "3"):
        with pytest.raises(RecipeError, match="length"):
            load_recipe(SupervisedRecipe, sets=[f"length='{wrong}'"])


def test_schedules() -> None:
    cosine, flat, warm = Schedule(kind="cosine"), Schedule(kind="none"), Schedule(kind="none", warmup=0.5)
    for step in range(20):
        assert cosine.at(step, 20) == pytest.approx(0.5 + 0.5 * math.cos(math.pi * step / 20))
        assert flat.at(step, 20) == 1
    assert [round(warm.at(step, 8), 2) for step in range(6)] == [0.2, 0.4, 0.6, 0.8, 1, 1]


@pytest.mark.parametrize(("kind", "cls"), [("sgd", "SGD"), ("adam", "Adam"), ("adamw", "AdamW")])
def test_optimisers_take_what_wants_a_gradient(kind: str, cls: str) -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[0].requires_grad_(requires_grad=False)
    optimiser = Optimiser.model_validate({"kind": kind, "lr": 0.3, "weight_decay": 0.1}).over(net.parameters())
    assert type(optimiser).__name__ == cls
    (group,) = optimiser.param_groups
    assert len(group["params"]) == 2
    assert (group["lr"], group["weight_decay"]) == (0.3, 0.1)


def test_bf16_where_it_is_real_and_scores_in_full_precision(tmp_path: Path) -> None:
    world = toy_world()
    assert usable("native", CPU) == "native"
    assert (usable("bf16", CPU) == "bf16") == has_bf16(CPU)
    for precision in ("native", "bf16"):
        trainer_of("one", tmp_path / precision, world, precision=precision).train()
    native, half = (checkpoints.load(Run(tmp_path / name).checkpoint("last"))["method"] for name in ("native", "bf16"))
    assert all(tensor.dtype != torch.bfloat16 for tensor in half.values())
    weight = next(key for key in native if key.endswith("weight"))
    assert torch.allclose(native[weight], half[weight], atol=0.05)
    assert torch.equal(native[weight], half[weight]) != has_bf16(CPU)


def test_devices_that_are_not_there_are_refused() -> None:
    assert pick_device("cpu") == CPU
    with pytest.raises(UsageError, match="expected cpu, cuda or auto"):
        pick_device("gpu")
    if not torch.cuda.is_available():
        assert pick_device("auto") == CPU
        with pytest.raises(UsageError, match="sees no CUDA device"):
            pick_device("cuda")
