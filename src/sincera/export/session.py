"""A single network in ONNX Runtime, as a scorer of crops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sincera.errors import ModelError
from sincera.evaluate import Scorer
from sincera.faces import as_input
from sincera.model import Member


def onnx_scorer(network: bytes, member: Member) -> Scorer:
    """(N, H, W, 3) uint8 RGB → (N,) by the network's output for `score`.

    ModelError where ONNX Runtime cannot open it, or where input and output are not the member's.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # what it would log is raised as well
    try:
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own kinds share no other base
        raise ModelError(f"member {member.name!r}: ONNX Runtime cannot open it ({error}).") from error
    inputs, outputs = ({one.name for one in names} for names in (session.get_inputs(), session.get_outputs()))
    if inputs != {member.input} or not set(member.outputs.values()) <= outputs:
        raise ModelError(
            f"member {member.name!r}: the network takes {', '.join(sorted(inputs))} and gives "
            f"{', '.join(sorted(outputs))}; expected input {member.input} and outputs "
            f"{', '.join(member.outputs.values())}. Name them by `input` and [outputs]."
        )

    def score(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        (found,) = session.run([member.outputs["score"]], {member.input: as_input(crops, member.view)})
        values = np.asarray(found, np.float64)
        if values.size != len(crops):
            raise ModelError(
                f"member {member.name!r}: output {member.outputs['score']} has the shape {values.shape} for "
                f"{len(crops)} crops; expected one score a face, which rises with attack."
            )
        return values.reshape(-1)

    return score
