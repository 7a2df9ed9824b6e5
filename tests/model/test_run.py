"""Sessions: what NumPy computes, from one network or several, for any number of faces."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import onnx
import pytest

from sincera.errors import ModelError
from sincera.faces import CropSpec, Face, as_input, crop
from sincera.model import Fusion, Session, fused, member_odds, network_inputs, read_model, with_spec
from sincera.model.compose import join, softmax_score


def slow_fusion(scores: list[float], weights: tuple[float, ...], bias: float) -> float:
    total = bias
    for score, weight in zip(scores, weights, strict=True):
        total += weight * min(12.0, max(-12.0, np.log(score / (1 - score))))
    return 1 / (1 + np.exp(-total))


@pytest.fixture(scope="module")
def session(model):
    return Session(model)


def test_scores_features_and_fusion_equal_numpy(session, toys, crops):
    found = session.scores({"near": crops, "far": crops[::-1].copy()})
    near, far = toys["near"].score(crops), toys["far"].score(crops[::-1])
    np.testing.assert_allclose(found.members["near"], near, atol=1e-6)
    np.testing.assert_allclose(found.members["far"], far, atol=1e-6)
    np.testing.assert_allclose(found.features["near"], toys["near"].features(crops), atol=1e-5)
    slow = [slow_fusion([a, b], (0.5, 0.5), 0.25) for a, b in zip(near, far, strict=True)]
    np.testing.assert_allclose(found.score, slow, atol=1e-6)
    assert found.score.dtype == np.float64
    assert not found.maps


def test_no_face_gives_no_score(session, crops):
    found = session.scores({"near": crops[:0], "far": crops[:0]})
    assert found.score.shape == (0,)
    assert found.features["near"].shape == (0, 5)


def test_a_face_scores_the_same_alone_and_among_others(session, crops):
    together = session.scores({"near": crops, "far": crops}).score
    alone = [session.scores({"near": crops[[i]], "far": crops[[i]]}).score[0] for i in range(len(crops))]
    np.testing.assert_allclose(together, alone, atol=1e-7)


def test_threads_share_a_session(session, crops):
    expected = session.scores({"near": crops, "far": crops}).score
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: session.scores({"near": crops, "far": crops}).score, range(20)))
    assert all((one == expected).all() for one in answers)


def test_a_single_member_keeps_its_scale(toys, crops, make_member, make_spec):
    network = softmax_score(toys["near"].classifier(), live=1)
    spec = make_spec(make_member("near", outputs={"score": "near/score"}))
    session = Session(read_model(with_spec(join({"near": network}).SerializeToString(), spec)))
    found = session.scores({"near": crops})
    assert (found.score == found.members["near"]).all()
    np.testing.assert_allclose(found.score, toys["near"].score(crops), atol=1e-6)
    assert not found.features


def test_a_graph_with_a_fixed_batch_takes_any_number(toys, crops, make_member, make_spec):
    network = join({"near": softmax_score(toys["near"].classifier(), live=1, features="inner")})
    network.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 4
    spec = make_spec(make_member("near"))
    session = Session(read_model(with_spec(network.SerializeToString(), spec)))
    for count in (0, 1, 4, 6):
        found = session.scores({"near": crops[:count]})
        np.testing.assert_allclose(found.score, toys["near"].score(crops[:count]), atol=1e-6)
        assert found.features["near"].shape == (count, 5)


def test_maps_are_given_where_there_are_some(toys, crops, make_member, make_spec):
    network = softmax_score(toys["near"].classifier(), live=1, features="inner")
    network.graph.output[1].name = "map"
    next(node for node in network.graph.node if "features" in node.output).output[0] = "map"
    spec = make_spec(make_member("near", outputs={"score": "near/score", "map": "near/map"}))
    found = Session(read_model(with_spec(join({"near": network}).SerializeToString(), spec))).scores({"near": crops})
    np.testing.assert_allclose(found.maps["near"], toys["near"].features(crops), atol=1e-5)


@pytest.mark.parametrize("spoil", ["name", "missing", "shape", "type", "count"])
def test_wrong_inputs_are_refused(session, crops, spoil):
    wrong = {
        "name": {"near": crops, "for": crops},
        "missing": {"near": crops},
        "shape": {"near": crops, "far": crops[:, :, :4]},
        "type": {"near": crops, "far": crops.astype(np.float64)},
        "count": {"near": crops, "far": crops[:2]},
    }
    with pytest.raises(ModelError, match="expected"):
        session.scores(wrong[spoil])


def test_a_score_that_is_no_number_is_refused(session, crops):
    spoilt = crops.copy()
    spoilt[2] = np.nan
    with pytest.raises(ModelError, match=r"'far'.* 1 of them no number"):
        session.scores({"near": crops, "far": spoilt})


def test_a_record_that_does_not_fit_the_graph_is_refused(graph, spec):
    near, far = spec.members
    for changed, reason in (
        (replace(far, input="other"), "the graph takes"),
        (replace(far, outputs={"score": "none"}), "no output 'none'"),
    ):
        with pytest.raises(ModelError, match=reason):
            Session(read_model(with_spec(graph, replace(spec, members=(near, changed)))))


def test_a_graph_that_cannot_run_is_refused_in_one_line(graph, spec):
    proto = onnx.load_model_from_string(graph)
    proto.graph.node[0].op_type = "NoSuchOperator"
    with pytest.raises(ModelError, match="ONNX Runtime cannot open it") as caught:
        Session(read_model(with_spec(proto.SerializeToString(), spec)))
    assert "\n" not in str(caught.value)
    assert "onnxruntime/" not in str(caught.value)


def test_each_view_is_cut_once_and_as_everywhere(spec):
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (60, 50, 3), np.uint8)
    face = Face([10, 12, 30, 40], [[15, 20], [25, 20], [20, 27], [16, 33], [24, 33]])
    wide = CropSpec("box", 1.0, 8, colour="BGR", range="0-255")
    near, far = spec.members
    mixed = replace(spec, members=(near, replace(far, view=wide)))
    found = network_inputs(mixed, [(image, face), (image[:, ::-1].copy(), face)])
    assert (found["near"][0] == as_input(crop(image, face, near.view), near.view)).all()
    assert (found["far"][1] == as_input(crop(image[:, ::-1], face, wide), wide)).all()
    assert mixed.views == (near.view, wide)
    shared = network_inputs(spec, [(image, face)])
    assert shared["near"] is shared["far"]
    assert network_inputs(spec, [])["near"].shape == (0, 3, 8, 8)


def test_faces_in_pictures(session):
    image = np.random.default_rng(2).integers(0, 256, (40, 40, 3), np.uint8)
    face = Face([8, 8, 30, 34])
    direct = session.scores(network_inputs(session.spec, [(image, face)])).score
    assert (session.score_faces([(image, face)]).score == direct).all()


def test_links_and_the_cut_at_twelve(spec):
    near, far = spec.members
    mixed = replace(spec, members=(near, replace(far, link="linear")), fusion=Fusion("log_odds", (1.0, 2.0), -1.0))
    members = {"near": np.array([0.5, 1.0, 0.0]), "far": np.array([0.25, -40.0, 5.0])}
    odds = member_odds(mixed, members)
    np.testing.assert_allclose(odds, [[0, 12, -12], [0.25, -12, 5]])
    np.testing.assert_allclose(fused(mixed, members), [1 / (1 + np.exp(-t)) for t in (-0.5, -13.0, -3.0)], rtol=1e-12)
