import pytest

from sincera.plots import Box, Diagram


def test_sides_of_a_box():
    box = Box(5, 3, 4, 2, "student")
    assert box.side("left") == (3, 3)
    assert box.side("right", 0.75) == (7, 3.5)
    assert box.side("top", 0.25) == (4, 4)
    assert box.side("bottom") == (5, 2)


def test_words_and_parts_are_on_the_sheet():
    sheet = Diagram("sheet", 10, 5)
    sheet.ground(0.2, 0.2, 9, 4, "#123456", "stage")
    first = sheet.box(Box(2, 2, 2, 1, "student", "network.trunk\n11 M"), dashed=True, fill="#123456")
    second = sheet.box(Box(7, 2, 2, 1, "head"))
    sheet.arrow(first.side("right"), second.side("left"), "512", dashed=True)
    picture = sheet.picture("A student.")
    assert picture.figure.get_size_inches() == pytest.approx([10 / 2.54, 5 / 2.54])
    found = [text.get_text() for text in picture.figure.axes[0].texts]
    assert found == ["stage", "student", "network.trunk\n11 M", "head", "512"]
    assert picture.svg() == picture.svg()
