"""Distillation against loops in float64, by hand, and by the size of its gradient (DTDA, Eq. 6 and 7)."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from sincera.errors import UsageError
from sincera.losses.distillation import Form, bernoulli_distillation, distillation

FORMS: tuple[Form, ...] = ("literal", "standard", "standard_tau2")


def softmax(values: list[float]) -> list[float]:
    total = sum(math.exp(v) for v in values)
    return [math.exp(v) / total for v in values]


def slow(student: Tensor, teacher: Tensor, tau: float, form: Form) -> float:
    """Equation 6 sample by sample and class by class."""
    losses = []
    for z, t in zip(student.tolist(), teacher.tolist(), strict=True):
        p = softmax([v / tau for v in t])
        q = softmax([v / tau for v in z])
        if form == "literal":
            q = softmax(q)
        losses.append(sum(a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True)))
    mean = sum(losses) / len(losses)
    return mean * tau**2 if form == "standard_tau2" else mean


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tau", [0.5, 1.0, 4.0])
def test_equals_the_printed_equation(form: Form, tau: float) -> None:
    dice = torch.Generator().manual_seed(3)
    student, teacher = (torch.randn(5, 7, dtype=torch.float64, generator=dice) for _ in range(2))
    assert float(distillation(student, teacher, tau=tau, form=form)) == pytest.approx(slow(student, teacher, tau, form))


def test_three_classes_by_hand() -> None:
    teacher = torch.tensor([[math.log(0.5), math.log(0.3), math.log(0.2)]], dtype=torch.float64)
    student = torch.zeros(1, 3, dtype=torch.float64)
    by_hand = 0.5 * math.log(1.5) + 0.3 * math.log(0.9) + 0.2 * math.log(0.6)
    for form in FORMS:  # an even student stays even under a second softmax
        assert float(distillation(student, teacher, tau=1.0, form=form)) == pytest.approx(by_hand)


def test_the_printed_form_never_reaches_zero_and_the_standard_one_does() -> None:
    logits = torch.randn(4, 6, dtype=torch.float64)
    assert float(distillation(logits, logits, tau=2.0, form="standard")) == pytest.approx(0, abs=1e-12)
    assert float(distillation(logits, logits, tau=2.0, form="literal")) > 1e-3
    even = torch.zeros(4, 6, dtype=torch.float64)
    assert float(distillation(even, even, tau=2.0, form="literal")) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("width", "tau", "literal", "standard"),
    [(512, 0.5, 8.2e-4, 4.0e-1), (512, 1.0, 1.1e-4, 5.7e-2), (512, 4.0, 5.5e-6, 2.9e-3), (5, 4.0, 5.0e-3, 2.6e-2)],
)
def test_gradients_have_the_measured_size(width: int, tau: float, literal: float, standard: float) -> None:
    """Per sample, a standard-normal teacher, student 0.3 · N(0, 1): the printed form teaches next to nothing."""
    dice = torch.Generator().manual_seed(0)
    count = 96 if width > 100 else 9600  # few classes scatter
    teacher = torch.randn(count, width, generator=dice, dtype=torch.float64)
    student = 0.3 * torch.randn(count, width, generator=dice, dtype=torch.float64)

    def size(form: Form) -> float:
        z = student.clone().requires_grad_()
        distillation(z, teacher, tau=tau, form=form).backward()
        return float(z.grad.norm(dim=1).mean()) * count

    assert size("literal") == pytest.approx(literal, rel=0.2)
    assert size("standard") == pytest.approx(standard, rel=0.2)
    assert size("standard_tau2") == pytest.approx(tau**2 * size("standard"))


@pytest.mark.parametrize("form", FORMS)
def test_attributes_one_by_one_equal_two_way_distributions(form: Form) -> None:
    """A sigmoid is a softmax over (z, 0), so every attribute is a two-class distillation of its own."""
    dice = torch.Generator().manual_seed(5)
    student, teacher = (torch.randn(3, 5, dtype=torch.float64, generator=dice) for _ in range(2))
    expected = 0.0
    for one in range(5):
        pairs = (torch.stack((logits[:, one], torch.zeros(3)), 1) for logits in (student, teacher))
        expected += slow(*pairs, tau=2.0, form=form)
    assert float(bernoulli_distillation(student, teacher, tau=2.0, form=form)) == pytest.approx(expected)


def test_nothing_flows_back_to_the_teacher() -> None:
    student, teacher = (torch.randn(2, 4, requires_grad=True) for _ in range(2))
    (distillation(student, teacher, tau=1.0) + bernoulli_distillation(student, teacher, tau=1.0)).backward()
    assert teacher.grad is None
    assert student.grad is not None


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(UsageError, match=r"\(2, 3\), teacher \(2, 4\)"):
        distillation(torch.zeros(2, 3), torch.zeros(2, 4), tau=1.0)
    with pytest.raises(UsageError, match="temperature 0"):
        distillation(torch.zeros(2, 3), torch.zeros(2, 3), tau=0.0)
    with pytest.raises(UsageError, match="standard_tau2"):
        distillation(torch.zeros(2, 3), torch.zeros(2, 3), tau=1.0, form="double")  # type: ignore[arg-type]
