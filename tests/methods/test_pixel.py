"""Detectors under each supervision and each rival teacher: losses written out, stages, scores that rise with attack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import map_toys
import numpy as np
import pytest
import torch
from dtda_toys import world
from map_toys import built, faces, trained
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from sincera.clip import Label
from sincera.errors import RecipeError
from sincera.evaluate.memory import MemoryFaces
from sincera.methods.pixel import Pixel
from sincera.nets.detectors import DETECTORS
from sincera.nets.rfmetafas import RFMetaFAS
from sincera.recipe import load_recipe
from sincera.runs import Run
from sincera.train import Facts, Scores, build_method

RIVALS = ("distill", "distill_light", "bans", "fitnet")


def pixel(*sets: str) -> Pixel:
    method = built("pixel", *sets, double=True)
    assert isinstance(method, Pixel)
    return method


def test_fas_dr_bc_learns_map_and_branch() -> None:
    method, batch = pixel("branch_weight=0.5").train(), faces()
    outputs = method.detector.outputs(batch.crops)
    assert outputs.logit is not None
    wanted = torch.zeros_like(outputs.map)
    wanted[batch.labels == 1] = 1
    expected = (outputs.map - wanted).square().mean()
    expected = expected + 0.5 * binary_cross_entropy_with_logits(outputs.logit, batch.labels.double())
    torch.testing.assert_close(method.losses(batch).total, expected)


def test_cdcn_learns_contrast_too() -> None:
    method, batch = pixel("detector=cdcn", "supervision=mask", "contrast_weight=2.0").train(), faces()
    total, logged = method.losses(batch)
    assert logged is not None
    torch.testing.assert_close(total, logged["loss_map"] + 2 * logged["loss_contrast"])
    assert logged["loss_contrast"] > 0


def _scored(method: Pixel, value: float, logit: float | None = None) -> Scores:
    """The score of faces whose map and branch are those, whatever they look like."""
    batch = faces(2)
    network = method.detector.eval()
    plain = network.outputs(batch.crops)
    fixed = plain._replace(map=torch.full_like(plain.map, value))
    if plain.logit is not None and logit is not None:
        fixed = fixed._replace(logit=torch.full_like(plain.logit, logit))
    network.outputs = lambda crops: fixed  # type: ignore[method-assign]
    return method.score(batch.crops)


@pytest.mark.parametrize("supervision", ["binary", "mask", "distill"])
def test_both_halves_of_the_score_rise_with_attack(supervision: str) -> None:
    low, high = (_scored(pixel(f"supervision={supervision}"), value, 0.0).score for value in (0.1, 0.9))
    assert (high - low).tolist() == pytest.approx([0.4, 0.4])
    low, high = (_scored(pixel(f"supervision={supervision}"), 0.5, logit).score for logit in (-2.0, 2.0))
    assert (high > low).all()


def test_under_depth_the_map_s_half_is_turned() -> None:
    """A live face has depth, an attack has none: a high map lowers the score, and the branch is as it was."""
    low, high = (_scored(pixel("supervision=depth"), value, 0.0) for value in (0.1, 0.9))
    assert (high.score - low.score).tolist() == pytest.approx([-0.4, -0.4])
    assert high.map is not None
    assert high.map.mean() == pytest.approx(0.1)
    low, high = (_scored(pixel("supervision=depth"), 0.5, logit) for logit in (-2.0, 2.0))
    assert (high.score > low.score).all()


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("supervision", ["binary", "depth", "mask"])
def test_every_detector_learns_under_every_supervision(detector: str, supervision: str) -> None:
    method, batch = pixel(f"detector={detector}", f"supervision={supervision}").train(), faces(step=3)
    total, _ = method.losses(batch)
    total.backward()  # type: ignore[no-untyped-call]
    method.procedure.after(batch)
    got = [parameter.grad for parameter in method.detector.parameters() if parameter.grad is not None]
    assert got
    assert all(torch.isfinite(gradient).all() for gradient in got)
    scores = method.eval().score(batch.crops)
    assert scores.score.shape == (8,)
    assert scores.map is not None


@pytest.mark.parametrize(("faithful", "share"), [("paper", 0.1), ("code", 1.0)])
def test_rfmetafas_remembers_as_the_recipe_says(faithful: str, share: float) -> None:
    """`code`: after a step the embedder's running means are those of the last source alone."""
    method, batch = pixel("detector=rfmetafas", f"episode.faithful={faithful}").train(), faces()
    seen: list[torch.Tensor] = []
    assert isinstance(method.detector, RFMetaFAS)
    norm = next(layer for layer in method.detector.embedder.modules() if isinstance(layer, nn.BatchNorm2d))
    norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach().mean((0, 2, 3))))
    method.losses(batch)  # the source that teaches; the one held back passes on copies of the statistics
    torch.testing.assert_close(norm.running_mean, share * seen[0])


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_is_trained_first_and_then_kept(rival: str, tmp_path: Path) -> None:
    method = trained(tmp_path / "run", "pixel", f"supervision={rival}", "rival.length=3 steps", "rival.batch=8")
    stages = list(dict.fromkeys(line["stage"] for line in Run(tmp_path / "run").log()))
    assert stages == (["teacher", "hint", "train"] if rival == "fitnet" else ["teacher", "train"])
    assert isinstance(method, Pixel)
    assert method.rival is not None
    assert not any(parameter.requires_grad for parameter in method.rival.parameters())
    again = trained(
        tmp_path / "other", "pixel", f"supervision={rival}", "rival.length=3 steps", "rival.batch=8",
        "optimiser.lr=0.01", runs=tmp_path,
    )  # fmt: skip
    assert {line["stage"] for line in Run(tmp_path / "other").log()} == set(stages[1:])
    assert isinstance(again, Pixel)
    assert again.rival is not None
    theirs = again.rival.state_dict()
    assert all(torch.equal(value, theirs[key]) for key, value in method.rival.state_dict().items())


