"""Drawing people: the share asked for, both classes on both sides, nothing but people and seed decide."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sincera.clip import Clip, Label
from sincera.data.subjects import draw_subjects, natural

LIVE, ATTACK = frozenset([Label.LIVE]), frozenset([Label.ATTACK])
BOTH = LIVE | ATTACK


def clips_of(people: dict[str, frozenset[Label]]) -> list[Clip]:
    return [
        Clip(Path("x"), label, "" if label is Label.LIVE else "print", "D", subject, "train", name=f"{label}/{subject}")
        for subject, labels in people.items()
        for label in sorted(labels)
    ]


groups = st.lists(st.sampled_from([LIVE, ATTACK, BOTH]), min_size=2, max_size=40)


@given(groups, st.floats(0.05, 0.5), st.integers(0, 3))
def test_share_and_classes(labels, share, seed):
    people = {str(number): classes for number, classes in enumerate(labels)}
    drawn = draw_subjects(clips_of(people), share, seed=seed)
    rest = set(people) - drawn
    assert drawn
    assert rest
    assert drawn < set(people)
    assert abs(len(drawn) - min(max(round(share * len(people)), 1), len(people) - 1)) <= 2
    for label in Label:
        having = [subject for subject, classes in people.items() if label in classes]
        if len(having) > 1 and len(people) > 3:
            assert any(subject in drawn for subject in having)
            assert any(subject in rest for subject in having)


@given(groups, st.integers(0, 5), st.randoms())
def test_order_and_number_of_clips_do_not_matter(labels, seed, random):
    clips = clips_of({str(number): classes for number, classes in enumerate(labels)})
    drawn = draw_subjects(clips, 0.2, seed=seed)
    again = clips * 2
    random.shuffle(again)
    assert draw_subjects(again, 0.2, seed=seed) == drawn


def test_seed_and_salt_change_the_draw():
    clips = clips_of(dict.fromkeys(map(str, range(50)), BOTH))
    draws = {draw_subjects(clips, 0.2, seed=seed, salt=salt) for seed in range(3) for salt in ("C", "M")}
    assert len(draws) == 6
    assert {len(drawn) for drawn in draws} == {10}


def test_nobody_is_drawn_where_that_would_leave_nobody():
    assert draw_subjects([], 0.2, seed=0) == frozenset()
    assert draw_subjects(clips_of({"a": BOTH}), 0.2, seed=0) == frozenset()
    assert len(draw_subjects(clips_of({"a": BOTH, "b": BOTH}), 0.9, seed=0)) == 1


def test_natural_order():
    assert sorted(["10", "9", "a2", "a10", "test/1"], key=natural) == ["9", "10", "a2", "a10", "test/1"]
