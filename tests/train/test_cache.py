"""Answers of a frozen network: computed once a crop and flip, kept for ever, used as they are stored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toys import facts_of, toy_world

from sincera.train import Augment, Batch, Feed
from sincera.train.cache import Cache
from sincera.train.feeder import Feeder, Target, rows_of


def batches_of(folder: Path | None, steps: int = 4, **feed: Any) -> list[Batch]:
    world = toy_world()
    world.faces.cache = folder
    rows = rows_of(world.faces, world.train, facts_of(world))
    feeder = Feeder(world.faces, Feed(size=8, **feed), rows, seed=0, stage="train")
    return list(feeder.batches(0, steps, Target(torch.device("cpu"))))


def test_each_face_is_computed_once_and_as_stored(tmp_path: Path) -> None:
    computed: list[tuple[int, bool]] = []

    def mean(batch: Batch) -> torch.Tensor:
        computed.extend(zip(batch.rows.tolist(), batch.flipped.tolist(), strict=True))
        return batch.crops.mean((2, 3)) / 3

    for _ in range(2):  # the second time from the files alone
        for batch in batches_of(tmp_path / "cache", steps=12):
            found = batch.remembered("mean-1", mean)
            assert found.dtype == torch.float16
            assert torch.equal(found, (batch.crops.mean((2, 3)) / 3).half())
            assert torch.equal(batch[:3].remembered("mean-1", mean), found[:3])
    assert len(computed) == len(set(computed))
    assert {flipped for _, flipped in computed} == {False, True}


def test_keys_do_not_mix(tmp_path: Path) -> None:
    (batch, *_) = batches_of(tmp_path / "cache")
    one = batch.remembered("a", lambda part: part.crops.mean((1, 2, 3)), dtype="float32")
    other = batch.remembered("b", lambda part: part.crops.amax((1, 2, 3)).gt(0.5), dtype="uint8")
    assert one.dtype == torch.float32
    assert set(other.tolist()) <= {0, 1}
    with pytest.raises(ValueError, match="file names"):
        batch.remembered("../a", lambda part: part.crops)


def test_a_value_without_its_mark_is_computed_again(tmp_path: Path) -> None:
    rows, flipped = torch.tensor([3, 1]), torch.tensor([False, True])
    Cache(tmp_path, 5).fetch("k", rows, flipped, lambda mask: mask.double(), "float32")
    np.lib.format.open_memmap(tmp_path / "k.have.npy", mode="r+")[6] = 0  # killed between value and mark
    seen: list[list[bool]] = []

    def again(mask: torch.Tensor) -> torch.Tensor:
        seen.append(mask.tolist())
        return torch.full((int(mask.sum()),), 7.0)

    assert Cache(tmp_path, 5).fetch("k", rows, flipped, again, "float32").tolist() == [7.0, 1.0]
    assert seen == [[True, False]]


@pytest.mark.parametrize("feed", [{"augment": Augment(jitter=0.1)}, {"views": 2}, {"frames": 2}])
def test_more_than_a_flip_switches_it_off(tmp_path: Path, feed: dict[str, Any]) -> None:
    (batch, *_) = batches_of(tmp_path / "cache", **feed)
    assert batch.cache is None
    assert batch.remembered("a", lambda part: part.labels + 1).tolist() == (batch.labels + 1).tolist()
    assert not (tmp_path / "cache").exists()
