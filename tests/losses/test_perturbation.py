"""The domain attack: within its bounds, uphill, the same by every way, and without a trace in the classifier."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sincera.errors import UsageError
from sincera.losses.perturbation import (
    domain_attack,
    gradient_signs,
    pack_signs,
    random_signs,
    unpack_signs,
)

EPSILON = 4 / 255


@pytest.fixture
def classifier() -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten())
    net = nn.Sequential(*layers, nn.Linear(128, 3)).double().eval()
    net[-1].weight.data.mul_(40)  # sure of itself, as a trained one is
    return net


@pytest.fixture
def faces() -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(1)
    return torch.rand(40, 3, 24, 24, dtype=torch.float64, generator=dice), torch.arange(40) % 3


def test_one_step_is_the_printed_equation(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    images, domains = faces
    moved = domain_attack(images, domains, classifier, epsilon=EPSILON)
    for number in range(0, 40, 13):  # face by face: in eval mode none depends on another
        x = images[number : number + 1].clone().requires_grad_()
        cross_entropy(classifier(x), domains[number : number + 1]).backward()
        assert torch.equal(moved[number], (x + EPSILON * x.grad.sign()).clamp(0, 1)[0].detach())


def test_no_pixel_moves_further_and_almost_all_move_that_far(
    classifier: nn.Module, faces: tuple[Tensor, Tensor]
) -> None:
    images, domains = faces
    change = (domain_attack(images, domains, classifier, epsilon=EPSILON) - images).abs()
    inside = (images > EPSILON) & (images < 1 - EPSILON)
    assert float(change.max()) <= EPSILON + 1e-7
    assert float((change[inside] > EPSILON - 1e-7).double().mean()) > 0.95


@pytest.mark.parametrize("steps", [1, 5])
def test_the_domain_loss_rises(classifier: nn.Module, faces: tuple[Tensor, Tensor], steps: int) -> None:
    images, domains = faces
    moved = domain_attack(images, domains, classifier, epsilon=EPSILON, steps=steps)
    before, after = (cross_entropy(classifier(x), domains, reduction="none") for x in (images, moved))
    assert float((after >= before).double().mean()) > 0.95


def test_nothing_moves_at_epsilon_zero(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    images, domains = faces
    for steps in (1, 3):
        assert torch.equal(domain_attack(images, domains, classifier, epsilon=0.0, steps=steps), images)


def test_one_step_of_pgd_is_fgsm_bit_for_bit(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    images, domains = faces
    single = images.float(), domains, classifier.float()
    fgsm = domain_attack(*single, epsilon=EPSILON)
    assert torch.equal(domain_attack(*single, epsilon=EPSILON, steps=1, step_size=EPSILON), fgsm)
    signs = gradient_signs(*single)
    assert torch.equal((single[0] + EPSILON * signs).clamp(0, 1), fgsm)  # what a cache of signs gives


def test_several_steps_go_further_uphill_than_one(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    images, domains = faces
    moved = [domain_attack(images, domains, classifier, epsilon=0.1, steps=n) for n in (1, 10)]
    with torch.no_grad():
        one, ten = (float(cross_entropy(classifier(x), domains)) for x in moved)
    assert ten > one


def test_uniform_makes_predictions_more_even(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    images, domains = faces
    moved = domain_attack(images, domains, classifier, epsilon=0.02, steps=8, step_size=0.004, goal="uniform")

    def distance(x: Tensor) -> Tensor:
        """KL(uniform ‖ prediction)."""
        return -classifier(x).log_softmax(1).mean(1) - torch.log(torch.tensor(3.0))

    assert float((distance(moved) < distance(images)).double().mean()) > 0.95


@pytest.mark.parametrize("training", [True, False])
def test_the_classifier_keeps_no_trace(classifier: nn.Module, faces: tuple[Tensor, Tensor], training: bool) -> None:
    classifier.train(training)
    before = copy.deepcopy(classifier.state_dict())
    domain_attack(*faces, classifier, epsilon=EPSILON, steps=3, random_start=True)
    assert all(torch.equal(value, before[name]) for name, value in classifier.state_dict().items())
    assert all(parameter.grad is None for parameter in classifier.parameters())
    assert classifier.training is training


def test_the_result_is_detached_also_without_gradients(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    with torch.no_grad():
        moved = domain_attack(*faces, classifier, epsilon=EPSILON)
    assert not moved.requires_grad
    assert not torch.equal(moved, faces[0])


def test_a_random_start_stays_within_bounds(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    images, domains = faces
    torch.manual_seed(0)
    first = domain_attack(images, domains, classifier, epsilon=EPSILON, steps=2, random_start=True)
    second = domain_attack(images, domains, classifier, epsilon=EPSILON, steps=2, random_start=True)
    assert float((first - images).abs().max()) <= EPSILON + 1e-7
    assert not torch.equal(first, second)


def test_signs_survive_packing() -> None:
    signs = torch.randint(-1, 2, (3, 3, 7, 5)).float()
    packed = pack_signs(signs)
    assert packed.shape == (3, 27)  # 105 signs, four to a byte
    assert torch.equal(unpack_signs(packed, signs), signs)


def test_random_signs_are_even() -> None:
    torch.manual_seed(0)
    signs = random_signs(torch.zeros(4, 3, 50, 50))
    assert set(signs.unique().tolist()) == {-1.0, 1.0}
    assert abs(float(signs.mean())) < 0.03


def test_what_makes_no_sense_is_refused(classifier: nn.Module, faces: tuple[Tensor, Tensor]) -> None:
    with pytest.raises(UsageError, match="steps 0"):
        domain_attack(*faces, classifier, epsilon=EPSILON, steps=0)
    with pytest.raises(UsageError, match="goal 'targeted' does not exist; there are untargeted, uniform"):
        domain_attack(*faces, classifier, epsilon=EPSILON, goal="targeted")  # type: ignore[arg-type]
