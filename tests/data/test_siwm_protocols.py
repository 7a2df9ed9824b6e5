"""SiW-M's protocols: one kind held out, live videos on two sides, and the traps of the second version's lists."""

from itertools import combinations
from pathlib import Path

import pytest

from sincera.clip import Clip, Label
from sincera.data.protocols import SIWM, SIWM_V2, parse_protocol, runs_of
from sincera.data.protocols.overview import overview, overview_text
from sincera.data.sources import siwm, siwmv2
from sincera.errors import ProtocolError

TABLE_2 = [
    "Replay", "Print", "HalfMask", "SiliconeMask", "TransparentMask", "PaperMask", "MannequinHead", "Obfuscation",
    "Impersonation", "Cosmetic", "FunnyeyeGlasses", "PaperGlasses", "PartialPaper",
]  # fmt: skip
FIRST = [Clip(Path(), c.label, c.attack, "W", c.subject, c.split, c.conditions, name=siwm.path(c)) for c in siwm.grid()]


def second(stem: str, attack: str = "", **sides: str) -> Clip:
    label = Label.ATTACK if attack else Label.LIVE
    conditions = {name.replace("_", "/"): side for name, side in sides.items()}
    return Clip(Path(), label, attack, "V", stem, "train", conditions, name=stem)


SECOND = [
    *(second(f"Live_{n}", protocol1="train" if n <= 20 else "test") for n in range(1, 31)),
    *(second(f"{k.prefix}_{n}", k.word, protocol1="train") for k in siwmv2.KINDS for n in range(1, 11)),
    *(second(f"{k.prefix}_{n}", k.word, protocol1="test") for k in siwmv2.KINDS for n in range(11, 16)),
    *(second(f"{k.prefix}_99", k.word) for k in siwmv2.KINDS),
]


def subjects(clips) -> set[str]:
    return {clip.subject for clip in clips}


def attacks(clips) -> set[str]:
    return {clip.attack for clip in clips if clip.attack}


def lives(clips) -> set[str]:
    return {clip.subject for clip in clips if not clip.attack}


def test_the_thirteen_stand_in_the_order_of_table_2():
    assert runs_of("siwm") == tuple(SIWM) == tuple(f"siwm/{word}" for word in TABLE_2)


@pytest.mark.parametrize("name", SIWM)
def test_one_kind_is_tested_whole_and_never_seen_before(name):
    held = SIWM[name]
    found = parse_protocol(name).divide(FIRST)
    assert attacks(found.test) == {held}
    assert attacks(found.train) == set(TABLE_2) - {held}
    assert attacks(found.dev) <= attacks(found.train)
    assert sum(clip.attack == held for clip in found.test) == sum(clip.attack == held for clip in FIRST)
    assert len(lives(found.test)) == 132
    assert len(lives(found.train) | lives(found.dev)) == 528
    for one, other in combinations((found.train, found.dev, found.test), 2):
        assert not subjects(one) & subjects(other)


def test_a_tenth_of_the_training_subjects_validates():
    everybody = parse_protocol("siwm/Replay", validation="none").divide(FIRST)
    assert everybody.dev == ()
    found = parse_protocol("siwm/Replay").divide(FIRST)
    assert len(subjects(found.dev)) == round(0.1 * len(subjects(everybody.train)))
    assert abs(len(lives(found.dev)) - 53) <= 1
    assert found.test == everybody.test
    assert found.notes[0].startswith("W: 140 of 1397 train subjects validate (seed 0)")
    assert subjects(parse_protocol("siwm/Replay", seed=1).divide(FIRST).dev) != subjects(found.dev)


def test_the_share_is_told_where_it_is_not_the_usual_one():
    assert parse_protocol("siwm/Print").to_dict()["validation_share"] == 0.1
    assert "validation_share" not in parse_protocol("oulu/1").to_dict()


