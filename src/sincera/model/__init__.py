"""The model file: networks, fusion and thresholds in one ONNX file; read, checked and run without PyTorch."""

from __future__ import annotations

from sincera.model.detection import detector, yunet_spec
from sincera.model.file import DEFAULT_MODEL, ModelFile, plain_graph, read_model, with_spec, write_model
from sincera.model.run import Scored, Session, fused, member_odds, network_inputs
from sincera.model.spec import (
    FaceLimits,
    Fusion,
    Histogram,
    Licences,
    Link,
    Member,
    ModelId,
    ModelSpec,
    log_odds,
    probability,
)

__all__ = [
    "DEFAULT_MODEL",
    "FaceLimits",
    "Fusion",
    "Histogram",
    "Licences",
    "Link",
    "Member",
    "ModelFile",
    "ModelId",
    "ModelSpec",
    "Scored",
    "Session",
    "detector",
    "fused",
    "log_odds",
    "member_odds",
    "network_inputs",
    "plain_graph",
    "probability",
    "read_model",
    "with_spec",
    "write_model",
    "yunet_spec",
]
