"""Writing graphs: several networks in one file, their outputs by role, a linear head on their features.

The only part of this room that needs the onnx package.  All functions leave what they are given as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sincera.errors import ModelError
from sincera.faces.onnx_graph import without_prelu
from sincera.model.file import ModelFile, plain_graph, with_spec
from sincera.model.run import Session
from sincera.model.spec import Fusion, Licences, Member, ModelSpec

if TYPE_CHECKING:
    import onnx

BATCH = "N"  # the name of the number of pictures in every composed graph


def load_graph(content: bytes) -> onnx.ModelProto:
    """An ONNX file or a model file as the onnx package has it; ModelError where it is neither."""
    import onnx

    try:
        return onnx.load_model_from_string(plain_graph(content))
    except Exception as error:  # protobuf's own kinds
        raise ModelError(f"the graph is no ONNX model ({error}).") from error


def softmax_score(network: onnx.ModelProto, *, live: int, features: str | None = None) -> onnx.ModelProto:
    """A classifier's logits (N, C), its only output, as a score: the sum of the softmax over all classes but `live`.

    That is 1 - softmax[live], without losing the small numbers near 0.  features: a tensor (N, D) to give as well.
    The outputs are called score (N,) and features (N, D).
    """
    from onnx import helper, numpy_helper

    model, graph = _copied(network)
    if len(graph.output) != 1:
        raise ModelError(f"found {len(graph.output)} outputs, expected the logits alone.")
    logits = graph.output[0]
    classes = logits.type.tensor_type.shape.dim[-1].dim_value
    if not 0 <= live < classes:
        raise ModelError(f"live class {live} of {classes}; expected one from 0 to {classes - 1}.")
    others = np.ones((classes, 1), np.float32)
    others[live] = 0
    constants = {"others": others, "zero": np.float32(0), "one": np.float32(1), "flat": np.array([-1], np.int64)}
    graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), f"score/{name}") for name, value in constants.items()
    )
    graph.node.extend(
        [
            helper.make_node("Softmax", [logits.name], ["score/softmax"], axis=-1),
            helper.make_node("MatMul", ["score/softmax", "score/others"], ["score/sum"]),
            helper.make_node("Clip", ["score/sum", "score/zero", "score/one"], ["score/column"]),
            helper.make_node("Reshape", ["score/column", "score/flat"], ["score"]),
        ]
    )
    del graph.output[:]
    graph.output.append(_vector("score"))
    if features is not None:
        _expose(graph, features, "features")
    return _checked(model)


def linear_score(
    network: onnx.ModelProto, weights: Mapping[str, ArrayLike], bias: float, *, output: str = "score"
) -> onnx.ModelProto:
    """The graph with one more output (N,): bias + Σ tensor · weights, for tensors (N, D) by name and weights (D,)."""
    from onnx import helper, numpy_helper

    model, graph = _copied(network)
    parts = []
    for place, (tensor, given) in enumerate(weights.items()):
        column = np.asarray(given, np.float32).reshape(-1, 1)
        graph.initializer.append(numpy_helper.from_array(column, f"{output}/weights{place}"))
        parts.append(f"{output}/part{place}")
        graph.node.append(helper.make_node("MatMul", [tensor, f"{output}/weights{place}"], [parts[-1]]))
    for name, value in (("bias", np.float32(bias)), ("flat", np.array([-1], np.int64))):
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), f"{output}/{name}"))
    graph.node.append(helper.make_node("Sum", [*parts, f"{output}/bias"], [f"{output}/column"]))
    graph.node.append(helper.make_node("Reshape", [f"{output}/column", f"{output}/flat"], [output]))
    graph.output.append(_vector(output))
    return _checked(model)


def join(networks: Mapping[str, onnx.ModelProto]) -> onnx.ModelProto:
    """Several networks as one graph; every name of a network gets "<its name>/" before it.

    All are brought to the highest of their operator sets.  ModelError where that cannot be done.
    """
    from onnx import compose, helper

    if not networks:
        raise ModelError("found no network to join, expected at least one.")
    opsets = _opsets(networks)
    joined = helper.make_model(helper.make_graph([], "sincera", [], []))
    joined.ir_version = max(network.ir_version for network in networks.values())
    del joined.opset_import[:]
    joined.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in opsets.items())
    for name, network in networks.items():
        part = compose.add_prefix(_at_opset(name, network, opsets[""]), f"{name}/")
        for one in (*part.graph.input, *part.graph.output):
            _name_batch(one)
        for field in ("node", "input", "output", "initializer", "sparse_initializer", "value_info"):
            getattr(joined.graph, field).extend(getattr(part.graph, field))
        joined.functions.extend(part.functions)
    return _checked(joined)


def put_head(
    model: ModelFile,
    weights: Mapping[str, ArrayLike],
    bias: float = 0.0,
    *,
    name: str = "head",
    weight: float = 1.0,
    licences: Licences | None = None,
    trained_on: tuple[str, ...] = (),
) -> bytes:
    """A model with a linear head on features, as one more term of its log-odds: the bytes of a model file.

    weights: (D,) by member; the term is weight · (bias + Σ features · weights), cut at ±12 like every other.  With
    all weights 0 the fused score stays as it is (a single model's becomes the sigmoid of its log-odds).
    licences: of the head; by default those of the first member it reads.  The model's operating points are kept and no
    longer fit: put new ones with `with_spec`.
    ModelError where a member has no features, or of another width than its weights, and where the name is taken.
    """
    spec = model.spec
    members = [spec.member(member) for member in weights]
    if not members or name in {member.name for member in spec.members}:
        raise ModelError(f"head {name!r} on {list(weights)}; expected a new name and at least one member.")
    columns, widths = {}, _feature_widths(model)
    for member in members:
        if member.name not in widths:
            raise ModelError(f"member {member.name!r} gives no features; a head needs some.")
        column = np.asarray(weights[member.name], np.float32)
        if column.shape != (widths[member.name],):
            raise ModelError(
                f"member {member.name!r}: found weights of shape {column.shape}, expected ({widths[member.name]},)."
            )
        columns[member.outputs["features"]] = column
    graph = load_graph(model.graph)
    graph = linear_score(graph, columns, bias, output=f"{name}/score")
    head = replace(
        members[0],
        name=name,
        outputs={"score": f"{name}/score"},
        link="linear",
        licences=licences or members[0].licences,
        trained_on=trained_on,
        source_sha256="",
        reads=tuple(weights),
    )
    return with_spec(graph.SerializeToString(), _with_term(spec, head, weight))


def faster(network: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with PReLU as plain arithmetic, which ONNX Runtime computes in about half the time."""
    return load_graph(without_prelu(network.SerializeToString()))


def _with_term(spec: ModelSpec, head: Member, weight: float) -> ModelSpec:
    fusion = Fusion("log_odds", (*spec.fusion.weights, float(weight)), spec.fusion.bias)
    return replace(spec, members=(*spec.members, head), fusion=fusion)


def _opsets(networks: Mapping[str, onnx.ModelProto]) -> dict[str, int]:
    found: dict[str, int] = {"": 0}
    for network in networks.values():
        for one in network.opset_import:
            domain = "" if one.domain == "ai.onnx" else one.domain
            found[domain] = max(found.get(domain, 0), one.version)
    return found


def _at_opset(name: str, network: onnx.ModelProto, version: int) -> onnx.ModelProto:
    from onnx import version_converter

    own = max((one.version for one in network.opset_import if one.domain in ("", "ai.onnx")), default=version)
    if own == version:
        return network
    try:
        return version_converter.convert_version(network, version)
    except Exception as error:
        raise ModelError(
            f"network {name!r}: cannot be brought from operator set {own} to {version} ({error})."
        ) from error


def _copied(network: onnx.ModelProto) -> tuple[onnx.ModelProto, onnx.GraphProto]:
    model = type(network)()
    model.CopyFrom(network)
    return model, model.graph


def _expose(graph: onnx.GraphProto, tensor: str, role: str) -> None:
    """Give a tensor inside the graph as an output (N, D) called `role`."""
    from onnx import TensorProto, helper

    if not any(tensor in node.output for node in graph.node):
        raise ModelError(f"tensor {tensor!r} does not exist in the graph.")
    graph.node.append(helper.make_node("Flatten", [tensor], [role], axis=1))
    graph.output.append(helper.make_tensor_value_info(role, TensorProto.FLOAT, [BATCH, None]))


def _vector(name: str) -> onnx.ValueInfoProto:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH])


def _name_batch(value: onnx.ValueInfoProto) -> None:
    dims = value.type.tensor_type.shape.dim
    if dims and not dims[0].HasField("dim_value"):
        dims[0].dim_param = BATCH


def _feature_widths(model: ModelFile) -> dict[str, int]:
    """D of each member's features (N, D), tried out: graphs seldom state it."""
    blank = {one.name: np.zeros((1, 3, one.view.size, one.view.size), np.float32) for one in model.spec.networks}
    return {name: found.shape[1] for name, found in Session(model).scores(blank).features.items()}


def _checked(model: onnx.ModelProto) -> onnx.ModelProto:
    import onnx

    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise ModelError(f"the composed graph is not valid ({error}).") from error
    return model
