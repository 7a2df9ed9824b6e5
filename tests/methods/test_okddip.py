"""OKDDip as regression: its loss by loops in float64, the ramp, and who is trained."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from map_toys import built, faces, trained

from sincera.errors import RecipeError
from sincera.methods.okddip import OKDDip
from sincera.recipe import load_recipe
from sincera.runs import Run


def okddip(*sets: str) -> OKDDip:
    method = built("okddip", *sets, double=True)
    assert isinstance(method, OKDDip)
    return method.train()


@pytest.mark.parametrize("step", [0, 1, 3])
def test_the_loss_is_peers_mutual_teaching_and_the_leader(step: int) -> None:
    method, batch = okddip("peers=3", "weight=0.7", "detector=fasdr"), faces(step=step)
    total, logged = method.losses(batch)
    assert logged is not None
    truth = (batch.labels == 1).view(-1, 1, 1, 1).double()
    levels = [peer.levels(batch.crops) for peer in method.peers]  # type: ignore[operator]
    maps, pooled = [one["map"] for one in levels], [one["fused"].mean((2, 3)) for one in levels]
    alone = sum((one - truth).square().mean() for one in maps)
    mutual = torch.zeros((), dtype=torch.float64)
    for a in range(3):
        for face in range(len(batch)):
            query = method.query(pooled[a][face])
            strength = torch.stack([query @ method.key(pooled[b][face]) for b in range(3)]).softmax(0)
            wanted = sum(strength[b] * maps[b][face] for b in range(3))
            mutual = mutual + (maps[a][face] - wanted).square().mean() / len(batch)
    leader = method.detector(batch.crops)
    lead = (leader - sum(maps).detach() / 3).square().mean()  # type: ignore[union-attr]
    rise = 0.7 * math.exp(-5 * (1 - min(1, step / (0.4 * 4))) ** 2)
    expected = (leader - truth).square().mean() + alone + rise * (mutual + lead)
    torch.testing.assert_close(total, expected, rtol=1e-10, atol=1e-12)


def test_the_leader_learns_from_the_peers_and_not_they_from_it() -> None:
    method, batch = okddip("detector=fasdr"), faces(step=3)
    logged = method.losses(batch).logged
    assert logged is not None
    gradients = torch.autograd.grad(logged["loss_lead"], list(method.parameters()), allow_unused=True)
    touched = {name for (name, _), one in zip(method.named_parameters(), gradients, strict=True) if one is not None}
    assert touched
    assert all(name.startswith("detector.") for name in touched)


def test_all_of_them_are_trained_at_once(tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in built("okddip").state_dict().items()}
    method = trained(tmp_path, "okddip")
    assert {line["stage"] for line in Run(tmp_path).log()} == {"train"}
    names = [name for name, _ in method.named_parameters()]
    assert all(not torch.equal(method.state_dict()[name], before[name]) for name in names)


def test_a_detector_without_fused_levels_is_refused() -> None:
    with pytest.raises(RecipeError, match="fused levels"):
        load_recipe(OKDDip.recipe_type, sets=["detector=cdcn"])
