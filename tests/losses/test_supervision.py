"""Target maps: zero on live faces, stretched on attacks, of the size asked for, and no trace in a teacher."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from sincera.errors import UsageError
from sincera.losses.supervision import (
    Binary,
    Depth,
    Mask,
    Meta,
    Supervision,
    Teacher,
    flat_share,
    pixel_labels,
    regression_labels,
)
from sincera.nets.fasdr import fasdr_light

LABELS = torch.tensor([0, 1, 1, 0, 1])
SIZE = (4, 4)


@pytest.fixture
def faces() -> Tensor:
    return torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def teacher() -> nn.Module:
    torch.manual_seed(1)
    return fasdr_light((3, 4, 5), head=4, ending="teacher").train()


@pytest.fixture
def stored() -> dict[str, Tensor]:
    dice = torch.Generator().manual_seed(2)
    return {name: torch.rand(5, 32, 32, generator=dice) for name in ("depth", "mask")}


def test_every_supervision_gives_maps_without_gradient(
    faces: Tensor, teacher: nn.Module, stored: Mapping[str, Tensor]
) -> None:
    ways: tuple[Supervision, ...] = (Binary(), Depth(), Mask(), Meta(teacher), Teacher(teacher))
    for way in ways:
        maps = way(faces, LABELS, {name: stored[name] for name in way.needs}, SIZE)
        assert maps.shape == (5, 1, *SIZE)
        assert not maps.requires_grad
        zero, shown = (0, 1) if not way.live_high else (1, 0)
        assert bool((maps[zero == LABELS] == 0).all())
        assert float(maps[shown == LABELS].max()) > 0


def test_stored_maps_are_averaged_over_areas(faces: Tensor, stored: Mapping[str, Tensor]) -> None:
    depth, mask = (way(faces, LABELS, stored, SIZE) for way in (Depth(), Mask()))
    torch.testing.assert_close(depth[0], avg_pool2d(stored["depth"][:1], 8))
    torch.testing.assert_close(mask[1], avg_pool2d(stored["mask"][1:2], 8))


def test_a_map_is_asked_for_only_where_it_is_shown(faces: Tensor, stored: dict[str, Tensor]) -> None:
    stored["depth"][1] = float("nan")  # of an attack
    stored["mask"][0] = float("nan")  # of a live face
    assert bool(Depth()(faces, LABELS, stored, SIZE).isfinite().all())
    assert bool(Mask()(faces, LABELS, stored, SIZE).isfinite().all())
    with pytest.raises(UsageError, match="1 of 3 attacks in a batch carry no mask"):
        Mask()(faces, LABELS, {"mask": stored["depth"]}, SIZE)
    with pytest.raises(UsageError, match="1 of 2 live faces in a batch carry no depth"):
        Depth()(faces, LABELS, {"depth": stored["mask"]}, SIZE)
    with pytest.raises(UsageError, match="no 'depth'; name it among the feed's needs"):
        Depth()(faces, LABELS, {}, SIZE)


@pytest.mark.parametrize("labels_of", [pixel_labels, regression_labels])
def test_attacks_reach_from_zero_to_one_and_live_faces_are_zero(
    faces: Tensor, teacher: nn.Module, labels_of: object
) -> None:
    maps = labels_of(teacher, faces, LABELS)  # type: ignore[operator]
    teacher.eval()
    for face, label in enumerate(LABELS.tolist()):
        raw = teacher(faces[face : face + 1]).detach()  # alone: running statistics, so that no face sees another
        level = raw.sigmoid() if labels_of is pixel_labels else raw
        wanted = (level - level.min()) / (level.max() - level.min())
        if label:
            assert float(maps[face].min()) == 0
            assert float(maps[face].max()) == 1
            torch.testing.assert_close(maps[face], wanted[0], rtol=1e-4, atol=1e-4)
        else:
            assert bool((maps[face] == 0).all())


def test_a_flat_map_becomes_the_attack_label_and_not_the_live_one(faces: Tensor) -> None:
    class Flat(nn.Module):
        def forward(self, faces: Tensor) -> Tensor:
            maps = torch.zeros(len(faces), 1, 4, 4)
            maps[1, 0, 0, 0] = 1.0
            maps[2, 0, 0, 0] = 1e-5
            return maps

    for maps in (pixel_labels(Flat(), faces, LABELS), regression_labels(Flat(), faces, LABELS)):
        assert maps[1].flatten().tolist() == [1.0] + [0.0] * 15
        assert bool((maps[[2, 4]] == 1).all())
        assert bool((maps[[0, 3]] == 0).all())
        assert float(flat_share(maps, LABELS)) == pytest.approx(2 / 3)
    assert bool(flat_share(torch.zeros(2, 1, 4, 4), torch.zeros(2)).isnan())


def test_the_teacher_keeps_its_buffers_and_each_modules_own_mode(faces: Tensor, teacher: nn.Module) -> None:
    next(module for module in teacher.modules() if isinstance(module, nn.BatchNorm2d)).eval()  # frozen by hand
    modes = [module.training for module in teacher.modules()]
    before = copy.deepcopy(teacher.state_dict())
    pixel_labels(teacher, faces, LABELS)
    assert [module.training for module in teacher.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())


def test_the_mode_is_restored_where_the_teacher_fails(teacher: nn.Module) -> None:
    with pytest.raises(RuntimeError):
        pixel_labels(teacher, torch.zeros(1, 4, 32, 32), torch.tensor([1]))
    assert all(module.training for module in teacher.modules())
