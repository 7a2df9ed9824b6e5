import pytest

from sincera.errors import UsageError
from sincera.plots import Series, training


def test_a_panel_for_each_title_over_shared_steps():
    picture = training(
        {
            "loss": {"total": Series([10, 20, 30], [0.7, 0.4, 0.2])},
            "error": {"source": Series([10, 30], [0.3, 0.1]), "target": Series([10, 30], [0.4, 0.25])},
        },
        rates=("error",),
        marks={"ST": 20},
    )
    loss, error = picture.figure.axes
    assert (loss.get_title(loc="left"), error.get_title(loc="left")) == ("loss", "error")
    assert error.get_ylim()[0] == 0
    assert error.yaxis.get_major_formatter()(0.25) == "25%"
    assert [text.get_text() for text in loss.texts] == ["ST"]
    assert picture.alt.startswith("Training curves. loss, total: from 0.7 to 0.2; error, source: from 0.3 to 0.1; ")


@pytest.mark.parametrize("panels", [{}, {"loss": {}}])
def test_nothing_logged_is_an_error(panels):
    with pytest.raises(UsageError, match="nothing was logged"):
        training(panels)
