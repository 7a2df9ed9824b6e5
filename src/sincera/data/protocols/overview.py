"""The list behind `sincera protocols`: every protocol of some domains, with counts where clips are at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sincera.clip import SPLITS, Clip
from sincera.data.protocols.listing import FOUR, OWNERS, leave_one_out, own_of, runs_of, two_source
from sincera.data.protocols.names import parse_protocol
from sincera.data.protocols.protocol import Convention, Lists, Protocol, Validation
from sincera.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Entry:
    """One protocol; lists: None where no clips were given or they cannot be divided, for the reason in `error`."""

    kind: str
    protocol: Protocol
    lists: Lists | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `sincera protocols --json`."""
        found: dict[str, Any] = {"kind": self.kind, "title": self.protocol.title, **self.protocol.to_dict()}
        if self.lists is not None:
            found |= {"counts": self.lists.counts(), "notes": list(self.lists.notes)}
        return found | ({"error": self.error} if self.error else {})


def overview(
    names: Sequence[str] = (),
    *,
    domains: Sequence[str] | None = None,
    clips: Iterable[Clip] | None = None,
    lists: Convention = "all",
    validation: Validation = "source",
    seed: int = 0,
) -> tuple[Entry, ...]:
    """The named protocols, or else all that the domains allow; divided where clips are given.

    A name that stands for several runs (`celeba/2`, `oulu/3`) gives all of them.  domains: None takes the four for
    the cross-data-set protocols, and every set that has protocols of its own.
    """
    kinds: dict[str, Sequence[str]] = {"as given": [run for name in names for run in runs_of(name)]}
    if not names:
        kinds = {
            "leave one out": leave_one_out(domains or FOUR),
            "two sources": two_source(domains or FOUR),
            "the owner's": own_of(domains or OWNERS),
        }
    at_hand = None if clips is None else tuple(clips)
    entries = []
    for kind, members in kinds.items():
        for name in members:
            protocol = parse_protocol(name, lists=lists, validation=validation, seed=seed)
            entries.append(_entry(kind, protocol, at_hand))
    return tuple(entries)


def overview_text(entries: Sequence[Entry]) -> str:
    """A table for the terminal: clips as live + attack, people in brackets; notes once at the end."""
    if all(entry.lists is None and entry.error is None for entry in entries):
        rows = [["protocol", "shown as", "kind", "sources", "target"]]
        rows += [[e.protocol.name, e.protocol.title, e.kind, *map(" ".join, _sides(e.protocol))] for e in entries]
        return "\n".join(_aligned(rows))
    rows = [["protocol", *SPLITS]]
    notes: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.lists is None:
            rows.append([entry.protocol.name, f"not possible: {entry.error}"])
            continue
        cells = [_cell(counts) for counts in entry.lists.counts().values()]
        rows.append([entry.protocol.name, *cells])
        for note in entry.lists.notes:
            notes[note].append(entry.protocol.name)
    return "\n".join([*_aligned(rows), *(f"note: {note} [{_few(names)}]" for note, names in notes.items())])


def _entry(kind: str, protocol: Protocol, clips: Sequence[Clip] | None) -> Entry:
    if clips is None:
        return Entry(kind, protocol)
    try:
        return Entry(kind, protocol, protocol.divide(clips))
    except ProtocolError as error:
        return Entry(kind, protocol, error=str(error))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _sides(protocol: Protocol) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return protocol.sources, protocol.targets


def _cell(counts: dict[str, int]) -> str:
    if not counts["live"] + counts["attack"]:
        return "none"
    return f"{counts['live']:,} + {counts['attack']:,} ({counts['subjects']})"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    full = max(len(row) for row in rows)
    widths = [max((len(row[i]) for row in rows if len(row) == full), default=0) for i in range(full)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
