"""The meta-gradient: three routes, one number; that of a plain loop and of finite differences; no trace left."""

from __future__ import annotations

import copy
from typing import Any, get_args

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from sincera.errors import UsageError
from sincera.losses.maps import LossForm
from sincera.losses.metagradient import MetaStep, Route, meta_gradient, meta_step
from sincera.nets.detectors import DETECTORS, detector, map_teacher

Networks = tuple[nn.Module, nn.Module]
Phi = tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]
ROUTES: tuple[Route, ...] = get_args(Route)
USUAL: dict[str, Any] = {"alpha": 0.1, "inner_steps": 2, "mu": 0.01}


def apart(found: dict[str, Tensor], wanted: dict[str, Tensor]) -> float:
    """Relative distance of two gradients."""
    assert list(found) == list(wanted)
    a, b = (torch.cat([value.flatten() for value in one.values()]) for one in (found, wanted))
    return float((a - b).norm() / b.norm())


def objective(
    networks: Networks, phi: Phi, omega: dict[str, Tensor], *, through: int | None = None
) -> dict[str, Tensor]:
    """J and its parts as one would write them, for USUAL: a graph through everything, unless K - through is cut."""
    surrogate, teacher = networks
    (faces, labels), (judged, wanted) = phi

    def answer(module: nn.Module, values: dict[str, Tensor], images: Tensor) -> Tensor:
        return functional_call(module, values | {n: b.clone() for n, b in module.named_buffers()}, (images,))

    raw = answer(teacher, omega, faces)
    maps = labels.view(-1, 1, 1, 1) * 2 * raw.sigmoid()
    theta = {name: value.detach().clone().requires_grad_() for name, value in surrogate.named_parameters()}
    losses = []
    steps = USUAL["inner_steps"]
    for k in range(steps):
        losses.append((answer(surrogate, theta, faces) - maps).square().mean())
        slopes = torch.autograd.grad(losses[-1], list(theta.values()), create_graph=True)
        if through is not None and k < steps - through:
            slopes = tuple(slope.detach() for slope in slopes)
        theta = {
            name: value - USUAL["alpha"] * slope for (name, value), slope in zip(theta.items(), slopes, strict=True)
        }
    valid = (answer(surrogate, theta, judged) - wanted).square().mean()
    level = raw.sigmoid().mean()
    return {"J": valid - USUAL["mu"] * level, "train": losses[0], "valid": valid, "level": level}


def of(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone().requires_grad_() for name, value in module.named_parameters()}


@pytest.mark.parametrize("alpha", [0.001, 0.1])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_all_routes_give_one_number_and_walk_one_path(networks: Networks, phi: Phi, steps: int, alpha: float) -> None:
    found = {
        route: meta_step(*networks, *phi, alpha=alpha, inner_steps=steps, mu=0.001, route=route) for route in ROUTES
    }
    for route in ("adjoint", "low_memory"):
        one, other = found[route], found["unrolled"]
        assert apart(one.gradients, other.gradients) < 1e-9
        assert all(torch.equal(value, other.theta[name]) for name, value in one.theta.items())
        assert all(torch.equal(value, other.losses[name]) for name, value in one.losses.items())


@pytest.mark.parametrize("route", ROUTES)
def test_it_is_the_gradient_of_a_plain_loop(networks: Networks, phi: Phi, route: Route) -> None:
    omega = of(networks[1])
    wanted = objective(networks, phi, omega)
    slopes = torch.autograd.grad(wanted["J"], list(omega.values()))
    gradients, losses = meta_gradient(*networks, *phi, **USUAL, route=route)
    assert apart(gradients, dict(zip(omega, slopes, strict=True))) < 1e-9
    assert set(losses) == {"train", "valid", "level"}
    for name, value in losses.items():
        torch.testing.assert_close(value, wanted[name].detach())


