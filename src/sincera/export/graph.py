"""A method's `score` as an ONNX graph: what was computed in PyTorch, with normalisation and class choice inside."""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sincera.errors import UsageError
from sincera.train import Method

OPSET = 17  # every operator is there for ONNX Runtime 1.20 and OpenVINO alike
INPUT = "crops"
ROLES = ("score", "features", "map")
_TRACED = 2  # crops in the example: a graph traced from one may take its axis for a constant


@dataclass(frozen=True, slots=True)
class Graph:
    """A plain ONNX file in memory.

    data: its bytes.  input: float32 (N, 3, size, size).  outputs: the graph's outputs by role: `score` (N,), which
    rises with attack, and `features` (N, F) and `map` (N, h, w) where the method gives them.
    """

    data: bytes
    input: str
    outputs: Mapping[str, str]


class _Outputs(nn.Module):
    """`score` of a method as a tuple of what there is, in the order of ROLES."""

    def __init__(self, method: Method) -> None:
        super().__init__()
        self.method = method

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        scores = self.method.score(crops)
        shown = None if scores.map is None else scores.map.squeeze(1)
        return tuple(part for part in (scores.score, scores.features, shown) if part is not None)


def graph_of(method: Method, size: int) -> Graph:
    """The graph of a trained method for crops of this side; the method itself stays as it is.

    UsageError where the method makes a teacher only, or where its `score` holds what ONNX cannot express.
    """
    if not method.scored:
        raise UsageError(f"{type(method).__name__} makes a teacher and gives no score, so there is nothing to export.")
    own = copy.deepcopy(method).cpu().float().eval().requires_grad_(requires_grad=False)
    example = torch.rand(_TRACED, 3, size, size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        scores = own.score(example)
    roles = [role for role in ROLES if getattr(scores, role) is not None]
    try:
        data = _traced(_Outputs(own).eval(), example, roles)
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UsageError(
            f"{type(method).__name__}: its score cannot be written as ONNX ({reason}). Keep `score` to tensor "
            "operations, with masks in place of Python branches on values."
        ) from error
    return Graph(_sized(data, own, example), INPUT, {role: role for role in roles})


def _traced(module: nn.Module, example: Tensor, roles: list[str]) -> bytes:
    with _quiet(), _adaptive_pooling(), torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.onnx"
        traced: Any = torch.jit.trace(module, (example,), check_trace=False)  # type: ignore[no-untyped-call]
        torch.onnx.export(
            torch.jit.freeze(traced),  # kernels made from others (CDCN's) have to be constants in ONNX
            (example,),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=roles,
            dynamic_axes={name: {0: "N"} for name in (INPUT, *roles)},
        )
        return path.read_bytes()


def _sized(data: bytes, method: Method, example: Tensor) -> bytes:
    """Every axis but the first gets its number, which tracing loses where it is computed."""
    import onnx

    model = onnx.load_model_from_string(data)
    with torch.no_grad():
        given = _Outputs(method)(example)
    for output, tensor in zip(model.graph.output, given, strict=True):
        dims = output.type.tensor_type.shape.dim
        for dim, side in list(zip(dims, tensor.shape, strict=True))[1:]:
            dim.dim_value = side
    found: bytes = model.SerializeToString(deterministic=True)
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch announces that this exporter will go; its successor writes other graphs with every version.

    A Python branch on a value would give a wrong graph and not only a warning: scores on real crops are compared
    before a file is written.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _adaptive_pooling() -> Iterator[None]:
    """Adaptive averages to any size, which the exporter has only where the sizes divide: two products of matrices."""
    from torch.onnx.utils import register_custom_op_symbolic, unregister_custom_op_symbolic

    name = "aten::adaptive_avg_pool2d"
    register_custom_op_symbolic(name, _adaptive, OPSET)
    try:
        yield
    finally:
        unregister_custom_op_symbolic(name, OPSET)


def _adaptive(graph: Any, maps: Any, size: Any) -> Any:
    from torch.onnx import symbolic_helper

    batch, channels, *sides = symbolic_helper._get_tensor_sizes(maps)
    height, width = symbolic_helper._parse_arg(size, "is")
    rows, columns = averages(sides[0], height), averages(sides[1], width).T.contiguous()
    pooled = graph.op("MatMul", maps, graph.op("Constant", value_t=columns))
    pooled = graph.op("MatMul", graph.op("Constant", value_t=rows), pooled)
    return pooled.setType(maps.type().with_sizes([batch, channels, height, width]))


def averages(inputs: int, outputs: int) -> Tensor:
    """(outputs, inputs): each row averages the inputs that adaptive pooling takes for it.

    >>> averages(4, 2).tolist()
    [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    matrix = torch.zeros(outputs, inputs)
    for row in range(outputs):
        first, after = row * inputs // outputs, -(-(row + 1) * inputs // outputs)
        matrix[row, first:after] = 1 / (after - first)
    return matrix