def test_all_teachers_students_take_equally_many_steps(tmp_path: Path) -> None:
    """FitNet's hint counts: supervision is the only difference."""
    for mode in ("two_stage", "joint"):
        trained(tmp_path / mode, "pixel", "supervision=fitnet", f"hint.mode={mode}", "rival.length=3 steps")
    last = {mode: Run(tmp_path / mode).log()[-1] for mode in ("two_stage", "joint")}
    assert last["joint"]["step"] == 4
    assert last["two_stage"]["step"] + 1 == 4
    assert "loss_hint" in last["joint"]


def test_a_joint_hint_adds_its_loss() -> None:
    method, batch = pixel("supervision=fitnet", "hint.mode=joint", "hint.weight=3.0").train(), faces()
    assert method.rival is not None
    assert method.regressor is not None
    method.rival.eval()
    total, logged = method.losses(batch)
    assert logged is not None
    ours, theirs = (network.levels(batch.crops)["pool2"] for network in (method.detector, method.rival))  # type: ignore[operator]
    hint = (method.regressor(ours) - theirs).square().mean()
    torch.testing.assert_close(logged["loss_hint"], hint)
    torch.testing.assert_close(total, logged["loss_map"] + logged["loss_branch"] + 3 * hint)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(RecipeError, match="fitnet needs a detector"):
        load_recipe(Pixel.recipe_type, sets=["detector=cdcn", "supervision=fitnet"])
    facts = Facts(("A",), ("A/0",), clips=9, size=64)
    with pytest.raises(Exception, match="did you mean 'fasdr'"):
        build_method(Pixel, load_recipe(Pixel.recipe_type, sets=["detector=fasd"]), facts, seed=0)


def test_a_training_says_how_many_faces_it_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toys, lists, facts = world()
    masks = np.full((len(toys.clip), 32, 32), 0.5, np.float32)
    lacking = next(clip for clip in lists.train if clip.label is Label.ATTACK)
    masks[toys.rows([lacking])] = np.nan
    monkeypatch.setattr(map_toys, "world", lambda: (MasksToo(toys, masks), lists, facts))
    run = Run(tmp_path)
    run.write_info({"notes": ["the protocol's own"]})
    trained(tmp_path, "pixel", "supervision=mask")
    first, second = run.info()["notes"]
    assert first == "the protocol's own"
    assert second.startswith(f"{len(toys.rows([lacking]))} of ")
    assert second.endswith("attack faces carry no mask; train leaves them out")


class MasksToo:
    """Faces with masks that are given."""

    def __init__(self, faces: MemoryFaces, masks: np.ndarray) -> None:
        self._faces, self._masks = faces, masks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._faces, name)

    def has(self, name: str) -> bool:
        return name == "mask"

    def extra(self, name: str, rows: np.ndarray) -> np.ndarray:
        assert name == "mask"
        return self._masks[rows]
