"""What the page says first: each result in one sentence, against chance and against the best trivial cue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from sincera.report.results import Group
from sincera.report.table import best_cue, interval, percent


def verdict(groups: Sequence[Group]) -> str:
    """One sentence on the best group: the lowest mean HTER under its headline policy."""
    known = [group for group in groups if _mean(group, "hter") is not None]
    if not known:
        return "No run has an error rate: none of the target's clips was scored, or only one class was."
    best = min(known, key=lambda group: _mean(group, "hter") or 0.0)
    start = f"Of {len(groups)} trainings {best.name} errs least: " if len(groups) > 1 else f"{best.name}: "
    policy = best.first.headline
    chosen = "chosen on its sources alone" if policy == "ST" else "chosen on the target itself, so optimistic"
    seeds = f", mean of {len(best.results)} seeds" if len(best.results) > 1 else ""
    rate = f"HTER {percent(_mean(best, 'hter'))}{_bounds(best, 'hter')} on {_where(best)}"
    return f"{start}{rate}, threshold and checkpoint {chosen} ({policy}{seeds}); {_compared(best)}."


def _compared(group: Group) -> str:
    """Against chance and the best cue, by AUC, since that needs no threshold."""
    auc = _mean(group, "auc")
    low = min((_low(result.policies[result.headline]["measures"]) for result in group.results), default=None)
    if auc is None:
        return "its AUC was not recorded"
    if low is not None and low <= 0.5:
        return f"its AUC of {auc:.3f} is not told from chance"
    cue = best_cue(group.first)
    if cue is None:
        return f"its AUC is {auc:.3f}; trivial cues were not recorded"
    name, measures = cue
    area = measures.get("auc")
    high = (measures.get("intervals") or {}).get("auc", [None, area])[1]
    if area is None or high is None:
        return f"its AUC is {auc:.3f}; the best trivial cue, {name}, has no AUC"
    relation = "above" if (low if low is not None else auc) > high else "not clearly above"
    return f"its AUC of {auc:.3f} is {relation} the {area:.3f} of the best trivial cue, {name}"


def _mean(group: Group, rate: str) -> float | None:
    found = [result.policies.get(result.headline, {}).get("measures", {}).get(rate) for result in group.results]
    return None if any(value is None for value in found) else mean(found)


def _bounds(group: Group, rate: str) -> str:
    """The interval of a single run; several seeds have their spread in the table."""
    if len(group.results) > 1:
        return ""
    result = group.first
    measures = result.policies[result.headline]["measures"]
    shown = interval(rate, (measures.get("intervals") or {}).get(rate))
    return f" (95 % interval over subjects {shown})" if shown else ""


def _low(measures: Mapping[str, Any]) -> float:
    bounds = (measures.get("intervals") or {}).get("auc")
    low = bounds[0] if bounds else measures.get("auc")
    return 1.0 if low is None else float(low)


def _where(group: Group) -> str:
    """Where it was tested; unseen only where no domain of the target trains."""
    targets = " + ".join(group.first.targets)
    if not targets:
        return f"the test clips of {group.first.protocol}"
    seen = set(group.first.targets) & set(group.first.sources)
    return f"the test clips of {targets}" if seen else f"{targets}, which it never saw"
