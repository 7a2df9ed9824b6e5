"""What reaches a method: the right pixels, labels and maps, mirrored together, in the plan's order."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from toys import facts_of, toy_world

from sincera.errors import RecipeError
from sincera.evaluate.faces import Remembered, ahead
from sincera.train import Augment, Batch, Feed
from sincera.train.augment import Change, change_crop, change_map, draw_change
from sincera.train.feeder import Feeder, Target, plain_batches, rows_of

CPU = Target(torch.device("cpu"))


def feeder_of(world: SimpleNamespace, feed: Feed, **more: Any) -> Feeder:
    rows = rows_of(world.faces, world.train, facts_of(world))
    return Feeder(world.faces, feed, rows, seed=1, stage="train", **more)


def test_a_batch_is_what_the_store_holds() -> None:
    world = toy_world()
    facts = facts_of(world)
    feed = Feed(size=8, needs=("mask",))
    batches = list(feeder_of(world, feed).batches(3, 6, CPU))
    assert [batch.step for batch in batches] == [3, 4, 5]
    for batch in batches:
        rows, flipped = batch.rows.numpy(), batch.flipped.numpy()
        pixels, masks = world.faces.crops(rows).copy(), world.faces.extra("mask", rows).copy()
        pixels[flipped], masks[flipped] = pixels[flipped][:, :, ::-1], masks[flipped][:, :, ::-1]
        assert torch.allclose(batch.crops, torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255)
        assert batch.crops.min() >= 0
        assert batch.crops.max() <= 1
        assert torch.equal(batch.extra["mask"], torch.from_numpy(masks)[:, None])
        clips = [world.faces.clips[index] for index in world.faces.clip[rows]]
        assert batch.labels.tolist() == [clip.label.number for clip in clips]
        assert [facts.domains[index] for index in batch.domains] == [clip.domain for clip in clips]
        assert [facts.subjects[index] for index in batch.subjects] == [clip.person for clip in clips]


@pytest.mark.parametrize("augment", [Augment(), Augment(jitter=0.2, crop=0.6, rotate=10)])
def test_ranks_see_disjoint_shares_of_the_same_batch(augment: Augment) -> None:
    world = toy_world()
    feed = Feed(size=8, parts=(4, 4), balance="class", augment=augment)
    whole = feeder_of(world, feed).draw(5)
    halves = [feeder_of(world, feed, share=(rank, 2)).draw(5) for rank in (0, 1)]
    for part, own in ((slice(0, 4), slice(0, 2)), (slice(4, 8), slice(2, 4))):
        assert halves[0].parts == halves[1].parts == (slice(0, 2), slice(2, 4))
        for rank, half in enumerate(halves):
            assert (half.rows[own] == whole.rows[part][rank::2]).all()
            assert (half.crops[own] == whole.crops[part][rank::2]).all()
    assert halves[0].seed == halves[1].seed == whole.seed


def test_cutting_a_batch_cuts_every_field() -> None:
    feed = Feed(size=8, parts=(6, 2), balance="class", needs=("mask",))
    (batch,) = feeder_of(toy_world(), feed).batches(0, 1, CPU)
    assert batch.parts == (slice(0, 6), slice(6, 8))
    train, valid = (batch[part] for part in batch.parts)
    assert isinstance(train, Batch)
    assert (len(train), len(valid), len(valid.extra["mask"])) == (6, 2, 2)
    live = batch[batch.labels == 0]
    assert len(live) == 4
    assert live.labels.sum() == 0
    assert live.seed == batch.seed


def test_frames_and_views_have_their_shapes() -> None:
    world = toy_world()
    (batch,) = feeder_of(world, Feed(size=4, frames=2, needs=("mask",))).batches(0, 1, CPU)
    assert batch.crops.shape == (4, 2, 3, 16, 16)
    assert batch.rows.shape == (4, 2)
    assert batch.extra["mask"].shape == (4, 2, 1, 4, 4)
    (batch,) = feeder_of(world, Feed(size=4, views=3, augment=Augment(jitter=0.3))).batches(0, 1, CPU)
    assert batch.crops.shape == (4, 3, 16, 16)
    assert batch.extra["views"].shape == (4, 2, 3, 16, 16)
    assert not torch.equal(batch.extra["views"][:, 0], batch.extra["views"][:, 1])
    (batch,) = feeder_of(world, Feed(size=4, needs=("view:face",))).batches(0, 1, CPU)
    assert torch.equal(batch.extra["view:face"], batch.crops)


def test_lacking_maps_and_uneven_ranks_are_refused() -> None:
    world = toy_world()
    with pytest.raises(RecipeError, match="needs 'depth'"):
        feeder_of(world, Feed(size=4, needs=("depth",)))
    with pytest.raises(RecipeError, match="cannot be dealt out"):
        feeder_of(world, Feed(size=5), share=(0, 2))


def test_maps_move_with_their_crop() -> None:
    """A bright corner of the crop and the same corner of a coarser map end in the same place."""
    crop, coarse = np.zeros((32, 32, 3), np.uint8), np.zeros((8, 8), np.float32)
    crop[20:24, 4:8], coarse[5, 1] = 255, 1.0
    change = Change(flip=True, angle=20.0, scale=1.3, shift=(0.1, -0.1))

    def centre(picture: np.ndarray) -> np.ndarray:
        where = np.argwhere(picture > picture.max() / 2) + 0.5
        return where.mean(0) / picture.shape[0]

    moved = change_crop(crop, change)[..., 0]
    assert np.allclose(centre(moved), centre(change_map(coarse, change)), atol=0.08)
    assert not np.allclose(centre(moved), centre(crop[..., 0]), atol=0.08)


def test_nothing_asked_nothing_changed() -> None:
    crop = np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    change = draw_change(Augment(), np.random.default_rng(0), flip=False)
    assert (change_crop(crop, change) == crop).all()
    assert Augment().mirrors_only
    assert not Augment(jitter=0.1).mirrors_only


def test_a_crop_stays_inside_the_picture() -> None:
    white = np.full((40, 40, 3), 255, np.uint8)
    for seed in range(30):
        change = draw_change(Augment(crop=0.3), np.random.default_rng(seed), flip=False)
        assert change_crop(white, change).min() > 250, "the black outside came into view"


def test_remembered_crops_are_decoded_once() -> None:
    world = toy_world()
    asked: list[int] = []
    read = world.faces.crops

    def counting(rows: np.ndarray) -> np.ndarray:
        asked.extend(rows.tolist())
        return read(rows)

    world.faces.crops = counting
    for budget, again in ((1 << 30, False), (10, True)):
        asked.clear()
        kept = Remembered(world.faces, budget=budget)
        rows = np.array([5, 3, 3, 40])
        assert (kept.crops(rows) == read(rows)).all()
        before = len(asked)
        assert (kept.crops(rows[::-1]) == read(rows[::-1])).all()
        assert (len(asked) > before) == again


def test_ahead_keeps_order_and_passes_errors_on() -> None:
    assert list(ahead(lambda n: n * n, range(50), threads=3)) == [n * n for n in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda n: 1 // n, [1, 0, 1]))


def test_plain_batches_show_every_face_once_unchanged() -> None:
    world = toy_world()
    rows = rows_of(world.faces, world.dev, facts_of(world))
    batches = list(plain_batches(world.faces, rows, ("mask",), CPU, size=5, step=7, steps=9))
    assert torch.cat([batch.rows for batch in batches]).tolist() == rows.row.tolist()
    assert not any(batch.flipped.any() for batch in batches)
    assert batches[0].extra["mask"].shape == (5, 1, 4, 4)
    assert torch.cat([batch.labels for batch in batches]).tolist() == rows.label.tolist()
