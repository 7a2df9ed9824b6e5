"""Which task a figure is drawn for, and whether it has what the figure shows."""

from __future__ import annotations

from sincera.errors import UsageError
from sincera.nets import Student
from sincera.papers.figures import Bench
from sincera.train import Method

LEAVE_ONE_OUT = ("OCI:M", "OMI:C", "OCM:I", "ICM:O")
TASK = "OMI:C"  # the paper's own in Figures 4 and 5


def one_task(bench: Bench, default: str = TASK, *, sources: int = 1) -> str:
    """The protocol that was asked for, else the default.

    UsageError for more than one, and for one with fewer sources than the figure needs.
    """
    (name,) = bench.protocols((default,), at_most=1)
    found = bench.protocol(name).sources
    if len(found) < sources:
        raise UsageError(
            f"protocol {name}: its source is {found[0]} alone, and the attack hides which of several a face is from. "
            f"Give one with two or more, such as {default}."
        )
    return name


def domain_classifier(method: Method) -> Student:
    """E_d of a trained `dtda`; UsageError where its settings leave none."""
    found = getattr(method, "domain", None)
    if not isinstance(found, Student):
        raise UsageError("this training has no domain classifier: leave perturbation.epsilon above 0.")
    return found


def student_of(method: Method) -> Student:
    """The student S of a method."""
    found = method.get_submodule("network")
    assert isinstance(found, Student)
    return found
