"""Any ONNX file as a frozen teacher: no gradient flows through one, so it need not be a PyTorch module."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from torch import Tensor, nn

from sincera.errors import WeightsError
from sincera.workers import cores


class OnnxTeacher(nn.Module):
    """One picture in, one vector out: (B, 3, size, size), scaled by the caller → (B, width) on the caller's device.

    size: the input's side as the file states it.  width: of the first output, tried out where it is not stated.
    Raises WeightsError where the file cannot be read, has another number of inputs, another type or shape, or gives
    anything but one vector a picture.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        content = path.read_bytes()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            reason = str(error).strip().splitlines()[0]
            raise WeightsError(f"{path}: cannot be read as an ONNX file ({reason}).") from error
        self.path = path
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._input, self.size = _picture_input(self._session, path)
        self._fixed = _fixed_batch(self._session)
        self.width = self._tried()

    def forward(self, pixels: Tensor) -> Tensor:
        array = pixels.detach().to("cpu", torch.float32).contiguous()
        pieces = torch.split(array, self._fixed or len(array))
        answers = [torch.from_numpy(self._run(piece)) for piece in pieces]
        return torch.cat(answers).flatten(1).to(pixels.device, pixels.dtype)

    def _run(self, piece: Tensor) -> Any:
        lacking = 0 if self._fixed is None else self._fixed - len(piece)
        if lacking:  # a file with a fixed batch wants it whole
            piece = torch.cat([piece, piece[-1:].expand(lacking, -1, -1, -1)])
        answer = self._session.run(None, {self._input: piece.numpy()})[0]
        return answer[: len(answer) - lacking]

    def _tried(self) -> int:
        """The width; two pictures tell a batch from a single vector."""
        pictures = torch.zeros(2, 3, self.size, self.size)
        try:
            found = self.forward(pictures)
        except Exception as error:  # ONNX Runtime's own kinds, and whatever an output that is no array leads to
            reason = str(error).strip().splitlines()[0]
            raise WeightsError(f"{self.path}: cannot be asked about pictures of {self.size} px ({reason}).") from error
        if len(found) != len(pictures) or not found.shape[1]:
            raise WeightsError(f"{self.path}: {tuple(found.shape)} for two pictures; a teacher gives one vector each.")
        return found.shape[1]


def _picture_input(session: onnxruntime.InferenceSession, path: Path) -> tuple[str, int]:
    inputs = session.get_inputs()
    if len(inputs) == 1 and len(inputs[0].shape) == 4 and inputs[0].type == "tensor(float)":
        _, channels, height, width = inputs[0].shape
        if channels == 3 and isinstance(height, int) and height == width:
            return inputs[0].name, height
    found = ", ".join(f"{one.name} {one.shape} {one.type}" for one in inputs) or "nothing"
    raise WeightsError(f"{path}: wants {found}; a teacher takes one picture, (batch, 3, side, side) of float32.")


def _fixed_batch(session: onnxruntime.InferenceSession) -> int | None:
    first = session.get_inputs()[0].shape[0]
    return first if isinstance(first, int) else None
