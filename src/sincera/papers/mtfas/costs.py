"""What an iteration of a teacher and of a student costs in multiply-adds, and how long a teacher's training took.

The printed counts of Table 4 follow from one accounting: three forward passes an image (forward, gradient to the
inputs, gradient to the weights), less the first layer's gradient to the image, at 256 pixels and a batch of 32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from sincera.losses.metagradient import Route, meta_gradient
from sincera.methods import load_method
from sincera.nets import multiply_adds
from sincera.recipe import Recipe
from sincera.train import Facts, Method, build_method

SIZE = 256
COUNTED_AT = 32  # pixels, a multiple of 8: maps have an eighth of the crop's side


@dataclass(frozen=True, slots=True)
class Costs:
    """Multiply-adds of one iteration. teacher: None where nobody is trained before the student.  stages: {stage of
    the teacher: (steps, multiply-adds of one)}."""

    teacher: int | None
    student: int
    stages: Mapping[str, tuple[int, int]]

    @property
    def teacher_total(self) -> int | None:
        """Of the teacher's whole training."""
        return sum(steps * one for steps, one in self.stages.values()) if self.stages else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        stages = {name: {"steps": steps, "multiply_adds": one} for name, (steps, one) in self.stages.items()}
        return {
            "teacher": self.teacher, "student": self.student, "teacher_total": self.teacher_total, "stages": stages,
        }  # fmt: skip


def costs_of(name: str, recipe: Recipe, *, clips: int = 1, size: int = SIZE) -> Costs:
    """Of a training by `pixel`, `okddip` or `mtfas` with the networks and batches of its recipe.

    clips: that train, for lengths in epochs.  size: side of a crop.  A student's target takes one forward pass of its
    teacher an image.
    """
    facts = Facts(domains=("O",), subjects=(), clips=clips, size=size)
    method = build_method(load_method(name), recipe, facts, seed=0)
    of = _Counter(size)
    batch = int(_setting(recipe, "batch"))
    student = of.trained(method.get_submodule("detector"), batch)
    stages = {stage.name: stage.steps for stage in method.stages()}
    if name == "mtfas":
        return _meta(method, recipe, of, student, batch, stages, size)
    if name == "okddip":
        peers = method.get_submodule("peers").children()
        return Costs(None, student + sum(of.trained(peer, batch) for peer in peers), {})
    return _rival(method, recipe, of, student, batch, stages)


def _rival(method: Method, recipe: Recipe, of: _Counter, student: int, batch: int, stages: Mapping[str, int]) -> Costs:
    """FitNet's hint stage is not in it: it is shorter and cheaper than the one that follows."""
    rival = getattr(method, "rival", None)
    if rival is None:
        return Costs(None, student, {})
    teacher = of.trained(rival, int(_setting(recipe, "rival.batch")))
    return Costs(teacher, student + batch * of.forward(rival), {"teacher": (stages["teacher"], teacher)})


def _meta(
    method: Method, recipe: Recipe, of: _Counter, student: int, batch: int, stages: Mapping[str, int], size: int
) -> Costs:
    teacher, surrogate = method.get_submodule("teacher"), method.get_submodule("surrogate")
    found: dict[str, tuple[int, int]] = {}
    if "pretrain" in stages:
        before = int(_setting(recipe, "pretrain.batch"))
        found["pretrain"] = stages["pretrain"], of.trained(teacher, before) + of.trained(surrogate, before)
    how = _setting(recipe, "bilevel")
    bilevel = meta_iteration(
        surrogate, teacher, train=how.train, valid=how.valid, inner_steps=how.inner_steps, route=how.route,
        truncate=how.truncate or None, size=size,
    )  # fmt: skip
    if "bilevel" in stages:
        found["bilevel"] = stages["bilevel"], bilevel
    return Costs(bilevel, student + batch * of.forward(teacher), found)


def meta_iteration(
    surrogate: nn.Module,
    teacher: nn.Module,
    *,
    train: int,
    valid: int,
    inner_steps: int,
    route: Route = "adjoint",
    truncate: int | None = None,
    size: int = SIZE,
) -> int:
    """Multiply-adds of one bi-level iteration: the meta-gradient, and the average's maps of the validation faces.

    Counted on small faces, for those of convolutions grow with the area.
    """
    faces = torch.rand(train + valid, 3, COUNTED_AT, COUNTED_AT, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(train) % 2
    with FlopCounterMode(display=False) as counter:
        with torch.no_grad():
            judged = teacher(faces[train:])
        meta_gradient(
            surrogate, teacher, (faces[:train], labels), (faces[train:], judged),
            alpha=1e-3, inner_steps=inner_steps, mu=1e-3, route=route, truncate=truncate,
        )  # fmt: skip
    return int(counter.get_total_flops()) // 2 * size**2 // COUNTED_AT**2


class _Counter:
    """Counts each network once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: dict[int, tuple[int, int]] = {}

    def forward(self, network: nn.Module) -> int:
        """One image, forward."""
        return self._of(network)[0]

    def trained(self, network: nn.Module, batch: int) -> int:
        """One step on a batch."""
        forward, first = self._of(network)
        return batch * (3 * forward - first)

    def _of(self, network: nn.Module) -> tuple[int, int]:
        if id(network) not in self._known:
            self._known[id(network)] = multiply_adds(network, self._size), first_layer(network, self._size)
        return self._known[id(network)]


def first_layer(network: nn.Module, size: int) -> int:
    """Multiply-adds of the convolution that sees the image.

    >>> first_layer(nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 1, 1)), 256)
    28311552
    """
    seen: list[int] = []

    def count(layer: nn.Conv2d, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen.append(layer.weight[0].numel() * output[0].numel())

    hooks = [layer.register_forward_hook(count) for layer in _convolutions(network)]
    was_training = network.training
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, 3, size, size))
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    return seen[0]


def _convolutions(network: nn.Module) -> Iterator[nn.Conv2d]:
    return (layer for layer in network.modules() if isinstance(layer, nn.Conv2d))


def _setting(recipe: Recipe, path: str) -> Any:
    """A setting by its path, of a recipe whose class this room need not import."""
    found: Any = recipe
    for part in path.split("."):
        found = getattr(found, part)
    return found
