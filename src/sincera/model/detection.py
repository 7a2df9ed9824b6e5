"""The face detector that a model was calibrated with."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from sincera.errors import ModelError
from sincera.faces import DetectorSpec, FaceDetector
from sincera.model.spec import ModelSpec

YUNET = Path(__file__).parent / "assets" / "yunet_n.onnx"


def yunet_spec(*, min_face: int = 20, padding: float = 0.3, confidence: float = 0.7) -> DetectorSpec:
    """How the YuNet that comes along is recorded in a model file."""
    return DetectorSpec("yunet", hashlib.sha256(YUNET.read_bytes()).hexdigest(), padding, confidence, min_face)


def detector(spec: ModelSpec) -> FaceDetector:
    """Open the model's detector with the settings on record; WeightsError where its weights are absent.

    ModelError where this installation's weights are others than those that the model was calibrated with: boxes
    that lie elsewhere move the scores.
    """
    wanted = spec.detector
    found: FaceDetector
    if wanted.name == "yunet":
        from sincera.faces.yunet import Yunet

        found = Yunet(YUNET, wanted.min_face, confidence=wanted.confidence, padding=wanted.padding)
    else:
        from sincera.faces.mtcnn import Mtcnn

        found = Mtcnn(wanted.min_face, padding=wanted.padding)
    if found.spec != wanted:
        raise ModelError(
            f"model {spec.name!r} was calibrated with another {wanted.name} (recorded {_short(wanted)}, "
            f"installed {_short(found.spec)}). Calibrate it again, or install the version that made it."
        )
    return found


def _short(spec: DetectorSpec) -> str:
    return str(replace(spec, sha256=spec.sha256[:16]))
