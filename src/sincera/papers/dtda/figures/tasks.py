"""Which task a figure is drawn for, and whether it has what the figure shows."""

from __future__ import annotations

from collections.abc import Sequence

from sincera.errors import UsageError
from sincera.nets import Student
from sincera.papers.figures import Bench
from sincera.papers.grid import Variant
from sincera.train import Method

LEAVE_ONE_OUT = ("OCI:M", "OMI:C", "OCM:I", "ICM:O")
TASK = "OMI:C"  # the paper's own in Figures 4 and 5


def one_task(bench: Bench, variants: Sequence[Variant], default: str = TASK) -> str:
    """The protocol that was asked for, else the default, after a look at everything that the variants need of it.

    UsageError for more than one, and for one with fewer sources than a variant needs; others as for `Plan.check`.
    """
    (name,) = bench.protocols((default,), at_most=1)
    bench.check(variants, (name,))
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
