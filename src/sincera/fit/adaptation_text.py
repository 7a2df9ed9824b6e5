"""What an adaptation found, for people: a page of Markdown."""

from __future__ import annotations

from sincera.fit.adapt import Errors
from sincera.fit.adapted import Adapted

_MEANS = (
    "The head was fitted on these captures alone. What it has learnt of your camera and rooms holds there; an "
    "instrument that you did not record, or another camera, it does not know. Part of what it learns is what your "
    "recordings look like: record live faces and attacks in the same rooms, light and sitting, and more than one each."
)


def markdown(found: Adapted, name: str) -> str:
    """The page. name: of the model that was adapted."""
    lines = [f"# {name}, adapted to own captures", "", "| class | faces | files | recordings |", "|---|---|---|---|"]
    lines += [
        f"| {kind} | {one['faces']} | {one['files']} | {one['recordings']} |" for kind, one in found.counts.items()
    ]
    if found.without:
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.without.items()))
        lines += ["", f"Files without a face that can be judged: {told}."]
    lines += ["", "## On recordings left out", ""]
    if found.validated is None:
        lines.append("Not validated: no error rate can be told from these recordings.")
    else:
        one = found.validated
        lines += [
            f"{one.folds} times a live recording and one of attacks, or several, were left out; by face.",
            "",
            "| | HTER | APCER | BPCER | AUC |",
            "|---|---|---|---|---|",
            _row("the model as it was", one.before),
            _row("with a threshold of its own alone", one.threshold),
            _row("adapted", one.adapted),
        ]
    before, after = found.simulated
    lines += [
        "",
        f"AUC on the simulated faces that come along: {before:.3f} before, {after:.3f} after (ridge {found.ridge:g}).",
        "",
        _MEANS,
    ]
    if found.warnings:
        lines += ["", "## Warnings", "", *(f"- {warning}" for warning in found.warnings)]
    return "\n".join(lines) + "\n"


def _row(title: str, one: Errors) -> str:
    return f"| {title} | {one.hter:.3f} | {one.apcer:.3f} | {one.bpcer:.3f} | {one.auc:.3f} |"