def test_protocol_one_follows_the_lists():
    found = parse_protocol("siwmv2/1", validation="none").divide(SECOND)
    assert lives(found.train) == {f"Live_{n}" for n in range(1, 21)}
    assert len(found.train) == 20 + 140
    assert len(found.test) == 10 + 70
    assert not any(clip.subject.endswith("_99") for clip in (*found.train, *found.test))


@pytest.mark.parametrize("kind", siwmv2.KINDS, ids=lambda kind: kind.word)
def test_protocol_two_tests_every_video_of_the_kind_and_trains_on_no_other_kinds_loss(kind):
    found = parse_protocol(f"siwmv2/2/{kind.word}", validation="none").divide(SECOND)
    assert attacks(found.train) == {other.word for other in siwmv2.KINDS} - {kind.word}
    assert sum(clip.attack == kind.word for clip in found.test) == 16
    assert len(lives(found.test)) == 10
    assert len(found.train) == 20 + 130


def test_as_coded_paper_takes_two_kinds_more_out():
    found = parse_protocol("siwmv2/2-as-coded/Paper", validation="none").divide(SECOND)
    exact = parse_protocol("siwmv2/2/Paper", validation="none").divide(SECOND)
    assert attacks(exact.train) - attacks(found.train) == {"Mask_PaperMask", "Partial_PaperGlasses"}
    assert found.test == exact.test


def test_the_substring_is_a_fault_for_paper_alone():
    for held in siwmv2.KINDS:
        caught = {kind.word for kind in siwmv2.KINDS if held.prefix in kind.prefix}
        assert (caught == {held.word}) == (held.word != "Paper")


def test_protocol_three_tests_each_shift_or_all_at_once():
    clips = [
        *(second(f"Live_{n}", protocol3_A="train") for n in range(1, 21)),
        *(second(f"Paper_{n}", "Paper", protocol3_A="train") for n in range(1, 21)),
        second("Live_50", protocol3_A="test"),
        second("Live_51", protocol3_C="test", protocol3_B="train"),
        second("Paper_8", "Paper", protocol3_C="test", protocol3_A="train"),
    ]
    clips = list({clip.subject: clip for clip in clips}.values())
    found = parse_protocol("siwmv2/3/C", validation="none").divide(clips)
    assert subjects(found.test) == {"Live_51", "Paper_8"}
    assert "Paper_8" not in subjects(found.train)
    assert any("tested and therefore left out of training" in note for note in found.notes)
    joined = parse_protocol("siwmv2/3-as-coded", validation="none").divide(clips)
    assert subjects(joined.test) == {"Live_50", "Live_51", "Paper_8"}


def test_without_lists_the_error_says_what_no_clip_states():
    bare = [second("Live_1"), second("Paper_1", "Paper")]
    for name in ("siwmv2/1", "siwmv2/2/Paper"):
        with pytest.raises(ProtocolError, match="No clip states protocol1: the owner's lists are not in the folder"):
            parse_protocol(name).divide(bare)


def test_the_two_versions_cannot_test_each_other():
    for name in ("W:V", "OV:W", "siwm+nuaa:siwmv2"):
        with pytest.raises(ProtocolError, match="share people and videos"):
            parse_protocol(name)
    assert parse_protocol("siwm+O:M").sources == ("W", "O")


def test_names_that_stand_for_several_say_so():
    with pytest.raises(ProtocolError, match="it has 13 runs, name one of siwm/Replay"):
        parse_protocol("siwm")
    with pytest.raises(ProtocolError, match="did you mean siwm/PaperGlasses"):
        parse_protocol("siwm/Paperglasses")
    assert len(runs_of("siwmv2/2")) == 14
    assert runs_of("siwmv2/3") == tuple(f"siwmv2/3/{letter}" for letter in "ABCDE")


def test_the_overview_lists_and_counts_them():
    assert [entry.protocol.name for entry in overview(domains=["W"])] == list(SIWM)
    assert [entry.protocol.name for entry in overview(domains=["V"])] == list(SIWM_V2)
    entries = overview(["siwm"], clips=FIRST)
    assert len(entries) == 13
    assert "132 + 99 (231)" in overview_text(entries)
