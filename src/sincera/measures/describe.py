"""Measures laid out for people: percent, intervals beside them, the worst species and group first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sincera.measures.paired import Paired
from sincera.measures.summary import Group, Intervals, Measures

_NAMES = {
    "apcer_mean": "APCER, mean of species",
    "apcer_pooled": "APCER, pooled",
    "bpcer": "BPCER",
    "acer": "ACER (worst species)",
    "acer_pooled": "ACER (pooled)",
    "hter": "HTER",
    "auc": "AUC",
    "eer": "EER of these very scores",
    "apcer_max": "APCER, worst species",
    "non_response": "non-response",
}


def describe(measures: Measures, name: str) -> str:
    """The page that `sincera measure` prints; name: where the scores come from.

    Several lines without a last newline.
    """
    parts = [_head(measures, name), _rates(measures)]
    if measures.by:
        parts.append(_groups(measures.by))
    return "\n\n".join([*parts, "\n".join(_notes(measures))])


def describe_paired(pairs: Sequence[Paired], name: str, other: str) -> str:
    """Differences between two score files in percentage points, with intervals and p."""
    rows = [
        (
            _NAMES[one.rate],
            _percent(one.a),
            _percent(one.b),
            f"{100 * one.difference:+.2f}",
            f"{100 * one.low:+.2f} … {100 * one.high:+.2f}",
            f"{one.p:.3f}",
        )
        for one in pairs
    ]
    first = pairs[0]
    head = f"{name} (a) against {other} (b): {first.clips} clips that both answered, {first.units} {first.kind} redrawn"
    left_out = f"\n{first.left_out} rows stand in one file only or have no score; they are left out" * bool(
        first.left_out
    )
    return f"{head}{left_out}\n{_table(('%', 'a', 'b', 'a - b', '95 % interval', 'p'), rows)}"


def _head(measures: Measures, name: str) -> str:
    things = "clips" if measures.unit == "clip" else "frames"
    people = f", {measures.resampling.units} subjects" * (measures.resampling.kind == "subjects")
    head = f"{name}: {measures.n_live} live and {measures.n_attack} attack {things}{people}"
    if measures.threshold is None:
        return f"{head}\nthreshold of each evaluation its own, rule {measures.rule}"
    tuned = "\nTT: the threshold is tuned on the labels it is judged by, as papers do; in use nobody has them"
    return (
        f"{head}\nattack if score > {measures.threshold.value!r}: {measures.threshold.origin}"
        f"{tuned * (measures.rule == 'target-eer')}"
    )


def _rates(measures: Measures) -> str:
    ends = measures.intervals
    rows = [(_NAMES["apcer_max"], _percent(measures.apcer_max), _ends(ends, "apcer_max"), "")]
    for species, rate in measures.apcer.items():
        counts = _counts(rate, measures.n_species[species])
        rows.append((f"  {species}", _percent(rate), _ends(ends, f"apcer:{species}"), counts))
    attacks = sum(measures.n_species.values())
    lives = measures.n_live + measures.n_attack - round(measures.non_response * (measures.n_live + measures.n_attack))
    lives -= attacks
    counted = {
        "apcer_pooled": _counts(measures.apcer_pooled, attacks),
        "bpcer": _counts(measures.bpcer, lives),
        "non_response": _counts(measures.non_response, measures.n_live + measures.n_attack),
    }
    single = ("apcer_mean", "apcer_pooled", "bpcer", "acer", "acer_pooled", "hter", "auc", "eer")
    rows += [(_NAMES[one], _percent(getattr(measures, one)), _ends(ends, one), counted.get(one, "")) for one in single]
    for allowed, recall in measures.recall_at_fpr.items():
        title = f"attacks found at FPR {100 * float(allowed):g} %"
        rows.append((title, _percent(recall), _ends(ends, f"recall_at_fpr:{allowed}"), ""))
    rows.append(
        (_NAMES["non_response"], _percent(measures.non_response), _ends(ends, "non_response"), counted["non_response"])
    )
    return _table(("", "%", "95 % interval", "errors"), rows)


def _groups(by: Mapping[str, Group]) -> str:
    rows = [
        (
            name or "(empty)",
            str(group.n_live),
            str(group.n_attack),
            _percent(group.apcer_max),
            _ends(group.intervals, "apcer_max"),
            _percent(group.bpcer),
            _ends(group.intervals, "bpcer"),
            _percent(group.hter),
            _ends(group.intervals, "hter"),
            _percent(group.non_response),
        )
        for name, group in by.items()
    ]
    interval = "95 % interval"
    head = ("group", "live", "attack", "APCER", interval, "BPCER", interval, "HTER", interval, "no answer")
    return "groups, the worst first (APCER of the worst species; %)\n" + _table(head, rows)


def _notes(measures: Measures) -> list[str]:
    drawn = measures.resampling
    lines = list(measures.notes)
    if measures.intervals:
        how = f"intervals: {100 * drawn.level:g} %, {drawn.rounds} resamples of {drawn.units} {drawn.kind}"
        how += f", seed {drawn.seed}"
        lines.insert(0, f"{how}; where no error was seen, up to 3 / answers (rule of three)")
    return lines


def _counts(rate: float, total: int) -> str:
    return f"{round(rate * total)} of {total}"


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.2f}"


def _ends(intervals: Intervals, name: str) -> str:
    if name not in intervals:
        return "-"
    low, high = intervals[name]
    return f"{100 * low:.2f} … {100 * high:.2f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = (
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in (head, *rows)
    )
    return "\n".join(line.rstrip() for line in lines)
