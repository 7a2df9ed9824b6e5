import numpy as np
import onnxruntime
import pytest

from sincera.faces.mtcnn_nets import weights
from sincera.faces.onnx_graph import without_prelu

SHAPES = {"pnet.onnx": (1, 40, 30, 3), "rnet.onnx": (4, 24, 24, 3), "onet.onnx": (4, 48, 48, 3)}


@pytest.mark.parametrize("path", weights(), ids=lambda path: path.name)
def test_the_rewritten_net_says_the_same(path):
    model = path.read_bytes()
    values = np.random.default_rng(0).uniform(-1, 1, SHAPES[path.name]).astype(np.float32)
    answers = []
    for data in (model, without_prelu(model)):
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        answers.append(session.run(None, {session.get_inputs()[0].name: values}))
    for plain, rewritten in zip(*answers, strict=True):
        assert np.abs(plain - rewritten).max() < 1e-5


@pytest.mark.parametrize("path", weights(), ids=lambda path: path.name)
def test_no_prelu_is_left(path):
    assert b"PRelu" in path.read_bytes()
    assert b"PRelu" not in without_prelu(path.read_bytes())
