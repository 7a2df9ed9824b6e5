"""An audit as people read it on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sincera.data.audit import Audit

SHOWN = 10  # names of each kind; --json has all


def audit_text(audit: Audit) -> str:
    """Counts by split against the official ones, then everything that is off, then one line of verdict."""
    return "\n".join(_lines(audit))


def _lines(audit: Audit) -> Iterator[str]:
    where = f"{audit.root}" if audit.begins == audit.root else f"{audit.root} (begins at {audit.begins})"
    yield f"{audit.name}  {audit.title}{', simulated' if audit.simulated else ''}  {where}"
    yield from _columns([["", "live", "attack", "people"], *_rows(audit)])
    species = ", ".join(f"{name} {number:,}" for name, number in audit.attacks.items())
    yield f"  attacks    {species or 'none'}"
    yield from _some("missing", audit.missing)
    yield from _some("surplus", audit.surplus)
    yield from _some("set aside", [f"{item.path}: {item.reason}" for item in audit.set_aside])
    yield from _some("off", audit.faults)
    yield from _some("note", audit.warnings)
    yield f"  {_verdict(audit)}"


def _rows(audit: Audit) -> Iterator[list[str]]:
    for split in audit.splits:
        found, wanted = audit.found(split), audit.expected.get(split)
        pairs = [
            (found.live, wanted and wanted.live),
            (found.attack, wanted and wanted.attack),
            (found.subjects, wanted and wanted.subjects),
        ]
        undivided = not audit.expected and audit.splits == ("train",)
        yield [
            "undivided" if undivided else split,
            *(f"{n:,}" if of is None else f"{n:,} of {of:,}" for n, of in pairs),
        ]


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *cells in rows:
        yield f"  {name:<9}  " + "  ".join(cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))


def _some(title: str, items: Sequence[str]) -> Iterator[str]:
    shown: Iterable[str] = items[:SHOWN]
    for index, item in enumerate(shown):
        yield f"  {title if index == 0 else '':<9}  {item}"
    if len(items) > SHOWN:
        yield f"  {'':<9}  … {len(items):,} in all; --json lists them"


def _verdict(audit: Audit) -> str:
    if audit.ok:
        return "complete" if audit.expected else "nothing is off"
    parts = (
        (len(audit.missing), "missing"),
        (len(audit.surplus), "surplus"),
        (len(audit.set_aside), "set aside"),
        (len(audit.faults), "otherwise off"),
    )
    return "NOT as it should be: " + ", ".join(f"{number:,} {what}" for number, what in parts if number)
