"""From runs to a model file: networks in ONNX, thresholds from source validation, scores compared with PyTorch's."""

from __future__ import annotations

from sincera.export.agreement import TOLERANCE, Agreement
from sincera.export.candidate import Candidate, from_run
from sincera.export.graph import Graph, graph_of
from sincera.export.listed import from_toml
from sincera.export.quantise import Worth
from sincera.export.writing import Exported, Int8, Wishes, export

__all__ = [
    "TOLERANCE",
    "Agreement",
    "Candidate",
    "Exported",
    "Graph",
    "Int8",
    "Wishes",
    "Worth",
    "export",
    "from_run",
    "from_toml",
    "graph_of",
]
