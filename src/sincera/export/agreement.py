"""Whether a model file says what PyTorch said, on real crops: nothing else is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.errors import MissingExtraError, ModelError
from sincera.export.candidate import Candidate
from sincera.faces import as_input
from sincera.model import ModelFile, Session, plain_graph

TOLERANCE = 1e-4
CROPS = 64


@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest difference of a score over `crops` real crops, by member; OpenVINO's where it was asked."""

    crops: int
    largest: Mapping[str, float]
    openvino: OpenVino | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        found: dict[str, Any] = {"crops": self.crops, "largest": dict(self.largest), "tolerance": TOLERANCE}
        return found if self.openvino is None else found | {"openvino": self.openvino.to_dict()}


@dataclass(frozen=True, slots=True)
class OpenVino:
    """The same by OpenVINO. precision: asked for by name, since its own choice, bf16 on some processors, moves scores
    by some thousandths."""

    version: str
    precision: str
    largest: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        return {"version": self.version, "precision": self.precision, "largest": dict(self.largest)}


def compare(model: ModelFile, candidates: Sequence[Candidate], *, crops: int = CROPS) -> Agreement:
    """ModelError where a member's score in the file differs from its reference by more than TOLERANCE."""
    pictures = [one.crops(crops) for one in candidates]
    count = min(map(len, pictures))
    if not count:
        raise ModelError("the store holds no crop to compare scores on; prepare some faces first.")
    pictures = [crops[:count] for crops in pictures]
    wanted = {
        one.member.name: np.asarray(one.reference(some), np.float64)
        for one, some in zip(candidates, pictures, strict=True)
    }
    inputs = {one.member.name: as_input(some, one.member.view) for one, some in zip(candidates, pictures, strict=True)}
    found = Session(model).scores(inputs).members
    largest = differences(found, wanted)
    for name, value in largest.items():
        if not value <= TOLERANCE:
            crop = int(np.abs(found[name] - wanted[name]).argmax())
            raise ModelError(
                f"member {name!r}: on {count} real crops its scores in the file differ from the original's by up to "
                f"{value:.2g} (crop {crop}: {found[name][crop]:.6f}, expected {wanted[name][crop]:.6f}), more than "
                f"{TOLERANCE:g}; nothing was written. A method whose `score` branches on values exports wrongly: use "
                "masks."
            )
    return Agreement(count, largest, openvino(model, inputs, wanted))


def openvino(
    model: ModelFile, inputs: Mapping[str, NDArray[np.float32]], wanted: Mapping[str, NDArray[np.float64]]
) -> OpenVino | None:
    """What OpenVINO makes of the file in f32; None where it is not installed."""
    try:
        return _by_openvino(model, inputs, wanted)
    except MissingExtraError:
        return None


def _by_openvino(
    model: ModelFile, inputs: Mapping[str, NDArray[np.float32]], wanted: Mapping[str, NDArray[np.float64]]
) -> OpenVino:
    try:
        import openvino
    except ImportError as error:
        raise MissingExtraError("openvino", "openvino") from error
    core = openvino.Core()
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": "1"}
    compiled = core.compile_model(core.read_model(plain_graph(model), b""), "CPU", options)
    given = {one.input: inputs[one.name] for one in model.spec.networks}
    answers = compiled(given)
    found = {one.name: np.asarray(answers[one.outputs["score"]], np.float64).ravel() for one in model.spec.networks}
    precision = str(compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name())
    return OpenVino(str(openvino.__version__), precision, differences(found, wanted))


def differences(
    found: Mapping[str, NDArray[np.float64]], wanted: Mapping[str, NDArray[np.float64]]
) -> dict[str, float]:
    """The largest by member; infinite where a score is no number."""
    apart = {name: np.abs(found[name] - values).max() for name, values in wanted.items()}
    return {name: float(value) if np.isfinite(value) else float("inf") for name, value in apart.items()}
