"""FRT-PAD: the teacher stays what it was, and its file is needed only once."""

from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from sincera.errors import SinceraError
from sincera.methods.frtpad import FRTPAD, FRTPADRecipe
from sincera.nets import iresnet, stargan_discriminator
from sincera.recipe import load_recipe
from sincera.teachers.files import save_teacher
from sincera.train import Batch, Facts, build_method

SIDE = 64
FACTS = Facts(("A", "B"), ("A/1",), clips=8, size=SIDE)
SMALL = ["network=small", "batch=4", "length=3 steps"]
LAYOUT = ["editing.size=32", "editing.width=4", "editing.repeat=4"]
RANDOM = [*SMALL, "editing.teacher=random", *LAYOUT]


def build(sets: list[str], *, preset: str | None = None, seed: int = 0) -> FRTPAD:
    method = build_method(FRTPAD, load_recipe(FRTPADRecipe, preset=preset, sets=sets), FACTS, seed=seed)
    assert isinstance(method, FRTPAD)
    return method


def batch(step: int = 0) -> Batch:
    dice = torch.Generator().manual_seed(step)
    labels = torch.tensor([0, 1, 0, 1])
    zeros = torch.zeros(4, dtype=torch.long)
    crops = torch.rand(4, 3, SIDE, SIDE, generator=dice)
    return Batch(crops, labels, zeros, zeros, zeros, zeros.bool(), {}, (), step=step, steps=3, seed=step)


def teacher_file(path: Path, *, seed: int = 3) -> Path:
    torch.manual_seed(seed)
    network = stargan_discriminator(size=32, width=4, repeat=4, attributes=7)
    save_teacher(path, network, kind="attributes", facts={})
    return path


def test_the_teacher_never_drifts_and_everything_else_learns() -> None:
    method = build(RANDOM)
    before = {key: tensor.clone() for key, tensor in method.state_dict().items()}
    (stage,) = method.stages()
    method.train()
    for step in range(3):
        assert torch.isfinite(stage.update(batch(step))["loss"])
        assert not any(module.training for module in method.network.teacher.modules())
    after = method.state_dict()
    kept = {key for key in after if torch.equal(after[key], before[key])}
    assert kept == {key for key in after if key.startswith("network.teacher.")}
    assert all(parameter.grad is None for parameter in method.network.teacher.parameters())


def test_the_loss_is_cross_entropy_and_the_score_is_the_attack_s_probability() -> None:
    method = build(RANDOM).eval()
    faces = batch()
    logits = method.network(faces.crops)
    torch.testing.assert_close(method.losses(faces).total, cross_entropy(logits, faces.labels))
    scores = method.score(faces.crops)
    torch.testing.assert_close(scores.score, logits.exp()[:, 1] / logits.exp().sum(1))
    assert scores.features is not None
    assert scores.features.shape == (4, 96 + 32)  # the small student's, and eight times the teacher's first width


def test_the_optimiser_is_adam_in_its_amsgrad_form() -> None:
    (stage,) = build(RANDOM).stages()
    optimiser = stage.state["optimiser"]
    assert isinstance(optimiser, torch.optim.Adam)
    (group,) = optimiser.param_groups
    assert (group["amsgrad"], group["lr"], group["weight_decay"]) == (True, 1e-4, 5e-5)
    (stage,) = build([*RANDOM, "optimiser.kind=sgd"]).stages()
    assert isinstance(stage.state["optimiser"], torch.optim.SGD)


def test_presets_hold_the_published_constants() -> None:
    for preset, dropout, norms in (("paper", 0.5, ("imagenet", "native")), ("code", 0.0, ("none", "frtpad"))):
        recipe = load_recipe(FRTPADRecipe, preset=preset)
        assert (recipe.network, recipe.weights, recipe.batch, recipe.length) == (
            "resnet18", "imagenet", 32, "1000 epochs",
        )  # fmt: skip
        assert (recipe.optimiser.kind, recipe.optimiser.lr, recipe.optimiser.weight_decay) == ("adam", 1e-4, 5e-5)
        assert [recipe.optimiser.schedule.at(step, 100) for step in (0, 50, 99)] == [1, 1, 1]
        assert (recipe.adapter.heads, recipe.adapter.dropout, recipe.adapter.slope) == (2, 0.6, 0.2)
        assert (recipe.dropout, (recipe.norm, recipe.editing.norm)) == (dropout, norms)


