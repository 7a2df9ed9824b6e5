"""A paper's table with what was measured beside what is printed: as Markdown that a terminal can bear, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MISSING = ""  # not printed, or not measured: never 0


@dataclass(frozen=True, slots=True)
class Block:
    """One grid of texts under a heading.

    rows: the row's name first, then a text for each further column.  notes: lines that stand between both.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Heading, notes and a table with aligned columns.

        >>> print(Block("OCI→M", ("", "ST"), (("V1", "12.5"),)).markdown())
        ### OCI→M
        <BLANKLINE>
        |    | ST   |
        | -- | ---- |
        | V1 | 12.5 |
        """
        rows = [self.columns, *self.rows]
        widths = [max(2, *(len(row[place]) for row in rows)) for place in range(len(self.columns))]
        lines = [" | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
        lines.insert(1, " | ".join("-" * width for width in widths))
        parts = [f"### {self.title}", "\n".join(self.notes), "\n".join(f"| {line} |" for line in lines)]
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A whole table.

    name: as on the command line.  notes: what holds for all of it.  data: the same figures for programs, rates as
    fractions; `to_dict` puts name and title before them.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    def markdown(self) -> str:
        """The page, with a newline at its end."""
        notes = "\n".join(f"- {note}" for note in self.notes)
        parts = [f"## {self.title}", notes, *(block.markdown() for block in self.blocks)]
        return "\n\n".join(part for part in parts if part) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The one object of `--json`."""
        return {"table": self.name, "title": self.title, "notes": list(self.notes), **self.data}


def people(counts: Mapping[str, Any]) -> str:
    """Clips and people of a list, as run.json counts them.

    >>> people({"live": 2, "attack": 6, "subjects": 2})
    '2 live + 6 attack clips of 2 people'
    """
    return f"{counts['live']} live + {counts['attack']} attack clips of {counts['subjects']} people"


def signed(value: float) -> str:
    """A difference in percent points.

    >>> signed(-0.031), signed(0.0)
    ('-3.1', '+0.0')
    """
    return f"{100 * value:+.1f}"


def between(ends: Sequence[float] | None, *, sign: bool = False, digits: int = 1) -> str:
    """An interval in percent, empty where there is none.

    >>> between((0.05, 0.125)), between((-0.05, 0.01), sign=True), between((0.0, 0.00123), digits=2), between(None)
    ('[5.0, 12.5]', '[-5.0, +1.0]', '[0.00, 0.12]', '')
    """
    if ends is None:
        return MISSING
    return "[" + ", ".join(f"{100 * end:{'+' if sign else ''}.{digits}f}" for end in ends) + "]"
