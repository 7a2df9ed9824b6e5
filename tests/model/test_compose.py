"""Composed graphs equal their parts, and a head equals NumPy."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest

from sincera.errors import ModelError
from sincera.model import Licences, Session, read_model, with_spec
from sincera.model.compose import faster, join, linear_score, load_graph, put_head, softmax_score


def run(network: onnx.ModelProto, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(network.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(
        zip(names, session.run(names, {key.replace("__", "/"): value for key, value in inputs.items()}), strict=True)
    )


@pytest.mark.parametrize("live", [0, 1, 2])
def test_softmax_score_is_one_minus_the_live_class(toys, crops, live):
    network = toys["near"].classifier()
    before = network.SerializeToString()
    found = run(softmax_score(network, live=live, features="inner"), input=crops)
    np.testing.assert_allclose(found["score"], toys["near"].score(crops, live), atol=1e-6)
    np.testing.assert_allclose(found["features"], toys["near"].features(crops), atol=1e-5)
    assert found["score"].shape == (6,)
    assert network.SerializeToString() == before


def test_a_sure_live_score_keeps_its_small_numbers(toys, crops):
    sure = replace(toys["near"], second=toys["near"].second * 0 + np.float32([0, 40, 0]))
    found = run(softmax_score(sure.classifier(), live=1), input=crops)["score"]
    logits = (sure.features(crops) @ sure.second).astype(np.float64)
    expected = 2 / (2 + np.exp(logits[:, 1]))
    assert expected.min() < 1e-8
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_wrong_classes_and_tensors_are_refused(toys):
    with pytest.raises(ModelError, match="live class 3 of 3"):
        softmax_score(toys["near"].classifier(), live=3)
    with pytest.raises(ModelError, match="'nothing' does not exist"):
        softmax_score(toys["near"].classifier(), live=1, features="nothing")
    with pytest.raises(ModelError, match="2 outputs"):
        softmax_score(softmax_score(toys["near"].classifier(), live=1, features="inner"), live=1)


def test_joined_networks_equal_the_separate_ones(toys, crops):
    networks = {name: softmax_score(toy.classifier(), live=1, features="inner") for name, toy in toys.items()}
    together = run(join(networks), near__input=crops, far__input=crops[::-1].copy())
    for name, own in (("near", crops), ("far", crops[::-1].copy())):
        for role, values in run(networks[name], input=own).items():
            np.testing.assert_allclose(together[f"{name}/{role}"], values, atol=1e-6)


def test_networks_of_different_operator_sets_are_joined(toys, crops):
    networks = {"near": toys["near"].classifier(13), "far": toys["far"].classifier(18)}
    joined = join(networks)
    assert [(one.domain, one.version) for one in joined.opset_import] == [("", 18)]
    together = run(joined, near__input=crops, far__input=crops)
    for name, network in networks.items():
        np.testing.assert_allclose(together[f"{name}/logits"], run(network, input=crops)["logits"], atol=1e-6)


def test_a_network_joined_with_itself_answers_twice(toys, crops):
    one = softmax_score(toys["near"].classifier(), live=1)
    found = run(join({"a": one, "b": one}), a__input=crops, b__input=crops)
    assert (found["a/score"] == found["b/score"]).all()


def test_nothing_to_join():
    with pytest.raises(ModelError, match="no network"):
        join({})


def test_linear_score_equals_numpy(toys, crops):
    toy = toys["near"]
    network = softmax_score(toy.classifier(), live=1, features="inner")
    weights = np.random.default_rng(3).normal(size=5)
    found = run(linear_score(network, {"features": weights}, -0.5, output="head"), input=crops)["head"]
    np.testing.assert_allclose(found, toy.features(crops) @ weights - 0.5, atol=1e-5)


def test_a_head_equals_numpy_and_the_rest_stays(model, toys, crops):
    rng = np.random.default_rng(4)
    weights = {"near": rng.normal(size=5) / 5, "far": rng.normal(size=5) / 5}
    inputs = {"near": crops, "far": crops[::-1].copy()}
    before = Session(model).scores(inputs)
    licences = Licences("Apache-2.0", "mine", "my own pictures")
    adapted = read_model(put_head(model, weights, 0.3, weight=2.0, licences=licences, trained_on=("my camera",)))
    after = Session(adapted).scores(inputs)
    term = toys["near"].features(crops) @ weights["near"] + toys["far"].features(inputs["far"]) @ weights["far"] + 0.3
    np.testing.assert_allclose(after.members["head"], term, atol=1e-5)
    odds = np.log(before.score / (1 - before.score)) + 2 * term
    np.testing.assert_allclose(after.score, 1 / (1 + np.exp(-odds)), atol=1e-6)
    for name in ("near", "far"):
        np.testing.assert_allclose(after.members[name], before.members[name], atol=1e-7)
    head = adapted.spec.member("head")
    assert (head.reads, head.link, head.licences, head.trained_on) == (
        ("near", "far"),
        "linear",
        licences,
        ("my camera",),
    )
    assert [member.name for member in adapted.spec.networks] == ["near", "far"]
    assert adapted.spec.views == model.spec.views


def test_a_head_of_zeros_changes_no_score(model, crops):
    inputs = {"near": crops, "far": crops}
    adapted = read_model(put_head(model, {"far": np.zeros(5)}))
    np.testing.assert_allclose(Session(adapted).scores(inputs).score, Session(model).scores(inputs).score, atol=1e-9)


def test_a_second_head_may_follow(model, crops):
    twice = read_model(put_head(read_model(put_head(model, {"near": np.ones(5)})), {"far": np.ones(5)}, name="more"))
    found = Session(twice).scores({"near": crops, "far": crops})
    assert set(found.members) == {"near", "far", "head", "more"}


def test_heads_that_do_not_fit_are_refused(model):
    for weights, name, reason in (
        ({"near": np.ones(5)}, "far", "expected a new name"),
        ({}, "head", "at least one member"),
        ({"none": np.ones(5)}, "head", "does not exist; this model has near, far"),
        ({"near": np.ones((5, 2))}, "head", "weights of shape"),
        ({"near": np.ones(4)}, "head", "weights of shape"),
    ):
        with pytest.raises(ModelError, match=reason):
            put_head(model, weights, name=name)


def test_a_head_needs_features(toys, make_member, make_spec):
    bare = make_spec(make_member("near", outputs={"score": "near/score"}))
    graph = join({"near": softmax_score(toys["near"].classifier(), live=1)}).SerializeToString()
    with pytest.raises(ModelError, match="gives no features"):
        put_head(read_model(with_spec(graph, bare)), {"near": np.ones(5)})


def test_prelu_as_arithmetic_gives_the_same(crops):
    from onnx import TensorProto, helper, numpy_helper

    slopes = np.array([0.1, 1.5, -0.3], np.float32).reshape(3, 1, 1)
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["x", "slope"], ["y"])],
        "prelu",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [numpy_helper.from_array(slopes, "slope")],
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    quick = faster(network)
    assert "PRelu" not in {node.op_type for node in quick.graph.node}
    np.testing.assert_allclose(run(quick, x=crops - 0.5)["y"], run(network, x=crops - 0.5)["y"], atol=1e-6)


def test_what_is_no_graph_is_refused():
    with pytest.raises(ModelError, match="no whole ONNX file"):
        load_graph(b"nothing")