def test_pixel_ranges_of_the_teacher() -> None:
    native, frtpad = build(RANDOM), build([*RANDOM, "editing.norm=frtpad"])
    white = torch.ones(1, 3, 1, 1)
    assert native.network.teacher_normalise(-white + 1).flatten().tolist() == [-1, -1, -1]
    assert frtpad.network.teacher_normalise(white * 0.25).flatten().tolist() == [0.25] * 3


def test_a_random_teacher_comes_from_its_own_seed_not_from_the_run_s() -> None:
    one, same = build(RANDOM), build(RANDOM, seed=1)
    other = build([*RANDOM, "editing.seed=1"])
    first, again = one.network.teacher.state_dict(), same.network.teacher.state_dict()
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not any(torch.equal(first[key], tensor) for key, tensor in other.network.teacher.state_dict().items())
    assert not torch.equal(one.network.head.weight, same.network.head.weight)


def test_a_file_is_loaded_when_training_begins_and_not_needed_afterwards(tmp_path: Path) -> None:
    path = teacher_file(tmp_path / "teacher.safetensors")
    sets = [*SMALL, f"editing.teacher={path}", *LAYOUT]
    method = build(sets)
    method.begin()
    torch.manual_seed(3)
    expected = stargan_discriminator(size=32, width=4, repeat=4, attributes=7)
    kept = method.network.teacher.main[0].weight
    torch.testing.assert_close(kept, expected.main[0].weight, atol=1e-3, rtol=1e-3)  # the file is float16
    (info,) = method.weights()
    assert (info["file"], info["tensors"], info["ignored"]) == (path.name, 8, ["conv1.weight", "conv2.weight"])
    assert len(info["sha256"]) == 64
    path.unlink()
    rebuilt = build(sets, seed=5)
    rebuilt.load_state_dict(method.state_dict())
    crops = batch().crops
    assert torch.equal(rebuilt.eval().score(crops).score, method.eval().score(crops).score)


def test_a_file_of_another_layout_says_which_settings_fit_it(tmp_path: Path) -> None:
    path = teacher_file(tmp_path / "teacher.safetensors")
    with pytest.raises(SinceraError, match=r"--set editing.size=32 --set editing.width=4 --set editing.repeat=4"):
        build([*SMALL, f"editing.teacher={path}", "editing.size=32", "editing.width=8", "editing.repeat=4"]).begin()


def test_a_seed_beyond_what_a_generator_takes_is_named() -> None:
    with pytest.raises(SinceraError, match=r"editing\.seed"):
        build([*RANDOM, f"editing.seed={2**64}"])


def test_a_file_that_is_no_discriminator_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recognition.safetensors"
    network = iresnet(blocks=(1, 1, 1, 1), channels=(4, 4, 4, 4), width=4, size=16)
    save_teacher(path, network, kind="recognition", facts={})
    with pytest.raises(SinceraError, match="a teacher of recognition; FRT-PAD needs a StarGAN discriminator"):
        build([*SMALL, f"editing.teacher={path}", *LAYOUT]).begin()
    with pytest.raises(SinceraError, match="shows no maps"):
        build([*SMALL, "editing.teacher=teacher.onnx", *LAYOUT]).begin()


class Scoring(torch.nn.Module):
    def __init__(self, method: FRTPAD) -> None:
        super().__init__()
        self.method = method

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        return self.method.score(crops).score


def test_the_score_exports() -> None:
    scoring = Scoring(build(RANDOM)).eval()
    crops = batch().crops
    dynamic = {"crops": {0: torch.export.Dim("faces", min=1)}}
    program = torch.export.export(scoring, (torch.rand_like(crops),), dynamic_shapes=dynamic)
    with torch.no_grad():
        torch.testing.assert_close(program.module()(crops[:3]), scoring(crops[:3]))
