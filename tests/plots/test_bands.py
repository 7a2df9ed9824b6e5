import numpy as np
import pytest

from sincera.errors import UsageError
from sincera.plots import Band, Panel, bands


def draw(panel, **options):
    return bands([panel], name="bands", alt="x", x_label="step", **options)


def test_the_curve_is_the_mean_over_seeds_and_the_band_their_range():
    values = np.array([[1.0, 2.0, 3.0], [3.0, np.nan, 5.0]])
    picture = draw(Panel("loss", {"dann": Band([0, 10, 20], values)}))
    axes = picture.figure.axes[0]
    assert axes.lines[0].get_xydata().tolist() == [[0, 2], [10, 2], [20, 4]]
    corners = axes.collections[0].get_paths()[0].vertices
    assert corners[:, 1].min() == 1
    assert corners[:, 1].max() == 5


def test_curves_of_seeds_are_drawn_thin_where_asked_for():
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    picture = draw(Panel("loss", {"dann": Band([0, 1], values)}), spread="curves")
    assert len(picture.figure.axes[0].lines) == 3
    assert not picture.figure.axes[0].collections


def test_places_that_no_seed_has_are_left_out():
    picture = draw(
        Panel("loss", {"a": Band([0, 1], np.array([[np.nan, 2.0]])), "b": Band([0, 1], np.array([[1.0, 1.0]]))})
    )
    assert picture.figure.axes[0].lines[0].get_xydata().tolist() == [[1, 2]]


def test_a_level_has_its_name_and_rates_are_percent():
    picture = draw(Panel("right", {"a": Band([0, 1], np.array([[0.5, 1.0]]))}, rate=True, level=(1 / 3, "by chance")))
    axes = picture.figure.axes[0]
    assert any(text.get_text() == "by chance" for text in axes.texts)
    assert axes.yaxis.get_major_formatter()(0.5) == "50%"
    assert axes.get_ylim()[0] == 0


def test_nothing_to_draw():
    with pytest.raises(UsageError, match="no curve"):
        draw(Panel("loss", {}))


def test_points_may_stand_alone_and_values_be_logarithmic():
    picture = draw(Panel("a", {"printed": Band([0, 1], np.array([[1.0, 10.0]]), joined=False)}, logarithmic=True))
    axes = picture.figure.axes[0]
    assert axes.lines[0].get_linestyle() == "None"
    assert axes.lines[0].get_marker() == "o"
    assert axes.get_yscale() == "log"
