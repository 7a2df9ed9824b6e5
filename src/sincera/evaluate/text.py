"""measures.json as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = {"HTER": "hter", "AUC": "auc", "worst APCER": "apcer_max", "BPCER": "bpcer"}
NAMES = {"ST": "ST source-tuned", "LE": "LE last epochs", "TT": "TT target-tuned"}


def as_table(measures: Mapping[str, Any]) -> str:
    """One line a policy and one for the best trivial cue; percent, with 95 % intervals over subjects."""
    rows = [["", *COLUMNS]]
    for name, policy in measures["policies"].items():
        rows.append([NAMES.get(name, name), *_cells(policy["measures"])])
    best = measures.get("best_cue")
    if best is not None:
        rows.append([f"trivial cue: {best}", *_cells(measures["cues"][best])])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _cells(measures: Mapping[str, Any]) -> list[str]:
    return [_cell(measures, name) for name in COLUMNS.values()]


def _cell(measures: Mapping[str, Any], name: str) -> str:
    """
    >>> _cell({"hter": 0.125, "intervals": {"hter": [0.1, 0.2]}}, "hter")
    '12.5 [10.0, 20.0]'
    """
    value = measures.get(name)
    if value is None:
        return "-"
    interval = (measures.get("intervals") or {}).get(name)
    shown = "" if interval is None or None in interval else f" [{100 * interval[0]:.1f}, {100 * interval[1]:.1f}]"
    return f"{100 * value:.1f}{shown}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([first, *rest]).rstrip()