@pytest.mark.parametrize("networks", ["smooth"], indirect=True)
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_it_is_what_finite_differences_say(
    networks: Networks, phi: Phi, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(USUAL, "inner_steps", steps)
    gradients, _ = meta_gradient(*networks, *phi, **USUAL)
    dice, omega = torch.Generator().manual_seed(5), of(networks[1])
    for _ in range(3):
        way = {n: torch.randn(v.shape, dtype=v.dtype, generator=dice) for n, v in omega.items()}
        high, low = (
            objective(networks, phi, {n: (v + e * way[n]).detach() for n, v in omega.items()})["J"]
            for e in (1e-5, -1e-5)
        )
        wanted = float(high.detach() - low.detach()) / 2e-5
        assert float(sum((gradients[n] * way[n]).sum() for n in way)) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("route", ROUTES)
def test_truncation_cuts_the_first_steps(networks: Networks, phi: Phi, route: Route) -> None:
    omega = of(networks[1])
    wanted = torch.autograd.grad(objective(networks, phi, omega, through=1)["J"], list(omega.values()))
    cut, _ = meta_gradient(*networks, *phi, **USUAL, route=route, truncate=1)
    whole, _ = meta_gradient(*networks, *phi, **USUAL, route=route)
    assert apart(cut, dict(zip(omega, wanted, strict=True))) < 1e-9
    assert apart(cut, whole) > 0.1
    assert apart(meta_gradient(*networks, *phi, **USUAL, route=route, truncate=2)[0], whole) == 0


@pytest.mark.parametrize("form", get_args(LossForm))
def test_the_routes_agree_in_every_form_of_the_loss(networks: Networks, phi: Phi, form: LossForm) -> None:
    settings = {**USUAL, "alpha": {"mse": 0.1, "l2": 1e-3, "sumsq": 1e-4}[form], "inner_steps": 3}
    one, *others = (meta_gradient(*networks, *phi, **settings, route=route, loss_form=form)[0] for route in ROUTES)
    assert all(apart(other, one) < 1e-9 for other in others)


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_can_be_a_surrogate(name: str, phi: Phi) -> None:
    torch.manual_seed(6)
    surrogate, teacher = detector(name, width=4).double(), map_teacher("resnet8", width=4).double()
    surrogate.train(), teacher.train()
    found = [meta_step(surrogate, teacher, *phi, alpha=0.01, inner_steps=2, mu=0.01, route=route) for route in ROUTES]
    assert float(found[0].norms["task"]) > 0
    assert all(apart(one.gradients, found[2].gradients) < 1e-9 for one in found)
    if name == "fasdr_bc":  # which no map loss reaches
        branch = "branch.0.0.weight"
        assert torch.equal(found[0].theta[branch], dict(surrogate.named_parameters())[branch])


@pytest.mark.parametrize("route", ROUTES)
def test_without_steps_worth_the_name_and_without_mu_it_is_exactly_zero(
    networks: Networks, phi: Phi, route: Route
) -> None:
    found = meta_step(*networks, *phi, alpha=0.0, inner_steps=2, mu=0.0, route=route)
    assert all(bool((value == 0).all()) for value in found.gradients.values())
    assert {name: float(value) for name, value in found.norms.items()} == {"task": 0, "level": 0}
    assert all(torch.equal(value, found.theta[name]) for name, value in networks[0].named_parameters())


@pytest.mark.parametrize(("mu", "rises"), [(0.5, True), (-0.5, False)])
def test_mu_raises_the_maps(networks: Networks, phi: Phi, mu: float, rises: bool) -> None:
    levels = []
    for _ in range(12):
        found = meta_step(*networks, *phi, alpha=0.0, inner_steps=1, mu=mu)
        levels.append(float(found.losses["level"]))
        with torch.no_grad():
            for name, value in networks[1].named_parameters():
                value -= 0.5 * found.gradients[name]
    assert levels == sorted(levels, reverse=not rises)
    assert abs(levels[-1] - levels[0]) > 0.02


def test_live_faces_teach_nothing_but_count_in_the_level(networks: Networks, phi: Phi) -> None:
    (faces, labels), valid = phi
    found = meta_step(*networks, (faces, torch.zeros_like(labels)), valid, **USUAL)
    assert float(found.norms["task"]) == 0
    assert float(found.norms["level"]) > 0
    spoof = meta_step(*networks, (faces, torch.zeros_like(labels)), valid, **USUAL, reg_on="spoof")
    assert float(spoof.norms["level"]) == 0


def test_the_level_counts_the_faces_asked_for(networks: Networks, phi: Phi) -> None:
    (faces, labels), _ = phi
    with torch.no_grad():
        share = copy.deepcopy(networks[1])(faces).sigmoid()
    for reg_on, wanted in (("all", share), ("spoof", share[labels == 1])):
        found = meta_step(*networks, *phi, **USUAL, reg_on=reg_on)
        torch.testing.assert_close(found.losses["level"], wanted.mean())


def test_the_parts_add_up(networks: Networks, phi: Phi) -> None:
    both, task, level = (
        meta_step(*networks, *phi, alpha=alpha, inner_steps=2, mu=mu)
        for alpha, mu in ((0.1, 0.01), (0.1, 0), (0, 0.01))
    )
    summed = {name: value + level.gradients[name] for name, value in task.gradients.items()}
    assert apart(both.gradients, summed) < 1e-12
    for part, one in (("task", task), ("level", level)):
        norm = torch.cat([value.flatten() for value in one.gradients.values()]).norm()
        torch.testing.assert_close(both.norms[part], norm)
    assert set(both.logged) == {"loss_train", "loss_valid", "level", "norm_task", "norm_level"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("training", [True, False])
def test_no_trace_is_left_in_either_module(networks: Networks, phi: Phi, route: Route, training: bool) -> None:
    for module in networks:
        module.train(training)
        module.append = nn.Dropout(0.5).train(training)
        for parameter in module.parameters():
            parameter.grad = torch.ones_like(parameter)
        next(module.parameters()).requires_grad_(requires_grad=False)
    before = [copy.deepcopy(module.state_dict()) for module in networks]
    modes = [[one.training for one in module.modules()] for module in networks]
    with torch.no_grad():  # however it is called
        found = meta_step(*networks, *phi, **USUAL, route=route)
    for module, state, mode in zip(networks, before, modes, strict=True):
        assert all(torch.equal(value, state[name]) for name, value in module.state_dict().items())
        assert all(bool((parameter.grad == 1).all()) for parameter in module.parameters())
        assert [parameter.requires_grad for parameter in module.parameters()].count(False) == 1
        assert [one.training for one in module.modules()] == mode
    parts = (found.gradients, found.theta, found.losses, found.norms)
    assert not any(value.requires_grad for part in parts for value in part.values())


class Dropping(nn.Module):
    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.drop = module, nn.Dropout2d(0.5)

    def forward(self, faces: Tensor) -> Tensor:
        return self.module(self.drop(faces))


def test_dropout_lets_everything_through(networks: Networks, phi: Phi) -> None:
    dropping = tuple(Dropping(module) for module in networks)
    plain, _ = meta_gradient(*networks, *phi, **USUAL)
    found, _ = meta_gradient(*dropping, *phi, **USUAL)
    assert all(torch.equal(value, plain[name.removeprefix("module.")]) for name, value in found.items())
    assert all(module.drop.training for module in dropping)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("reg_on", ["all", "spoof"])
def test_two_ranks_with_the_same_faces_give_what_one_gives(
    networks: Networks, phi: Phi, route: Route, reg_on: Any
) -> None:
    """Batch norms in eval mode: what each rank sees of the other is then the sum alone, here twice its own."""
    for module in networks:
        module.eval()
    settings = {**USUAL, "inner_steps": 3, "route": route, "reg_on": reg_on}
    alone = meta_step(*networks, *phi, **settings)
    both = meta_step(*networks, *phi, **settings, total=lambda tensor: 2 * tensor, ranks=2)
    assert apart(both.gradients, alone.gradients) < 1e-12
    assert apart(both.theta, alone.theta) < 1e-12
    assert apart(both.losses, alone.losses) < 1e-12
    assert apart(both.norms, alone.norms) < 1e-12


def test_any_pair_of_modules_will_do(phi: Phi) -> None:
    torch.manual_seed(7)
    (faces, labels), (judged, _) = phi
    pair = nn.Conv2d(3, 1, 3).double(), nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.Conv2d(4, 1, 1)).double()
    valid = judged, torch.rand(6, 1, 30, 30, dtype=torch.float64)
    found: list[MetaStep] = [meta_step(*pair, (faces, labels.bool()), valid, **USUAL, route=route) for route in ROUTES]
    assert all(apart(one.gradients, found[2].gradients) < 1e-9 for one in found)


def test_what_makes_no_sense_is_refused(networks: Networks, phi: Phi) -> None:
    train, valid = phi
    for settings, words in (
        ({"route": "exact"}, "route 'exact' does not exist; there are adjoint, low_memory, unrolled"),
        ({"reg_on": "live"}, "reg_on 'live' does not exist; there are all, spoof"),
        ({"inner_steps": 0}, "inner_steps 0"),
        ({"truncate": 3}, "truncate 3"),
        ({"loss_form": "mae"}, "loss form 'mae'"),
    ):
        with pytest.raises(UsageError, match=words):
            meta_gradient(*networks, train, valid, **{**USUAL, **settings})
    with pytest.raises(UsageError, match=r"labels \(B,\).*found \(8, 3, 32, 32\), \(7,\)"):
        meta_gradient(*networks, (train[0], train[1][:7]), valid, **USUAL)
    with pytest.raises(UsageError, match=r"found prediction \(6, 1, 4, 4\), target \(6, 1, 8, 8\)"):
        meta_gradient(*networks, train, (valid[0], torch.zeros(6, 1, 8, 8).double()), **USUAL)
