"""Faces without a map that their class should carry are left out and counted; a domain without any is refused."""

from types import SimpleNamespace

import numpy as np
import pytest
from toys import facts_of, toy_world

from sincera.clip import ATTACK
from sincera.errors import RecipeError
from sincera.train.feeder import rows_of
from sincera.train.mapped import with_maps
from sincera.train.plan import Rows


def kept(world: SimpleNamespace) -> tuple[Rows, Rows, list[str]]:
    facts = facts_of(world)
    rows = rows_of(world.faces, world.train, facts)
    return rows, *with_maps(world.faces, rows, ("mask", "depth"), facts, stage="train")


def test_what_carries_every_map_stays() -> None:
    rows, left, lines = kept(toy_world())
    assert left is rows
    assert not lines


def test_attacks_without_a_mask_go_and_lives_stay() -> None:
    world = toy_world()
    rows, *_ = kept(world)
    masks = world.faces._extra["mask"]
    masks[rows.row[rows.label != ATTACK]] = np.nan
    gone = rows.row[rows.label == ATTACK][[0, 3]]
    masks[gone] = np.nan
    _, left, lines = kept(world)
    assert set(rows.row) - set(left.row) == set(gone)
    assert len(left.clip) == len(left.subject) == len(left.row)
    asked = (rows.label == ATTACK).sum()
    assert lines == [f"2 of {asked} attack faces carry no mask; train leaves them out"]


def test_a_domain_without_any_is_refused() -> None:
    world = toy_world()
    rows, *_ = kept(world)
    world.faces._extra["mask"][rows.row[rows.domain == 1]] = np.nan
    with pytest.raises(RecipeError, match=r"needs 'mask' of attack faces, and of domain B none of 18 carries one"):
        kept(world)
