"""The attribute teacher: losses against slow versions, unknown labels without a say, learning, and exact resume."""

import math
from pathlib import Path

import pytest
import torch

from sincera.data.store import Store
from sincera.errors import UsageError
from sincera.nets.stargan import stargan_discriminator
from sincera.recipe import load_recipe
from sincera.teachers.attributes import Attributes, AttributesRecipe, classification_loss, gradient_penalty
from sincera.teachers.training import teach
from sincera.train import Facts

SMALL = [
    'attributes=["Male","Young"]', "size=32", "width=8", "repeat=3", "generator_width=4", "generator_repeat=1",
    "batch=12", "length=80 steps", "evaluate_every=20", "checkpoint_every=7", "optimiser.lr=0.002",
    "held_out=0.34", "validation=0.17",
]  # fmt: skip


def recipe(*more: str) -> AttributesRecipe:
    return load_recipe(AttributesRecipe, sets=[*SMALL, *more])


def method() -> Attributes:
    torch.manual_seed(0)
    return Attributes(recipe(), Facts(("X",), (), clips=4, size=32, attributes=("age", "sex")), 0)


def test_classification_is_summed_over_what_is_known() -> None:
    dice = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 3, generator=dice, dtype=torch.float64)
    labels = torch.randint(0, 2, (5, 3), generator=dice).double()
    labels[0, 1] = labels[4, 0] = math.nan
    total = 0.0
    for row, truth in zip(logits.tolist(), labels.tolist(), strict=True):
        for one, label in zip(row, truth, strict=True):
            if not math.isnan(label):
                share = 1 / (1 + math.exp(-one))
                total -= math.log(share if label else 1 - share)
    assert classification_loss(logits, labels).item() == pytest.approx(total / 5, rel=1e-12)


def test_an_unknown_label_sends_no_gradient() -> None:
    logits = torch.zeros(2, 2, requires_grad=True)
    classification_loss(logits, torch.tensor([[1.0, math.nan], [math.nan, 0.0]])).backward()
    assert torch.equal(logits.grad == 0, torch.tensor([[False, True], [True, False]]))


def test_gradient_penalty_equals_the_slope_by_differences() -> None:
    torch.manual_seed(0)
    judge = stargan_discriminator(size=8, width=2, repeat=2, attributes=1).double()
    real, fake = torch.rand(2, 3, 8, 8, dtype=torch.float64), torch.rand(2, 3, 8, 8, dtype=torch.float64)
    torch.manual_seed(5)
    found = gradient_penalty(judge, real, fake).item()
    torch.manual_seed(5)
    place = torch.rand(2, 1, 1, 1, dtype=torch.float64)
    between, step, squares = place * real + (1 - place) * fake, 1e-6, []
    for face in between:
        slopes = []
        for pixel in range(face.numel()):
            move = torch.zeros(face.numel(), dtype=torch.float64)
            move[pixel] = step
            high, low = (judge((face + sign * move.view_as(face))[None])[0].sum().item() for sign in (1, -1))
            slopes.append((high - low) / (2 * step))
        squares.append((math.sqrt(sum(slope**2 for slope in slopes)) - 1) ** 2)
    assert found == pytest.approx(sum(squares) / 2, rel=1e-5)


def test_losses_are_the_papers_sums() -> None:
    one = method()
    real, labels, wished = torch.rand(4, 3, 32, 32), torch.tensor([[1.0, 0.0]] * 4), torch.tensor([[0.0, 1.0]] * 4)
    torch.manual_seed(1)
    loss, parts = one.judged(real, labels, wished)
    truth, logits = one.network(real)
    lie = one.network(one.generator(real, wished))[0]
    assert parts["distance"].item() == pytest.approx(truth.mean().item() - lie.mean().item(), abs=1e-5)
    expected = -parts["distance"] + classification_loss(logits, labels) + 10 * parts["penalty"]
    torch.testing.assert_close(loss, expected)
    loss, parts = one.edited(real, labels, wished)
    fake = one.generator(real, wished)
    back = (real - one.generator(fake, labels)).abs().mean()
    lie, logits = one.network(fake)
    torch.testing.assert_close(loss, -lie.mean() + classification_loss(logits, wished) + 10 * back)


def test_it_tells_attributes_of_people_whom_it_never_saw(people: Store, tmp_path: Path) -> None:
    done = teach(Attributes, recipe("classification=5"), people, runs=tmp_path)
    male, before = done.facts["measures"]["attributes"][0], done.facts["untaught"]["attributes"][0]
    assert (male["name"], male["people"]) == ("Male", 5)
    assert male["auc"] > 0.9 > 0.6 > before["auc"]
    assert done.facts["attributes"] == ["Male", "Young"]
    assert done.run.log()[-1]["lr"] < 0.002 / 10
    assert {"distance", "obeyed", "reconstruction", "penalty"} <= done.run.log()[-1].keys()


def test_generator_and_discriminator_take_turns(people: Store, tmp_path: Path) -> None:
    start = method()
    four = teach(Attributes, recipe("length=4 steps"), people, runs=tmp_path).method
    five = teach(Attributes, recipe("length=5 steps"), people, runs=tmp_path).method
    assert isinstance(four, Attributes)
    assert isinstance(five, Attributes)
    same = [torch.equal(a, b) for a, b in zip(start.generator.parameters(), four.generator.parameters(), strict=True)]
    assert all(same), "four steps are the discriminator's alone"
    assert not torch.equal(start.generator.main[0].weight, five.generator.main[0].weight)
    assert not torch.equal(start.network.main[0].weight, four.network.main[0].weight)


def test_stopped_and_started_again_it_ends_with_the_same_weights(
    people: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = teach(Attributes, recipe("length=24 steps"), people, runs=tmp_path / "whole")

    class StoppedError(Exception):
        pass

    count, judged = 0, Attributes.judged

    def stopping(self: Attributes, *faces: torch.Tensor) -> object:
        nonlocal count
        count += 1
        if count == 18:
            raise StoppedError
        return judged(self, *faces)

    monkeypatch.setattr(Attributes, "judged", stopping)
    with pytest.raises(StoppedError):
        teach(Attributes, recipe("length=24 steps"), people, runs=tmp_path / "broken")
    broken = teach(Attributes, recipe("length=24 steps"), people, runs=tmp_path / "broken")
    torch.testing.assert_close(broken.method.state_dict(), whole.method.state_dict(), rtol=0, atol=0)


def test_an_attribute_that_the_store_does_not_know_is_refused(people: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no attribute 'Smiling'"):
        teach(Attributes, recipe('attributes=["Smiling"]'), people, runs=tmp_path)
