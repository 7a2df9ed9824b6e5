"""The paper's claims are the numbers that its tables give."""

import pytest

from sincera.papers.measured import Figure
from sincera.papers.mtfas.effects import Claim, block, effects
from sincera.papers.mtfas.tables.oulu import BEST, CLAIMS
from sincera.papers.mtfas.tasks import FOUR_GROUPS, OULU_GROUPS, SIWM_GROUPS
from sincera.papers.mtfas.variants import (
    BC_DEPTH,
    BC_MT,
    DTN_DEPTH,
    DTN_MT,
    FASDR_DEPTH,
    FASDR_MT,
    ONE,
    SIX,
    THREE,
    rivals,
)
from sincera.papers.mtfas.variants import TWO as SIWM_ROWS
from sincera.papers.published import values_of


class Nothing:
    """As if every row had half of an error of the one before it."""

    def __init__(self, rows):
        self.rows = rows

    def headline(self, group):
        return "ST"

    def figure(self, row, group, policy, rate):
        return Figure.of([0.5 ** (1 + self.rows.index(row))])

    def less(self, row, other, group, rate, *, policy):
        return None


def falls(rows, claims, table, groups, metric="ACER(%)"):
    found = effects(claims, Nothing(rows), values_of(table), rate="acer_pooled", metric=metric, groups=groups)
    return [None if one.printed is None else round(100 * one.printed, 1) for one in found]


def test_what_the_text_claims_follows_from_its_tables():
    """The text's own numbers: 60 %; 16 %; 37.5, 17 and 22 %; 15, 6, 38 and 17 %."""
    assert falls(ONE, CLAIMS[:1], "mtfas/1", OULU_GROUPS[:1]) == [60.0]
    assert falls(ONE, (BEST,), "mtfas/1", OULU_GROUPS[3:]) == [pytest.approx(15.9)]
    claims = (Claim(FASDR_MT, (DTN_DEPTH, FASDR_DEPTH)), Claim(DTN_MT, (DTN_DEPTH,)))
    assert falls(SIWM_ROWS, claims, "mtfas/2", SIWM_GROUPS[-1:]) == [37.5, pytest.approx(17, abs=0.5), 22.0]
    four = falls(THREE, (Claim(BC_MT, (BC_DEPTH,)),), "mtfas/3", FOUR_GROUPS, "HTER(%)")
    assert four == pytest.approx([15, 6, 38, 17], abs=0.8)
    known = rivals("fasdr")
    assert min(falls(known, (Claim(known[-1], known[1:-1]),), "mtfas/4", OULU_GROUPS[3:])) >= 20
    assert falls(SIX, (Claim(SIX[-1], SIX[:-1]),), "mtfas/6", OULU_GROUPS[:1]) == [
        91.5,
        90.5,
        85.7,
        60.0,
        25.0,
        14.3,
        0.0,
    ]


def test_the_best_other_is_named_and_so_is_the_printed_one():
    (found,) = effects(
        (BEST,), Nothing(ONE), values_of("mtfas/1"), rate="acer_pooled", metric="ACER(%)", groups=OULU_GROUPS[3:]
    )
    assert found.text == "OULU-NPU 4: CDCN(MT) against the best other, CDCN(Depth) (in print Disentangled [47])"
    assert (found.row, found.other, found.fall, found.fall_tt) == ("CDCN-MT", "CDCN-Depth", None, 0.5)


def test_what_is_not_there_is_not_claimed():
    assert effects(CLAIMS, Nothing(ONE[1:3]), {}, rate="acer", metric="ACER(%)", groups=OULU_GROUPS) == []
    assert block([], name="ACER") == ()


def test_a_group_that_is_not_printed_has_a_measured_fall_alone():
    (found,) = effects(
        CLAIMS[:1],
        Nothing(ONE),
        values_of("mtfas/1"),
        rate="acer_pooled",
        metric="ACER(%)",
        groups=[OULU_GROUPS[3].within(["oulu/4/1"])],
    )
    assert (found.printed, found.fall_tt) == (None, 0.5)
    (made,) = block([found], name="ACER")
    assert made.rows == (("OULU-NPU 4, 1 of 6 parts: FAS-DR(MT) against FAS-DR(Depth)", "", "", "", "50 %"),)
