"""What MT-FAS claims of its Tables 1 to 6, as one number each, beside the same number measured here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sincera.papers.grid import Variant
from sincera.papers.measured import Figure
from sincera.papers.mtfas.results import Results
from sincera.papers.mtfas.tasks import Group
from sincera.papers.published import Values
from sincera.papers.table import MISSING, Block

NOTE = (
    "Fall: by what share the first row's error lies below the other's, 100 % where none is left; a fall below 0 is a "
    "rise. The headline is ST, or TT where nobody validates; `less` is the difference itself, with a 95 % interval and "
    "two-sided p by a bootstrap over the target's people, who bring all seeds and all parts."
)


@dataclass(frozen=True, slots=True)
class Claim:
    """`row` has less of an error than each of `others`, or than the best of them.

    best: against the best of the others alone, in print against the best of all printed rows but `apart`, which are
    the paper's own too.
    """

    row: Variant
    others: tuple[Variant, ...]
    best: bool = False
    apart: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """A claim on one group: falls as shares, None where unknown.  other: the row that it turned out to be against."""

    text: str
    group: str
    row: str
    other: str
    printed: float | None
    fall: float | None
    fall_tt: float | None
    less: str
    data: dict[str, Any] | None

    def line(self) -> tuple[str, ...]:
        return (self.text, *(_percent(one) for one in (self.printed, self.fall)), self.less, _percent(self.fall_tt))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = ("group", "row", "other", "printed", "fall", "fall_tt")
        return {**{name: getattr(self, name) for name in names}, "less": self.data}


def effects(
    claims: Sequence[Claim], results: Results, printed: Values, *, rate: str, metric: str, groups: Sequence[Group]
) -> list[Effect]:
    """Every claim on every group, as far as its rows were measured."""
    found = []
    for group in groups:
        for claim in claims:
            there = [other for other in claim.others if other in results.rows]
            if claim.row not in results.rows or not there:
                continue
            policy = results.headline(group)
            if claim.best:
                best = _best(results, there, group, policy, rate)
                name, value = _best_printed(printed, claim, group, metric)
                fall = _fall(_printed(printed, claim.row, group, metric), value)
                told = f"the best other, {best.title}" + (f" (in print {name})" if name else "")
                found.append(_effect(results, claim.row, best, group, policy, rate, fall, told))
                continue
            for other in there:
                value = _fall(_printed(printed, claim.row, group, metric), _printed(printed, other, group, metric))
                found.append(_effect(results, claim.row, other, group, policy, rate, value))
    return found


def block(found: Sequence[Effect], *, name: str, lists: str = "") -> tuple[Block, ...]:
    """No block where nothing could be compared.  name: of the error, such as ACER."""
    if not found:
        return ()
    columns = (f"fall of {name}", "printed", "headline", "headline less", "TT")
    title = "what the paper claims" + (f", lists {lists}" if lists else "")
    return (Block(title, columns, tuple(one.line() for one in found)),)


def _effect(
    results: Results,
    row: Variant,
    other: Variant,
    group: Group,
    policy: str,
    rate: str,
    printed: float | None,
    told: str = "",
) -> Effect:
    """told: what the other row is called where its title is not enough."""
    headline = results.less(row, other, group, rate, policy=policy)
    tuned = [results.figure(one, group, "TT", rate) for one in (row, other)]
    return Effect(
        text=f"{group.title}: {row.title} against {told or other.title}",
        group=group.title,
        row=row.name,
        other=other.name,
        printed=printed,
        fall=None if headline is None else headline.fall,
        fall_tt=_fall(*(None if one is None else one.mean for one in tuned)),
        less=MISSING if headline is None else headline.text,
        data=None if headline is None else headline.to_dict(),
    )


def _best(results: Results, others: Sequence[Variant], group: Group, policy: str, rate: str) -> Variant:
    def mean(row: Variant) -> float:
        found: Figure | None = results.figure(row, group, policy, rate)
        return float("inf") if found is None else found.mean

    return min(others, key=mean)


def _printed(printed: Values, row: Variant, group: Group, metric: str) -> float | None:
    cell = printed.get((group.printed, row.printed or "", metric))
    return None if cell is None else cell.value


def _best_printed(printed: Values, claim: Claim, group: Group, metric: str) -> tuple[str, float | None]:
    """Name and error of the best printed row that is a rival."""
    ours = {row.printed for row in (claim.row, *claim.apart)}
    others = {
        method: cell.value
        for (task, method, name), cell in printed.items()
        if (task, name) == (group.printed, metric) and method not in ours and cell.value is not None
    }
    return min(others.items(), key=lambda one: one[1], default=("", None))


def _fall(a: float | None, b: float | None) -> float | None:
    """By what share a lies below b.

    >>> _fall(0.5, 1.0), _fall(0.6, None), _fall(0.5, 0.0)
    (0.5, None, None)
    """
    return None if a is None or not b else 1 - a / b


def _percent(value: float | None) -> str:
    return MISSING if value is None else f"{100 * value:.0f} %"
