"""Rows below each other on one group of protocols, each less the row above: Tables 4 and 6."""

from __future__ import annotations

from sincera.papers.measured import POLICIES
from sincera.papers.mtfas.results import Results
from sincera.papers.mtfas.tasks import Group
from sincera.papers.published import Values
from sincera.papers.table import MISSING, Block, between


def below(group: Group, results: Results, printed: Values, *, notes: tuple[str, ...] = ()) -> Block:
    """ACER over all attacks as printed and under each policy, its interval, the worst species', and the difference."""
    head = results.headline(group)
    columns = ("ACER", "printed", *POLICIES, f"{head} 95 %", f"worst ACER {head}", f"{head} less above")
    lines = []
    for place, row in enumerate(results.rows):
        cell = printed.get((group.printed, row.printed or "", "ACER(%)"))
        lines.append(
            (
                row.title,
                MISSING if cell is None else cell.text,
                *(results.text(row, group, policy, "acer_pooled") for policy in POLICIES),
                between(results.ends(row, group, head, "acer_pooled")),
                results.text(row, group, head, "acer"),
                _less(results, place, group, head),
            )
        )
    return Block(f"{group.title}: ACER", columns, tuple(lines), notes)


def _less(results: Results, place: int, group: Group, policy: str) -> str:
    """Of the row at a place less the one above it; nothing stands above the first."""
    if not place:
        return MISSING
    found = results.less(results.rows[place], results.rows[place - 1], group, "acer_pooled", policy=policy)
    return MISSING if found is None else found.text
