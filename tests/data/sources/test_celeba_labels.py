"""CelebA-Spoof's 44 labels and its box files, alone and on their way into a store."""

from collections import Counter

import numpy as np
import pytest

from sincera.clip import Clip, Label
from sincera.data.prepare import Preparation, prepare
from sincera.data.sources.annotations import read_annotation
from sincera.data.sources.celeba_boxes import format_box, parse_box
from sincera.data.sources.celeba_labels import ATTRIBUTES, MEDIA, SPECIES, Attributes, Row, numbers, pack
from sincera.data.store import Store
from sincera.errors import LayoutError
from sincera.faces import Face


class TestLabels:
    def test_the_attributes_are_celebas_forty_in_order(self):
        assert len(ATTRIBUTES) == len(set(ATTRIBUTES)) == 40
        assert list(ATTRIBUTES) == sorted(ATTRIBUTES)
        assert (ATTRIBUTES[8], ATTRIBUTES[20], ATTRIBUTES[39]) == ("Black_Hair", "Male", "Young")

    def test_every_code_comes_back_from_its_word(self):
        for code, species in enumerate(SPECIES):
            row = Row(pack(numbers((), species, *(("back", "indoor") if species else ("", "")))))
            assert row.values[40:] == bytes([code, 3 if code else 0, 1 if code else 0, int(code > 0)])
            assert (row.attack, row.label is Label.ATTACK) == (species, code > 0)
            assert row.conditions == (
                {"medium": MEDIA[species], "illumination": "back", "environment": "indoor"} if species else {}
            )
        assert Counter(MEDIA.values()) == {"print": 3, "paper_cut": 3, "replay": 3, "3d": 1}

    def test_an_attack_without_a_type_is_unknown_and_never_live(self):
        assert Row(pack([0] * 43 + [1])).attack == "unknown"
        assert Row(b"\1").attack == "unknown"
        assert Row(b"\1").conditions == {}
        assert Row(b"\0").attributes() == {}

    def test_attributes_belong_to_live_pictures(self):
        live, attack = Row(pack(numbers(["Bald"]))), Row(pack(numbers([], "pc", "dark", "indoor")))
        assert {name for name, value in live.attributes().items() if value} == {"Bald"}
        assert len(live.attributes()) == 40
        assert dict(live.attributes(("Male", "Bald"))) == {"Male": 0.0, "Bald": 1.0}
        assert attack.attributes() == {}

    def test_attributes_are_a_mapping_that_travels(self):
        import pickle

        known = Attributes(("Bald", "Male"), b"\1\0")
        assert pickle.loads(pickle.dumps(known)) == {"Bald": 1.0, "Male": 0.0} == dict(known)
        with pytest.raises(KeyError):
            known["Young"]
        assert known.get("Young") is None

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ([0] * 43, "43 integers"),
            ([0] * 40 + [11, 0, 0, 1], "integer 40"),
            ([0] * 40 + [1, 5, 0, 1], "integer 41"),
            ([0] * 40 + [1, 1, 3, 1], "integer 42"),
            ([0] * 43 + [2], "integer 43"),
            ([7] + [0] * 43, "attribute"),
        ],
    )
    def test_rows_that_are_not_the_owners_are_refused(self, row, told):
        with pytest.raises(ValueError, match=told):
            pack(row)


class TestBoxes:
    def test_the_frame_is_224_whatever_the_picture(self):
        face = parse_box("56 112 28 56 0.75", (448, 112))
        assert face.box.tolist() == [112, 56, 168, 84]
        assert face.confidence == 0.75

    def test_what_shows_no_face_gives_none(self):
        assert parse_box("", (100, 100)) is None
        assert parse_box("  \n", (100, 100)) is None
        assert parse_box("10 10 0 50 0.9", (224, 224)) is None
        assert parse_box("10 10 2 50 0.9", (224, 224)) is None
        assert parse_box("10 10 -5 50 0.9", (224, 224)) is None
        assert parse_box("10 10 2 50 0.9", (448, 224)) is not None  # four pixels there

    def test_a_box_may_begin_outside_the_picture(self):
        assert parse_box("-10 -4 100 120 0.9", (224, 224)).box.tolist() == [-10, -4, 90, 116]

    @pytest.mark.parametrize("text", ["1 2 3 4", "a b c d e", "1 2 nan 4 0.9", "0 1 2 3 4 5"])
    def test_other_text_is_refused_with_its_place(self, text):
        with pytest.raises(LayoutError, match=r"x_BB.txt: found .* expected one line x y width height score"):
            parse_box(text, (224, 224), where="x_BB.txt")

    def test_what_is_written_is_read(self):
        rng = np.random.default_rng(0)
        for _ in range(20):
            size = tuple(rng.integers(60, 900, 2))
            corner, extent = rng.uniform(-20, 100, 2), rng.uniform(40, 300, 2)
            face = Face([*corner, *(corner + extent)], confidence=0.5)
            again = parse_box(format_box(face, size), size)
            np.testing.assert_allclose(again.box, face.box, atol=1.1 * max(size) / 224)
            assert again.confidence == 0.5
        assert format_box(None, (10, 10)) == ""


def test_boxes_reach_the_store_and_attributes_too(tmp_path):
    """The annotated detector cuts where the box file says; a live picture's attributes stand in the store."""
    import cv2

    picture = np.full((400, 200, 3), 40, np.uint8)
    picture[100:300, 50:150] = 220
    clips = []
    for name, row in (("a", numbers(["Male"])), ("b", numbers((), "pad", "normal", "indoor"))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), picture)
        box = tmp_path / f"{name}_BB.txt"
        box.write_text("56 56 112 112 0.9\n")
        row = Row(pack(row))
        clips.append(
            Clip(
                tmp_path / f"{name}.png",
                row.label,
                row.attack,
                "S",
                name,
                "train",
                row.conditions,
                name=f"{name}.png",
                annotation=box,
                attributes=row.attributes(),
            )
        )
    assert read_annotation(clips[0])[0].box.tolist() == [50, 100, 150, 300]
    prepare(clips, tmp_path / "store", Preparation(detector="annotated"), workers=1)
    store = Store.open(tmp_path / "store")
    np.testing.assert_allclose(store.box, [[50, 100, 150, 300]] * 2)
    assert store.attribute_names == tuple(sorted(ATTRIBUTES))
    attributes = dict(zip(store.attribute_names, store.extra("attributes", [0, 1]).T, strict=True))
    assert attributes["Male"][0] == 1
    assert attributes["Bald"][0] == 0
    assert np.isnan(attributes["Male"][1])
    assert store.crops([0])[0, 100:150, 100:150].mean() > 200
    (tmp_path / "a_BB.txt").write_text("")
    assert read_annotation(clips[0]) == {}
