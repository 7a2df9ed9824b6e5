"""The model inside the package: it fits its authors' files, its detector and its promises on size."""

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from sincera.model import DEFAULT_MODEL, Session, detector, read_model

MEMBERS = Path(__file__).parents[2] / "benchmarks" / "default" / "members"
FILES = {"minifasnet_v2": "minifasnet_v2_scale2.7.onnx", "minifasnet_v1se": "minifasnet_v1se_scale4.0.onnx"}


@pytest.fixture(scope="module")
def shipped():
    return read_model()


def test_each_member_of_the_pair_scores_as_its_own_file(shipped):
    rng = np.random.default_rng(0)
    # Smooth pictures and noise: the pair is sure of the latter.
    crops = np.concatenate([rng.random((4, 3, 1, 1)) * 255 + np.zeros((3, 80, 80)), rng.random((4, 3, 80, 80)) * 255])
    crops = crops.astype(np.float32)
    blank = {one.name: np.zeros((8, 3, one.view.size, one.view.size), np.float32) for one in shipped.spec.networks}
    found = Session(shipped).scores(blank | dict.fromkeys(FILES, crops))
    for name, file in FILES.items():
        content = (MEMBERS / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == shipped.spec.member(name).source_sha256
        source = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        logits = source.run(None, {"input": crops})[0].astype(np.float64)
        shares = np.exp(logits - logits.max(1, keepdims=True))
        np.testing.assert_allclose(found.members[name], 1 - shares[:, 1] / shares.sum(1), atol=1e-5)
        assert found.features[name].shape == (8, 512)


def test_its_detector_is_the_one_that_comes_along(shipped):
    assert detector(shipped.spec).spec == shipped.spec.detector
    assert {view.detector for view in shipped.spec.views} == {shipped.spec.detector}


def test_its_thresholds_say_where_they_come_from(shipped):
    points = shipped.spec.points
    assert {"eer", "bpcer=0.01", "bpcer=0.05", "apcer=0.01", "apcer=0.05"} <= set(points)
    assert all(0 < point.value < 1 and point.fitted_on and point.subjects and point.clips for point in points.values())
    assert points["bpcer=0.05"].value <= points["bpcer=0.01"].value
    assert points["apcer=0.01"].value <= points["apcer=0.05"].value
    assert shipped.spec.histogram is not None
    assert sum(shipped.spec.histogram.live) + sum(shipped.spec.histogram.attack) == shipped.spec.operating_point.clips


def test_what_comes_along_is_small_and_has_its_notices(shipped):
    folder = DEFAULT_MODEL.parent
    assert sum(file.stat().st_size for file in folder.glob("*.onnx")) < 10_000_000
    for notice in ("minifasnet.txt", "yunet.txt"):
        assert "Apache License" in (folder / notice).read_text()
    assert all(member.licences.weights and member.licences.data for member in shipped.spec.members)
