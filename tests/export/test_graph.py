"""Every method and every detector: the ONNX graph gives PyTorch's scores, for any number of faces."""

import copy
import re

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from sincera.errors import UsageError
from sincera.export.graph import averages, graph_of
from sincera.methods import METHODS, load_method
from sincera.nets.detectors import DETECTORS
from sincera.recipe import load_recipe
from sincera.train import Facts, Method, Scores, build_method

SIDE = 64
EDITOR = ("editing.teacher=random", "editing.size=32", "editing.width=4", "editing.repeat=4")
SMALL: dict[str, tuple[str, ...]] = {
    "baseline": ("network=small",),
    "dann": ("network=small", "hidden=16"),
    "dtda": ("network=small", "recognition.teacher=none", "editing.teacher=none"),
    "frtpad": ("network=small", *EDITOR),
    "mtfas": ("width=4", "teacher.width=2", "teacher.surrogate_width=2"),
    "okddip": ("width=4",),
    "pixel": ("width=4",),
}
KINDS = [
    *((name, SMALL[name]) for name in METHODS),
    *(("pixel", (f"detector={name}", "width=2")) for name in DETECTORS if name != "dtn"),  # at its own size below
    ("pixel", ("width=4", "supervision=depth")),
    ("frtpad", ("network=small", "adapter.graph=dense", *EDITOR)),
    ("baseline", ("network=mobilefacenet", "norm=symmetric")),
]


def built(name: str, sets: tuple[str, ...], side: int = SIDE) -> Method:
    cls = load_method(name)
    facts = Facts(("A", "B"), ("A/1",), clips=4, size=side)
    method = build_method(cls, load_recipe(cls.recipe_type, preset="demo", sets=list(sets)), facts, seed=1)
    dice = torch.Generator().manual_seed(2)
    for key, buffer in method.named_buffers():  # as if it had been trained
        if buffer.dtype == torch.float32:
            moved = torch.rand(buffer.shape, generator=dice)
            buffer.copy_(0.5 + moved if "var" in key else buffer + 0.2 * (moved - 0.5))
    for parameter in method.parameters():
        reach = 0.5 * parameter.std() if parameter.numel() > 1 and parameter.std() > 0 else 0.05
        parameter.data += reach * torch.randn(parameter.shape, generator=dice)
    return method.eval()


def faces(count: int, side: int = SIDE) -> Tensor:
    """From dark and flat to bright and rough."""
    dice = torch.Generator().manual_seed(3)
    return torch.rand(count, 3, side, side, generator=dice) * torch.linspace(0.1, 1, count).view(-1, 1, 1, 1)


def run(data: bytes, crops: Tensor) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(names, {"crops": crops.numpy()}), strict=True))


@pytest.mark.parametrize(("name", "sets"), KINDS, ids=lambda part: part if isinstance(part, str) else "-".join(part))
def test_the_graph_gives_the_method_s_scores(name: str, sets: tuple[str, ...]) -> None:
    method = built(name, sets)
    before = copy.deepcopy(method.state_dict())
    graph = graph_of(method, SIDE)
    crops = faces(5)
    with torch.no_grad():
        wanted = method.score(crops)
    found, alone = run(graph.data, crops), run(graph.data, crops[:1])
    assert graph.outputs == {role: role for role in found}
    assert wanted.score.std() > 0, "scores that are all alike would prove nothing"
    assert np.allclose(found["score"], wanted.score.numpy(), atol=2e-6)
    assert np.allclose(alone["score"], found["score"][:1], atol=2e-6)
    assert ("map" in found) == (wanted.map is not None)
    if wanted.map is not None:
        assert np.allclose(found["map"], wanted.map.squeeze(1).numpy(), atol=1e-5)
    if wanted.features is not None:
        assert np.allclose(found["features"], wanted.features.numpy(), rtol=1e-3, atol=1e-3)
    assert all(torch.equal(tensor, before[key]) for key, tensor in method.state_dict().items())
    assert not method.training


def test_the_tree_goes_by_masks_also_where_the_side_divides_badly() -> None:
    method = built("pixel", ("detector=dtn", "width=2"), 72)
    crops = faces(3, 72)
    with torch.no_grad():
        wanted = method.score(crops)
    assert wanted.map is not None
    found = run(graph_of(method, 72).data, crops)
    assert np.allclose(found["score"], wanted.score.numpy(), atol=2e-6)
    assert np.allclose(found["map"], wanted.map.squeeze(1).numpy(), atol=1e-5)


@pytest.mark.parametrize(("inputs", "outputs"), [(16, 8), (9, 4), (3, 8), (1, 4)])
def test_averages_are_adaptive_pooling(inputs: int, outputs: int) -> None:
    values = torch.rand(1, 1, inputs, generator=torch.Generator().manual_seed(0))
    wanted = torch.nn.functional.adaptive_avg_pool1d(values, outputs)
    assert torch.allclose(values @ averages(inputs, outputs).T, wanted, atol=1e-6)


def test_the_same_method_gives_the_same_bytes() -> None:
    assert graph_of(built("pixel", SMALL["pixel"]), SIDE) == graph_of(built("pixel", SMALL["pixel"]), SIDE)


class Teacher(Method):
    """Gives no score."""


class Strange(Method):
    """Scores by what ONNX has no operator for."""

    def score(self, crops: Tensor) -> Scores:
        return Scores(torch.linalg.eigvals(crops.mean(1)[:, :4, :4]).real.sum(1))


def test_what_cannot_be_exported_is_refused() -> None:
    facts, recipe = Facts(("A",), ("A/1",), clips=1, size=16), load_recipe(Method.recipe_type)
    with pytest.raises(UsageError, match="makes a teacher"):
        graph_of(Teacher(recipe, facts), 16)
    with pytest.raises(UsageError, match=re.escape("Strange: its score cannot be written as ONNX (")):
        graph_of(Strange(recipe, facts), 16)
