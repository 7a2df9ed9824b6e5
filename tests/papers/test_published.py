"""The printed numbers, counted."""

import statistics

import pytest

from sincera.errors import UsageError
from sincera.papers.published import PUBLISHED, published, values_of

ROWS = {  # cells, numbers, numbers after a ±
    "dtda/1": (16, 16, 0),
    "dtda/2": (40, 40, 0),
    "dtda/3": (130, 130, 0),
    "dtda/4": (40, 40, 0),
    "dtda/5": (23, 23, 4),
    "dtda/6": (33, 31, 11),
    "dtda/7": (10, 10, 0),
    "mtfas/1": (132, 132, 66),
    "mtfas/2": (504, 504, 36),
    "mtfas/3": (120, 116, 0),
    "mtfas/4": (28, 24, 7),
    "mtfas/5": (56, 56, 0),
    "mtfas/6": (24, 24, 0),
    "mtfas/fig7": (2, 2, 0),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_table_has_all_its_numbers(name):
    cells = published(name)
    values = sum(cell.value is not None for cell in cells)
    assert (len(cells), values, sum(cell.std is not None for cell in cells)) == ROWS[name]
    assert len(values_of(name)) == len(cells), "no cell stands twice"


def test_all_numbers_of_both_papers():
    assert sum(values + spreads for _, values, spreads in ROWS.values()) == 1272


def test_what_is_not_printed_is_unknown_and_empty():
    dash = values_of("dtda/6")["CelebA-Spoof 1", "DPM [69]", "AUC(%)"]
    assert (dash.value, dash.std, dash.text) == (None, None, "")
    zero = values_of("dtda/6")["CelebA-Spoof 2", "AENet [61]", "AUC(%)"]
    assert (zero.std, zero.text) == (0.0, "99.80 ± 0.00"), "a printed 0 is a number"


def test_the_printed_mean_of_table_three_is_the_mean_of_its_row():
    printed = values_of("dtda/3")
    for metric, mean in (("HTER(%)", 9.66), ("AUC(%)", 95.45)):
        row = [one.value for key, one in printed.items() if key[1:] == ("Ours (DTDA)", metric) and key[0] != "Mean"]
        assert statistics.fmean(row) == pytest.approx(mean, abs=0.006)
        assert printed["Mean", "Ours (DTDA)", metric].value == mean


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean dtda/2"):
        published("dtda/22")
