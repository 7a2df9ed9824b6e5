import numpy as np

from sincera.plots import points


def test_each_group_has_a_colour_and_an_attack_is_filled():
    rng = np.random.default_rng(0)
    places = rng.normal(size=(8, 2))
    groups, attack = ["O", "C"] * 4, [False, False, True, True] * 2
    picture = points({"before": places, "after": places + 1}, groups, attack, name="p", alt="x", emphasised="C")
    assert [axes.get_title(loc="left") for axes in picture.figure.axes] == ["before", "after"]
    cells = picture.figure.axes[0].collections
    assert [len(cell.get_offsets()) for cell in cells] == [2, 2, 2, 2]
    hollow, filled = cells[0], cells[1]
    assert len(hollow.get_facecolors()) == 0
    assert len(filled.get_facecolors()) == 1
    assert cells[2].get_zorder() > hollow.get_zorder(), "the emphasised group lies above"
    labels = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert labels == ["O", "C", "hollow: live", "filled: attack"]
