"""The angular margin: against a loop in float64, at its edges, and in what it does to embeddings."""

import itertools
import math

import pytest
import torch

from sincera.errors import UsageError
from sincera.losses.margin import AngularMargin, margin_loss


def slow(cosines: torch.Tensor, people: list[int], scale: float, margin: float) -> float:
    total = 0.0
    for row, own in zip(cosines.tolist(), people, strict=True):
        angle = math.acos(row[own])
        turned = math.cos(angle + margin) if angle + margin < math.pi else row[own] - margin * math.sin(margin)
        logits = [scale * (turned if place == own else cosine) for place, cosine in enumerate(row)]
        top = max(logits)
        total += top + math.log(sum(math.exp(one - top) for one in logits)) - logits[own]
    return total / len(people)


@pytest.mark.parametrize(("scale", "margin"), [(64.0, 0.5), (8.0, 0.2), (30.0, 0.0)])
def test_equals_the_slow_loop(scale: float, margin: float) -> None:
    dice = torch.Generator().manual_seed(3)
    cosines = 1.98 * torch.rand(40, 7, generator=dice, dtype=torch.float64) - 0.99
    people = torch.randint(0, 7, (40,), generator=dice)
    assert float(margin_loss(cosines, people, scale=scale, margin=margin)) == pytest.approx(
        slow(cosines, people.tolist(), scale, margin), rel=1e-12
    )


def test_never_rises_with_the_own_cosine() -> None:
    own = torch.linspace(-1, 1, 401, dtype=torch.float64)
    losses = [
        float(margin_loss(torch.tensor([[one, 0.3]], dtype=torch.float64), torch.tensor([0]), scale=16.0, margin=0.5))
        for one in own.tolist()
    ]
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses))


@pytest.mark.parametrize("cosine", [-1.0, 1.0])
def test_the_gradient_is_finite_where_the_angle_has_none(cosine: float) -> None:
    cosines = torch.tensor([[cosine, 0.0]], requires_grad=True)
    margin_loss(cosines, torch.tensor([0]), scale=64.0, margin=0.5).backward()
    assert torch.isfinite(cosines.grad).all()


def test_length_of_embedding_and_direction_count_for_nothing() -> None:
    torch.manual_seed(0)
    head = AngularMargin(6, 4)
    embeddings, people = torch.randn(5, 6), torch.tensor([0, 1, 2, 3, 0])
    before, cosines = head(embeddings, people)
    with torch.no_grad():
        head.weight.mul_(3)
    after, same = head(7 * embeddings, people)
    torch.testing.assert_close((before, cosines), (after, same))


def test_a_share_of_the_margin_lies_between_none_and_all() -> None:
    torch.manual_seed(0)
    head = AngularMargin(6, 4, scale=16.0)
    embeddings, people = torch.randn(5, 6), torch.tensor([0, 1, 2, 3, 0])
    none, half, whole = (head(embeddings, people, share=share)[0].item() for share in (0.0, 0.5, 1.0))
    assert none < half < whole


@pytest.mark.parametrize(("scale", "margin"), [(0.0, 0.5), (64.0, -0.1), (64.0, 1.6)])
def test_settings_that_mean_nothing_are_refused(scale: float, margin: float) -> None:
    with pytest.raises(UsageError, match="expected a margin"):
        margin_loss(torch.zeros(1, 2), torch.tensor([0]), scale=scale, margin=margin)
