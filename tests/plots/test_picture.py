import xml.etree.ElementTree as ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from sincera.errors import UsageError
from sincera.plots import Picture
from sincera.plots.picture import FAINT, INK, style


@pytest.fixture
def picture():
    with style("line"):
        figure = Figure(figsize=(2, 1))
        figure.add_subplot().plot([0, 1], [0, 1], label="a < b & c")
        figure.legend()
    return Picture(figure, "line", 'a line "up", <b> & more')


def test_svg_is_one_element_that_takes_the_size_and_colours_of_its_page(picture):
    text = picture.svg()
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert "viewBox" in root.attrib
    assert "width" not in root.attrib
    assert "height" not in root.attrib
    assert INK not in text
    assert FAINT not in text.replace(f"var(--line, {FAINT})", "")
    assert "currentColor" in text
    assert "var(--line" in text


def test_svg_says_what_it_shows_and_keeps_text_as_text(picture):
    root = ElementTree.fromstring(picture.svg())
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'a line "up", <b> & more'
    assert any("a < b & c" in (element.text or "") for element in root.iter())


def test_pictures_are_the_same_every_time_and_their_identifiers_differ(picture):
    assert picture.svg() == picture.svg()
    other = Picture(picture.figure, "other", "")

    def identifiers(one):
        return {found for element in ElementTree.fromstring(one.svg()).iter() if (found := element.get("id"))}

    assert any(found in picture.svg().replace(f'id="{found}"', "") for found in identifiers(picture))
    assert identifiers(picture).isdisjoint(identifiers(other))


def test_png(picture, tmp_path):
    picture.save(tmp_path / "line.png")
    assert (tmp_path / "line.png").read_bytes().startswith(b"\x89PNG")
    picture.save(tmp_path / "line.svg")
    assert (tmp_path / "line.svg").read_text().startswith("<svg")
    picture.save(tmp_path / "line.pdf")
    assert (tmp_path / "line.pdf").read_bytes().startswith(b"%PDF")
    assert picture.pdf() == picture.pdf()
    with pytest.raises(UsageError, match=r"written as \.svg, \.png, \.pdf, not \.gif"):
        picture.save(tmp_path / "line.gif")


def test_the_style_leaves_the_settings_of_others_alone():
    before = dict(mpl.rcParams)
    with style("x"):
        assert mpl.rcParams["svg.hashsalt"] == "x"
    assert dict(mpl.rcParams) == before
