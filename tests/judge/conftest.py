"""Faces of people who do not exist, a clip of one, and a model whose score can be told in advance."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from sincera.faces import CropSpec
from sincera.measures import Threshold
from sincera.media import Sampling, write_video
from sincera.model import Fusion, Licences, Member, ModelSpec, read_model, with_spec, yunet_spec
from sincera.simulate.heads import Expression, Pose, front_lights, make_person, render

FACE = CropSpec(margin=0.0, size=32)


def draw(seed: int, size: tuple[int, int], pose: Pose) -> np.ndarray:
    rendered = render(make_person(seed), pose, Expression(), front_lights(), size=size, supersample=1)
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    wall = 0.15 + 0.1 * np.sin(columns / 17) * np.cos(rows / 23)
    linear = np.clip(rendered.rgb + wall[..., None] * (1 - rendered.alpha[..., None]), 0, 1)
    return np.round(255 * linear ** (1 / 2.2)).astype(np.uint8)


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """One face of about 120 pixels, (240, 320, 3)."""
    return draw(3, (240, 320), Pose(scale=0.25))


@pytest.fixture(scope="session")
def other() -> np.ndarray:
    """One more face, as large."""
    return draw(8, (240, 320), Pose(scale=0.25))


@pytest.fixture(scope="session")
def couple(portrait, other) -> np.ndarray:
    """Two faces of one size side by side."""
    return np.hstack([portrait, other])


@pytest.fixture(scope="session")
def blank() -> np.ndarray:
    return np.full((240, 320, 3), 128, np.uint8)


@pytest.fixture(scope="session")
def frames(portrait, blank) -> list[np.ndarray]:
    """Twelve frames, the face in all of them, getting darker."""
    return [np.round(portrait * (1 - 0.03 * number)).astype(np.uint8) for number in range(12)]


@pytest.fixture(scope="session")
def video(tmp_path_factory, frames):
    path = tmp_path_factory.mktemp("judge") / "clip.mp4"
    write_video(path, frames, fps=10, quality=95)
    return path


def brightness_graph() -> bytes:
    """score (N,): the mean of the crop, in [0, 1]."""
    crops = helper.make_tensor_value_info("crops", TensorProto.FLOAT, ["N", 3, FACE.size, FACE.size])
    score = helper.make_tensor_value_info("score", TensorProto.FLOAT, ["N"])
    mean = helper.make_node("ReduceMean", ["crops", "axes"], ["score"], keepdims=0)
    axes = helper.make_tensor("axes", TensorProto.INT64, [3], [1, 2, 3])
    graph = helper.make_graph([mean], "brightness", [crops], [score], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def make_model(*, bounds=None, frames=4, **points):
    """A model that calls bright faces attacks; points: value by name, the first is in use."""
    values = points or {"eer": 0.5}
    member = Member("brightness", FACE, "crops", {"score": "score"}, "probability", Licences("none", "none", "none"))
    spec = ModelSpec(
        name="bright",
        version="1",
        members=(member,),
        fusion=Fusion(),
        detector=yunet_spec(),
        threshold=next(iter(values)),
        points={name: Threshold(value, name, "nothing real") for name, value in values.items()},
        sampling=Sampling(frames),
        bounds=bounds,
    )
    return read_model(with_spec(brightness_graph(), spec))


@pytest.fixture(scope="session")
def model_of():
    return make_model


@pytest.fixture(scope="session")
def bright_model(model_of):
    return model_of()
