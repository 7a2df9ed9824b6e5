"""HTER, AUC and the worst species' APCER of a table's cells, under ST and TT.

    sincera table mtfas/5 … --runs RUNS --json > table.json
    python -m benchmarks.metateacher.compare table.json > table.md

Reads what the cells' runs measured (from the folder where the table was made): percent, mean ± sample deviation over
seeds; in brackets the table's 95 % interval over the target's people, who bring all seeds.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sincera.runs import Run

RATES = {"hter": "HTER", "auc": "AUC", "apcer_max": "worst APCER"}
POLICIES = ("ST", "TT")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    asked = parser.parse_args()
    cells = json.loads(asked.table.read_text())["cells"]
    for protocol in dict.fromkeys(cell["protocol"] for cell in cells):
        print("\n".join(lines(protocol, [cell for cell in cells if cell["protocol"] == protocol])) + "\n")


def lines(protocol: str, cells: list[dict[str, Any]]) -> Iterator[str]:
    test = cells[0]["counts"]["test"]
    yield f"### {protocol}: {test['live']} live, {test['attack']} attack clips of {test['subjects']} people tested"
    yield ""
    yield "| supervision | " + " | ".join(f"{policy} {rate}" for policy in POLICIES for rate in RATES.values()) + " |"
    yield "|---" * (len(POLICIES) * len(RATES) + 1) + "|"
    order = sorted(cells, key=lambda cell: cell["policies"]["ST"]["hter"]["mean"])
    for cell in order:
        found = [measured(cell, policy, rate) for policy in POLICIES for rate in RATES]
        yield f"| {cell['row']} | " + " | ".join(found) + " |"
    cue = cells[0]["cue"]
    told = " or ".join(cue["names"])
    yield f"| trivial cue: {told} | {percent(cue['hter']['mean'])} | {percent(cue['auc']['mean'])} | | | | |"


def measured(cell: Mapping[str, Any], policy: str, rate: str) -> str:
    values = [(Run(Path(run)).measures() or {})["policies"][policy]["measures"][rate] for run in cell["runs"]]
    text = f"{percent(statistics.fmean(values))} ± {percent(statistics.stdev(values))}"
    ends = cell["policies"][policy].get(rate, {}).get("interval")
    return text if ends is None else f"{text} [{percent(ends[0])}, {percent(ends[1])}]"


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


if __name__ == "__main__":
    main()
