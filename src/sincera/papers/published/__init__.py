"""The numbers that the two papers print, as data: one CSV file a table, each number found in its source.

table,protocol,method,metric,value,std,note        value and std as printed (percent), empty where none is printed
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sincera.errors import UsageError
from sincera.recipe import nearest

__all__ = ["PUBLISHED", "Published", "Values", "published", "values_of"]

PUBLISHED: dict[str, str] = {
    **{f"dtda/{number}": f"dtda_table{number}.csv" for number in range(1, 8)},
    **{f"mtfas/{number}": f"mtfas_table{number}.csv" for number in range(1, 7)},
    "mtfas/fig7": "mtfas_fig7_points.csv",
}
Values = dict[tuple[str, str, str], "Published"]


@dataclass(frozen=True, slots=True)
class Published:
    """One cell of a printed table.

    value: as printed, in the metric's unit; None where the paper prints a dash.  std: what follows its ±, None where
    nothing does.  note: what a reader must know about the cell.
    """

    table: str
    protocol: str
    method: str
    metric: str
    value: float | None
    std: float | None
    note: str = ""

    @property
    def text(self) -> str:
        """As printed; empty where there is no number.

        >>> Published("DTDA-V", "CelebA-Spoof 2 Average", "Ours (DTDA)", "AUC(%)", 99.89, 0.16).text
        '99.89 ± 0.16'
        """
        if self.value is None:
            return ""
        return f"{self.value:.2f}" + ("" if self.std is None else f" ± {self.std:.2f}")


@cache
def published(name: str) -> tuple[Published, ...]:
    """The printed cells of a table in the paper's order: `dtda/1` … `dtda/7`, `mtfas/1` … `mtfas/6`, `mtfas/fig7`.

    UsageError for another name.

    >>> published("dtda/2")[0].text, len(published("dtda/2"))
    ('11.43', 40)
    """
    if name not in PUBLISHED:
        there = f"; there are {', '.join(PUBLISHED)}."
        raise UsageError(f"no published table {name!r}{nearest(name, PUBLISHED) or there}")
    text = files("sincera.papers.published").joinpath(PUBLISHED[name]).read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        Published(
            row["table"],
            row["protocol"],
            row["method"],
            row["metric"],
            _number(row["value"]),
            _number(row["std"]),
            row["note"],
        )
        for row in rows
    )


def values_of(name: str) -> Values:
    """{(protocol, method, metric): cell} of a printed table, each as the paper spells it."""
    return {(one.protocol, one.method, one.metric): one for one in published(name)}


def _number(text: str) -> float | None:
    """None for an empty cell: what is not printed is unknown, never 0."""
    if not text:
        return None
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"a published number is finite, found {text!r}")
    return number
