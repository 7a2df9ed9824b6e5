import numpy as np
import pytest

from sincera.errors import UsageError
from sincera.plots import heat, jet, picture_grid

GREY = np.full((8, 8, 3), 120, np.uint8)


def texts(picture):
    return [text.get_text() for text in picture.figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_heat_leaves_what_has_no_evidence_and_grows_brighter_with_it():
    found = heat(GREY, np.linspace(0, 1, 64).reshape(8, 8))
    assert found.dtype == np.uint8
    assert found[0, 0].tolist() == [120, 120, 120]
    assert found[7, 7].astype(int).sum() > found[4, 0].astype(int).sum()
    assert heat(GREY * [1, 0, 2], np.zeros((8, 8)))[0, 0].std() == 0, "the crop itself is shown in grey"


def test_rows_columns_groups_and_captions_are_written():
    picture = picture_grid(
        {"image": [GREY] * 3, "a long name\nof two lines": [GREY] * 3}, ["live", "live", "print"], name="grid", alt="x",
        groups=["O", "O", "C"], frames=["red", "red", "green"], captions={"image": ["0.1", "0.2", "0.3"]},
        scale="share",
    )  # fmt: skip
    found = texts(picture)
    for word in ("image", "a long name\nof two lines", "print", "O", "C", "0.3", "share"):
        assert word in found
    assert found.count("O") == 1, "neighbours of one group share its name"
    assert found.count("live") == 2
    assert picture.png().startswith(b"\x89PNG")


def test_columns_of_another_group_stand_further_apart():
    def gaps(groups):
        picture = picture_grid({"a": [GREY] * 3}, ["1", "2", "3"], name="grid", alt="x", groups=groups)
        left = [axes.get_position().x0 * picture.figure.get_size_inches()[0] for axes in picture.figure.axes]
        return np.diff(left)

    together, apart = gaps(["O"] * 3), gaps(["O", "O", "C"])
    assert together[0] == pytest.approx(together[1])
    assert apart[1] > apart[0] == pytest.approx(together[0])


def test_rows_of_different_length():
    with pytest.raises(UsageError, match=r"rows of \[1, 2\] pictures under 2 columns"):
        picture_grid({"a": [GREY, GREY], "b": [GREY]}, ["1", "2"], name="grid", alt="x")


def test_jet_is_blue_at_nothing_and_red_at_one_and_keeps_its_pixels():
    found = jet(np.array([[0.0, 0.5], [1.0, 2.0]]), 7)
    assert found.shape == (8, 8, 3)
    assert found[0, 0].argmax() == 2
    assert found[7, 0].tolist() == found[7, 7].tolist(), "beyond 1 nothing is redder"
    assert found[7, 0].argmax() == 0
    assert (found[:4, :4] == found[0, 0]).all(), "each pixel of the map is a square of one colour"


def test_a_place_may_stay_empty_and_rows_may_stand_apart():
    def low(**options):
        picture = picture_grid(
            {"a": [GREY, None], "b": [GREY] * 2}, ["1", "two\nlines"], name="grid", alt="x", **options
        )
        return [axes.get_position().y0 * picture.figure.get_size_inches()[1] for axes in picture.figure.axes]

    together, apart = low(), low(apart=("b",))
    assert len(together) == 3
    assert apart[0] - apart[1] > together[0] - together[1] + 0.1


def test_the_bar_has_the_colours_that_are_asked_for():
    bars = [
        picture_grid({"a": [GREY]}, [""], name="grid", alt="x", scale="share", colours=one).figure.axes[-1].images[0]
        for one in ("heat", "jet")
    ]
    assert [bar.get_cmap().name for bar in bars] == ["inferno", "jet"]
