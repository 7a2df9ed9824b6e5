"""What a finished teacher has learned, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn


def describe(path: Path, network: nn.Module, facts: Mapping[str, Any]) -> str:
    """Lines for the terminal: the file, who taught it, and what it knows of people whom it never saw.

    facts: as `Taught.facts`.
    """
    people, pictures = facts["people"], facts["pictures"]
    parameters = sum(one.numel() for one in network.parameters())
    chosen = f"step {facts['step']}, chosen by {people['dev']} others" if facts["step"] is not None else "the last step"
    lines = [
        f"{path}: {parameters:,} parameters, {path.stat().st_size / 1e6:.2f} MB",
        f"learned from {people['train']} people, {pictures['train']} pictures; {chosen}",
        f"measured on {people['test']} people never seen, {pictures['test']} pictures [95 % over people]",
    ]
    measures, untaught = facts["measures"], facts["untaught"]
    if "verification" in measures:
        lines += _verification(measures["verification"], untaught["verification"])
    if "attributes" in measures:
        lines += _attributes(measures["attributes"], untaught["attributes"])
    return "\n".join(lines)


def _verification(found: Mapping[str, Any], untaught: Mapping[str, Any]) -> list[str]:
    return [
        f"verification AUC {found['auc']:.4f}{_interval(found['auc_interval'], 4)}; "
        f"untaught, the same network: {untaught['auc']:.4f}",
        f"true accepts at {100 * found['false_accepts']:g} % false ones: {100 * found['accepted']:.1f} %"
        f"{_interval(found['accepted_interval'], 1, 100)}; untaught {100 * untaught['accepted']:.1f} %",
        f"pairs: {found['same']} of one person, {found['other']} of two",
    ]


def _attributes(found: Sequence[Mapping[str, Any]], untaught: Sequence[Mapping[str, Any]]) -> list[str]:
    before = {one["name"]: one["auc"] for one in untaught}
    wide = max(len(one["name"]) for one in found) if found else 0
    lines = [f"{'attribute':{max(wide, 9)}}  accuracy  commoner answer  AUC [interval]          untaught AUC"]
    for one in found:
        area = f"{_number(one['auc'])}{_interval(one['auc_interval'], 3)}"
        lines.append(
            f"{one['name']:{max(wide, 9)}}  {one['accuracy']:8.3f}  {one['majority']:15.3f}  {area:22}"
            f"  {_number(before.get(one['name']))}"
        )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(ends: Sequence[float] | None, digits: int, times: float = 1.0) -> str:
    return "" if ends is None else f" [{times * ends[0]:.{digits}f}, {times * ends[1]:.{digits}f}]"
