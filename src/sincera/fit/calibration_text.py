"""A calibration's report for people, in Markdown."""

from __future__ import annotations

from sincera.fit.calibrate import Report

_WORDS = {
    "bpcer": "lives rejected (BPCER)",
    "apcer_max": "attacks accepted, worst kind (APCER)",
    "apcer_pooled": "attacks accepted, all kinds",
    "hter": "mean of both (HTER)",
    "auc": "AUC, at any threshold",
}


def markdown(report: Report) -> str:
    """One page: the point, on whom it rests, what follows, what to beware of."""
    model = report.model
    lines = [
        f"# Calibration of {model.name} {model.version}",
        "",
        f"Operating point: **{report.threshold.rule}**, attack if score > **{report.threshold.value:.6g}**"
        f"{_spread(report)}. Before: {report.before.value:.6g}, {report.before.origin}.",
        "",
        f"It rests on {_people(report)}: {report.live} live and {report.attack} attack clips with a score"
        f"{f', {report.silent} without one' if report.silent else ''} ({report.threshold.fitted_on}).",
        "",
        "| at this point, on the same clips | rate | 95 % interval | before |",
        "|---|---|---|---|",
        *_rows(report),
        "",
        _held_out(report),
    ]
    if report.warnings:
        lines += ["", "## Beware", "", *(f"- {warning}." for warning in report.warnings)]
    return "\n".join([*lines, "", f"The model that was set: SHA-256 {model.sha256}.", ""])


def _people(report: Report) -> str:
    if report.people is None:
        return "an unknown number of people"
    return "1 person" if report.people == 1 else f"{report.people} people"


def _spread(report: Report) -> str:
    if report.spread is None:
        return ""
    low, high = report.spread
    return f" (with other people of this kind {low:.4g} to {high:.4g}, 95 %)"


def _rows(report: Report) -> list[str]:
    rows = []
    kinds = [name for name in report.rates if name.startswith("apcer:")]
    repeated = {"apcer_max", *kinds} if len(kinds) == 1 else set()  # one kind of attack is all of them
    for name, rate in report.rates.items():
        if name in repeated:
            continue
        ends = report.intervals.get(name)
        interval = "not known" if ends is None else f"{_rate(name, ends[0])} to {_rate(name, ends[1])}"
        before = report.rates_before.get(name)
        what = _WORDS.get(name, f"of these, {name.removeprefix('apcer:')}")
        rows.append(f"| {what} | {_rate(name, rate)} | {interval} | {'' if before is None else _rate(name, before)} |")
    return rows


def _rate(name: str, value: float) -> str:
    return f"{value:.3f}" if name == "auc" else f"{value:.1%}"


def _held_out(report: Report) -> str:
    """What the threshold does to people whom it has not seen: nearer to the truth than the table above."""
    whom = "clips" if report.people is None else "people"
    if report.held_out is None:
        return f"Not validated: too few {whom} to leave some out of the fit."
    parts = [f"{report.held_out['bpcer']:.1%} of lives rejected"]
    if "apcer_pooled" in report.held_out:
        parts.append(f"{report.held_out['apcer_pooled']:.1%} of attacks accepted")
    return f"On {whom} left out of the fit in turns: {', '.join(parts)}."
