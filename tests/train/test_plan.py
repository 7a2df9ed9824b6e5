"""The order of the data: a function of the step, balanced, and without doubles."""

from collections import Counter

import numpy as np
import pytest

from sincera.errors import RecipeError
from sincera.train.feed import Augment, Feed
from sincera.train.plan import Plan, Rows


def rows_of(clips: int, *, frames: int = 3, domains: int = 2, subjects: int = 6) -> Rows:
    clip = np.repeat(np.arange(clips), frames)
    return Rows(
        row=np.arange(clips * frames) * 2 + 100,  # row numbers of a store are not positions
        clip=clip,
        frame=np.tile(np.arange(frames) * 3, clips),
        label=clip % 2,
        domain=clip // 2 % domains,
        subject=clip % subjects,
    )


def place(rows: Rows, drawn: np.ndarray) -> np.ndarray:
    return (drawn - 100) // 2


@pytest.mark.parametrize("unit", ["clip", "frame"])
@pytest.mark.parametrize("balance", ["none", "class", "domain", "domain_class"])
@pytest.mark.parametrize("size", [5, 8, 24])
def test_same_step_same_faces_whoever_asks(unit: str, balance: str, size: int) -> None:
    rows = rows_of(40)
    feed = Feed(size=size, unit=unit, balance=balance)
    one, other = Plan(feed, rows, seed=3, stage="a"), Plan(feed, rows, seed=3, stage="a")
    forwards = [one(step) for step in range(30)]
    backwards = [other(step) for step in reversed(range(30))][::-1]
    for (a, b), (c, d) in zip(forwards, backwards, strict=True):
        assert (a == c).all()
        assert (b == d).all()
        assert len(a) == size


def test_seed_and_stage_change_the_order() -> None:
    rows, feed = rows_of(40), Feed(size=8)
    drawn = [Plan(feed, rows, seed=seed, stage=stage)(0)[0].tolist() for seed, stage in ((0, "a"), (1, "a"), (0, "b"))]
    assert drawn[0] != drawn[1] != drawn[2] != drawn[0]


@pytest.mark.parametrize("size", [4, 8, 12, 30])
def test_every_cell_gets_its_share_at_every_step(size: int) -> None:
    rows = rows_of(60)
    plan = Plan(Feed(size=size), rows, seed=0, stage="a")
    total: Counter[tuple[int, int]] = Counter()
    for step in range(20):
        at = place(rows, plan(step)[0])
        counts = Counter(zip(rows.domain[at].tolist(), rows.label[at].tolist(), strict=True))
        assert max(counts.values()) - min(counts.values()) <= 1
        total += counts
    assert max(total.values()) - min(total.values()) <= 1


@pytest.mark.parametrize(("clips", "size"), [(40, 7), (41, 13), (64, 16), (31, 10)])
def test_an_epoch_shows_every_clip_once(clips: int, size: int) -> None:
    rows = rows_of(clips)
    plan = Plan(Feed(size=size, balance="none"), rows, seed=0, stage="a")
    seen: Counter[int] = Counter(dict.fromkeys(range(clips), 0))
    for step in range(50):
        drawn = rows.clip[place(rows, plan(step)[0])].tolist()
        assert len(set(drawn)) == size, "a clip twice in one step"
        seen.update(drawn)
        assert max(seen.values()) - min(seen.values()) <= 1 + (size > clips // 3)


def test_frames_are_drawn_anew_and_the_seventh_is_fixed() -> None:
    rows = rows_of(12, frames=5)  # frames 0, 3, 6, 9, 12
    drawn = Plan(Feed(size=12, balance="none"), rows, seed=0, stage="a")
    frames = {frame for step in range(20) for frame in rows.frame[place(rows, drawn(step)[0])].tolist()}
    assert frames == {0, 3, 6, 9, 12}
    fixed = Plan(Feed(size=12, balance="none", frame_choice="seventh"), rows, seed=0, stage="a")
    assert {frame for step in range(9) for frame in rows.frame[place(rows, fixed(step)[0])].tolist()} == {6}


def test_several_frames_of_one_clip_in_order() -> None:
    rows = rows_of(20, frames=5)
    drawn, flipped = Plan(Feed(size=8, frames=3), rows, seed=0, stage="a")(0)
    at = place(rows, drawn)
    assert drawn.shape == (8, 3)
    assert flipped.shape == (8,)
    assert (rows.clip[at] == rows.clip[at][:, :1]).all()
    assert (np.diff(rows.frame[at]) > 0).all()
    few = rows_of(20, frames=2)
    assert Plan(Feed(size=8, frames=3), few, seed=0, stage="a")(0)[0].shape == (8, 3)


def test_flips_follow_the_recipe() -> None:
    rows = rows_of(40)
    for share in (0.0, 0.5, 1.0):
        plan = Plan(Feed(size=20, augment=Augment(flip=share)), rows, seed=0, stage="a")
        found = np.mean([plan(step)[1].mean() for step in range(100)])
        assert abs(found - share) < 0.05


@pytest.mark.parametrize("disjoint", ["face", "clip", "subject"])
@pytest.mark.parametrize("unit", ["clip", "frame"])
def test_parts_share_nothing_and_are_balanced(disjoint: str, unit: str) -> None:
    rows = rows_of(96, subjects=12)
    feed = Feed(size=24, parts=(16, 8), disjoint=disjoint, unit=unit, balance="class")
    plan = Plan(feed, rows, seed=0, stage="a")
    key = {"face": rows.row, "clip": rows.clip, "subject": rows.subject}[disjoint]
    for step in range(40):
        at = place(rows, plan(step)[0])
        assert not set(key[at[:16]].tolist()) & set(key[at[16:]].tolist())
        assert rows.label[at[:16]].sum() == 8
        assert rows.label[at[16:]].sum() == 4


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(RecipeError, match="no face"):
        Plan(Feed(size=4), rows_of(0), seed=0, stage="a")
    with pytest.raises(RecipeError, match="a cell holds 1 clips"):
        Plan(Feed(size=8, parts=(4, 4)), rows_of(4), seed=0, stage="a")
    one = rows_of(8, subjects=1)
    with pytest.raises(RecipeError, match="1 subjects cannot be divided"):
        Plan(Feed(size=8, parts=(4, 4), disjoint="subject", balance="class"), one, seed=0, stage="a")(0)
    with pytest.raises(RecipeError, match="make 7 faces"):
        Feed(size=8, parts=(4, 3))
    with pytest.raises(RecipeError, match="at least 1"):
        Feed(size=0)
    with pytest.raises(RecipeError, match="need unit clip"):
        Feed(size=8, frames=2, unit="frame")


def test_a_small_cell_repeats_no_more_than_it_must() -> None:
    rows = rows_of(6, domains=1)  # three live and three attack clips
    plan = Plan(Feed(size=16), rows, seed=0, stage="a")
    for step in range(10):
        counts = Counter(rows.clip[place(rows, plan(step)[0])].tolist())
        assert set(counts.values()) <= {2, 3}
