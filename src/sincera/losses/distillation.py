"""Distillation losses on logits: as DTDA prints them, and as they are usually meant."""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, kl_div, log_softmax, logsigmoid

from sincera.errors import UsageError

Form = Literal["literal", "standard", "standard_tau2"]


def distillation(student_logits: Tensor, teacher_logits: Tensor, *, tau: float, form: Form = "literal") -> Tensor:
    """KL(teacher ‖ student) at temperature τ, mean over the batch (DTDA, Eq. 6 and 7).

    student_logits, teacher_logits: (B, C).  tau: above 0.  Returns a scalar ≥ 0; no gradient reaches the teacher.
    form: `literal` as printed, the student's softmax taken twice, Q = sm(sm(z / τ)): it cannot reach 0 unless the
    teacher is uniform.  `standard`: Q = sm(z / τ).  `standard_tau2`: that times τ², which keeps the gradient's scale.
    Departs from the printed form in these two, as its gradient hardly reaches the student.

    >>> import torch
    >>> logits = torch.tensor([[2.0, 0.0, -1.0]])
    >>> float(distillation(logits, logits, tau=4.0, form="standard"))
    0.0
    >>> bool(distillation(logits, logits, tau=4.0, form="literal") > 0)
    True
    """
    _check(student_logits, teacher_logits, tau, form)
    teacher = log_softmax(teacher_logits.detach() / tau, 1)
    student = log_softmax(student_logits / tau, 1)
    if form == "literal":
        student = log_softmax(student.exp(), 1)
    loss = kl_div(student, teacher, reduction="batchmean", log_target=True)
    return loss * tau**2 if form == "standard_tau2" else loss


def bernoulli_distillation(
    student_logits: Tensor, teacher_logits: Tensor, *, tau: float, form: Form = "standard"
) -> Tensor:
    """Sum over attributes of two-way KL(teacher ‖ student), mean over the batch: for logits that are independent.

    Five attributes are five yes-or-no questions, of which a softmax over all five makes one.  Shapes and forms as in
    `distillation`, of which it is the sum over the pairs (z, 0).

    >>> import torch
    >>> student, teacher = torch.tensor([[2.0]]), torch.tensor([[-1.0]])
    >>> pair = [torch.cat((one, torch.zeros(1, 1)), 1) for one in (student, teacher)]
    >>> torch.allclose(bernoulli_distillation(student, teacher, tau=1.0), distillation(*pair, tau=1.0, form="standard"))
    True
    """
    _check(student_logits, teacher_logits, tau, form)
    teacher = teacher_logits.detach() / tau
    student = student_logits / tau
    if form == "literal":
        student = 2 * student.sigmoid() - 1  # softmax over (q, 1 - q): a sigmoid alone could never answer no
    share = teacher.sigmoid()
    entropy = -(share * logsigmoid(teacher) + (1 - share) * logsigmoid(-teacher))
    loss = (binary_cross_entropy_with_logits(student, share, reduction="none") - entropy).sum(1).mean()
    return loss * tau**2 if form == "standard_tau2" else loss


def _check(student: Tensor, teacher: Tensor, tau: float, form: str) -> None:
    if student.shape != teacher.shape or student.ndim != 2:
        raise UsageError(
            f"distillation wants logits of one shape (B, C); found student {tuple(student.shape)}, "
            f"teacher {tuple(teacher.shape)}. Give the student's head the teacher's width."
        )
    if not tau > 0:
        raise UsageError(f"distillation at temperature {tau}; it must be above 0.")
    if form not in get_args(Form):
        raise UsageError(f"distillation form {form!r} does not exist; there are {', '.join(get_args(Form))}.")
