import cv2
import numpy as np
import pytest

from sincera.simulate.heads import PARTS, random_lights
from sincera.simulate.heads import materials as kinds
from sincera.simulate.instruments.dressing import HARD, METAL, PAPER, Dressing, even_lights
from sincera.simulate.instruments.outlines import above
from sincera.simulate.instruments.shells import Surface

BODY = [PARTS.index(name) for name in ("skin", "neck")]


def card():
    """A square card of 4 cm before the nose."""
    vertices = np.array([[-0.2, -0.2, 1.5], [0.2, -0.2, 1.5], [0.2, 0.2, 1.5], [-0.2, 0.2, 1.5]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    uv = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)[triangles]
    return Surface(vertices, np.tile(np.array([0, 0, 1], np.float32), (4, 1)), triangles, uv)


def test_who_puts_nothing_on_looks_as_before_and_is_no_attack(person, seen, cover):
    made = Dressing(person).finished({"kind": "nothing"})
    before, after = seen(person), seen(made.person)
    np.testing.assert_allclose(after.rgb, before.rgb, atol=2e-3)
    np.testing.assert_array_equal(after.parts, before.parts)
    assert cover(made).max() == 0


def test_all_skin_painted_is_all_skin_covered(person, seen, cover):
    dressing = Dressing(person)
    dressing.painted[:] = 1
    dressing.albedo[:] = 0.1, 0.5, 0.1
    made = dressing.finished({"kind": "all"})
    picture, share = seen(made.person), cover(made)
    skin = np.isin(picture.parts, BODY)
    inner = cv2.erode(skin.astype(np.uint8), np.ones((3, 3))) > 0
    assert (share[inner] > 0.98).mean() > 0.97  # hair and skin share the others
    clothes = cv2.erode((picture.parts == PARTS.index("clothes")).astype(np.uint8), np.ones((3, 3))) > 0
    assert share[clothes].max() < 0.02
    assert (picture.rgb[inner][:, 1] > picture.rgb[inner][:, 0]).mean() > 0.98


@pytest.mark.parametrize("kind", [PAPER, HARD, METAL])
def test_a_thing_is_where_its_truth_says_whatever_it_is_made_of(person, seen, cover, kind):
    dressing = Dressing(person)
    if kind == PAPER:
        dressing.print_on(np.full((16, 16, 3), (0.0, 0.0, 0.9), np.float32))
    elif kind == HARD:
        dressing.paint_hard(np.full((16, 16, 3), (0.0, 0.0, 0.9), np.float32))
    else:
        dressing.palette[METAL] = 0.0, 0.0, 0.9, 0.5
    dressing.put(card(), kind)
    made = dressing.finished({"kind": "card"})
    # In light without shadows: else the card would change what it shades too.
    blue = seen(made.person, even_lights()).rgb
    share, changed = cover(made), np.abs(blue - seen(person, even_lights()).rgb).max(2)
    inside = cv2.erode((share > 0.5).astype(np.uint8), np.ones((3, 3))) > 0
    assert 250 < inside.sum() < 900
    assert changed[inside].min() > 0.02
    assert (blue[inside][:, 2] > 2 * blue[inside][:, 0]).all()
    far = cv2.dilate((share > 0).astype(np.uint8), np.ones((15, 15))) == 0
    assert changed[far].max() < 2e-3


def test_the_truth_is_the_same_in_any_light(person, seen, cover):
    """The attack is seen in some light; its truth comes from another picture, which knows none."""
    dressing = Dressing(person)
    dressing.print_on(np.full((16, 16, 3), 0.5, np.float32))
    dressing.put(card(), PAPER)
    made = dressing.finished({"kind": "card"})
    lit = seen(made.truth, random_lights(np.random.default_rng(1)))
    opaque = (lit.alpha > 0.99) & (cover(made) > 0.99)
    assert opaque.sum() > 250
    assert np.ptp(cover(made)[opaque]) < 0.01


def test_clear_things_dim_what_is_behind_them_and_count(person, seen, cover):
    dressing = Dressing(person)
    dressing.put_clear(card(), np.full(3, 0.5, np.float32))
    made = dressing.finished({"kind": "clear"})
    share = cover(made)
    inside = cv2.erode((share > 0.5).astype(np.uint8), np.ones((3, 3))) > 0
    assert 250 < inside.sum() < 900
    ratio = seen(made.person).rgb[inside].mean() / seen(person).rgb[inside].mean()
    assert 0.45 < ratio < 0.95
    assert share[seen(person).alpha < 0.01].max() == 0


def test_hair_is_cut_along_a_line_and_beards_come_off(bearded, person, seen):
    dressing = Dressing(person)
    dressing.trim(kinds.HAIR, above(1.0))
    hair = PARTS.index("hair")
    trimmed, before = seen(dressing.finished({"kind": "trim"}).person), seen(person)
    assert 0 < (trimmed.parts == hair).sum() < 0.8 * (before.parts == hair).sum()
    dressing = Dressing(bearded)
    dressing.off(kinds.BEARD)
    dressing.take_off_glasses()
    shaved = seen(dressing.finished({"kind": "shaved"}).person)
    assert not np.isin(shaved.parts, [PARTS.index("beard"), PARTS.index("glasses")]).any()
    assert (seen(bearded).parts == PARTS.index("beard")).sum() > 100
