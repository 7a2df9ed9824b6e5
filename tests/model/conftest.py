"""Networks of a few numbers, so that every byte of a model file can be tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sincera.faces import CropSpec, DetectorSpec
from sincera.measures import Threshold
from sincera.model import Fusion, Histogram, Licences, Member, ModelFile, ModelSpec, read_model, with_spec
from sincera.model.compose import join, softmax_score

SIDE, WIDTH, CLASSES = 8, 5, 3
DETECTOR = DetectorSpec("yunet", "0" * 64, 0.3, 0.7, 20)
LICENCES = Licences("Apache-2.0", "Apache-2.0", "none")


@dataclass(frozen=True)
class Toy:
    """Crop → relu(crop · first) → · second: as an ONNX classifier, and in NumPy."""

    first: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, seed: int) -> Toy:
        rng = np.random.default_rng(seed)
        first = rng.normal(size=(3 * SIDE * SIDE, WIDTH)) / 10
        return cls(first.astype(np.float32), rng.normal(size=(WIDTH, CLASSES)).astype(np.float32))

    def features(self, crops: np.ndarray) -> np.ndarray:
        return np.maximum(crops.reshape(-1, 3 * SIDE * SIDE) @ self.first, 0)

    def score(self, crops: np.ndarray, live: int = 1) -> np.ndarray:
        logits = (self.features(crops) @ self.second).astype(np.float64)
        shares = np.exp(logits - logits.max(1, keepdims=True))
        return 1 - (shares / shares.sum(1, keepdims=True))[:, live]

    def classifier(self, opset: int = 17) -> onnx.ModelProto:
        nodes = [
            helper.make_node("Flatten", ["input"], ["flat"]),
            helper.make_node("MatMul", ["flat", "first"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["inner"]),
            helper.make_node("MatMul", ["inner", "second"], ["logits"]),
        ]
        weights = [numpy_helper.from_array(self.first, "first"), numpy_helper.from_array(self.second, "second")]
        graph = helper.make_graph(
            nodes,
            "toy",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", CLASSES])],
            weights,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


TOYS = {"near": Toy.of(1), "far": Toy.of(2)}


def member(name: str, **changed: object) -> Member:
    values = {
        "name": name,
        "view": CropSpec(size=SIDE, detector=DETECTOR),
        "input": f"{name}/input",
        "outputs": {"score": f"{name}/score", "features": f"{name}/features"},
        "link": "probability",
        "licences": LICENCES,
        "trained_on": ("nothing",),
    }
    return Member(**{**values, **changed})


def spec_of(*members: Member, **changed: object) -> ModelSpec:
    count = len(members)
    values = {
        "name": "toy",
        "version": "1",
        "members": members,
        "fusion": Fusion() if count == 1 else Fusion("log_odds", (1 / count,) * count, 0.25),
        "detector": DETECTOR,
        "threshold": "eer",
        "points": {
            "eer": Threshold(0.5, "eer", "nothing", subjects=3, clips=7),
            "bpcer=0.01": Threshold(0.75, "bpcer=0.01", "nothing"),
        },
        "histogram": Histogram((0.0, 0.5, 1.0), (3, 1), (0, 4)),
        "bounds": ("eer", "bpcer=0.01"),
        "measures": {"auc": 0.5, "by": [1, None, "café"]},
        "recipe": {"command": "none"},
        "versions": {"numpy": "2"},
    }
    return ModelSpec(**{**values, **changed})


@pytest.fixture(scope="session")
def toys() -> dict[str, Toy]:
    return TOYS


@pytest.fixture(scope="session")
def crops() -> np.ndarray:
    """(6, 3, 8, 8) float32 in [0, 1]."""
    return np.random.default_rng(0).random((6, 3, SIDE, SIDE), np.float32)


@pytest.fixture(scope="session")
def graph() -> bytes:
    """Both toys in one file."""
    return join(
        {name: softmax_score(toy.classifier(), live=1, features="inner") for name, toy in TOYS.items()}
    ).SerializeToString()


@pytest.fixture(scope="session")
def spec() -> ModelSpec:
    return spec_of(*(member(name) for name in TOYS))


@pytest.fixture(scope="session")
def model(graph: bytes, spec: ModelSpec) -> ModelFile:
    return read_model(with_spec(graph, spec))


@pytest.fixture(scope="session")
def make_member() -> Callable[..., Member]:
    return member


@pytest.fixture(scope="session")
def make_spec() -> Callable[..., ModelSpec]:
    return spec_of
