"""Records: what is written is read, and anything else is refused with its place."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sincera.errors import ModelError
from sincera.faces import CropSpec, DetectorSpec
from sincera.measures import Threshold
from sincera.media import Sampling
from sincera.model import FaceLimits, Fusion, Histogram, ModelSpec, log_odds, probability


def without(record, *path):
    return changed(record, path, None, drop=True)


def changed(record, path, value, *, drop=False):
    copy = json.loads(json.dumps(record))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if drop:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


def test_a_record_comes_back_equal(spec):
    assert ModelSpec.from_dict(spec.to_dict()) == spec
    assert ModelSpec.from_dict(json.loads(spec.to_json())) == spec


def test_a_bare_record_comes_back_equal(make_member, make_spec):
    bare = make_spec(
        make_member("near"), bounds=None, histogram=None, measures=None, sampling=Sampling(rule="all"), versions={}
    )
    assert ModelSpec.from_dict(json.loads(bare.to_json())) == bare


def test_every_key_is_wanted(spec):
    record = spec.to_dict()
    for key in record:
        with pytest.raises(ModelError, match=key):
            ModelSpec.from_dict(without(record, key))
    for path in (
        ("members", 0, "link"),
        ("fusion", "bias"),
        ("detector", "padding"),
        ("points", "eer", "rule"),
        ("limits", "min_face"),
    ):
        with pytest.raises(ModelError, match=path[-1]):
            ModelSpec.from_dict(without(record, *path))


def test_an_unknown_key_is_named_with_the_nearest(spec):
    with pytest.raises(ModelError, match="unknown key 'treshold'; did you mean 'threshold'"):
        ModelSpec.from_dict(spec.to_dict() | {"treshold": 1})
    with pytest.raises(ModelError, match=r"model\.members\[1\]: unknown key 'weight'"):
        ModelSpec.from_dict(changed(spec.to_dict(), ("members", 1, "weight"), 1))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("name",), 3),
        (("name",), ""),
        (("version",), None),
        (("members",), {}),
        (("members",), []),
        (("members", 0), "near"),
        (("members", 0, "view"), None),
        (("members", 0, "view", "size"), "80"),
        (("members", 0, "outputs"), ["score"]),
        (("members", 0, "outputs", "score"), 1),
        (("members", 0, "outputs"), {"features": "f"}),
        (("members", 0, "outputs", "logits"), "x"),
        (("members", 0, "link"), "logit"),
        (("members", 0, "name"), "far"),
        (("members", 0, "reads"), ["nobody"]),
        (("members", 0, "trained_on"), "portraits"),
        (("members", 0, "trained_on"), [1]),
        (("members", 0, "licences", "data"), None),
        (("fusion", "kind"), "mean"),
        (("fusion", "kind"), "single"),
        (("fusion", "weights"), [1.0]),
        (("fusion", "weights"), [True, 1.0]),
        (("fusion", "bias"), "0"),
        (("detector",), "yunet"),
        (("detector", "name"), "annotated"),
        (("detector", "confidence"), 2),
        (("sampling", "rule"), "odd"),
        (("sampling", "frames"), 0),
        (("sampling", "frames"), 2.5),
        (("limits", "min_face"), 0),
        (("limits", "second_face"), 0),
        (("threshold",), "acer"),
        (("points",), {}),
        (("points", "eer", "value"), "0.5"),
        (("points", "eer"), 0.5),
        (("bounds",), ["eer"]),
        (("bounds",), ["eer", "none"]),
        (("bounds",), ["bpcer=0.01", "eer"]),
        (("histogram", "live"), [1]),
        (("histogram", "live"), [1, -1]),
        (("histogram", "live"), [1.5, 1]),
        (("histogram", "edges"), [0, 1, 1]),
        (("versions", "numpy"), 2),
        (("format",), "1"),
        (("format",), True),
        (("format",), 2),
    ],
)
def test_wrong_values_are_refused(spec, path, value):
    with pytest.raises(ModelError):
        ModelSpec.from_dict(changed(spec.to_dict(), path, value))


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_record_is_refused(value):
    with pytest.raises(ModelError, match="format"):
        ModelSpec.from_dict(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object()])
def test_measures_are_plain_json(spec, value):
    with pytest.raises(ModelError, match="measures: cannot be written as JSON"):
        replace(spec, measures={"auc": value})


def test_a_new_point_is_in_use(spec):
    mine = spec.with_point("mine", Threshold(0.2, "eer", "my camera", 2, 9))
    assert mine.operating_point == mine.points["mine"]
    assert mine.points["eer"] == spec.points["eer"]
    assert "mine" not in spec.points


def test_members_by_name(spec):
    assert spec.member("far").name == "far"
    assert spec.networks == spec.members
    with pytest.raises(ModelError, match="this model has near, far"):
        spec.member("fear")


def test_views_are_listed_once(spec, make_member):
    assert spec.views == (spec.members[0].view,)
    other = CropSpec("box", 1.0, 8)
    assert replace(spec, members=(spec.members[0], make_member("far", view=other))).views == (
        spec.members[0].view,
        other,
    )


def test_single_takes_one_score_as_it_is():
    for weights, bias in (((0.5,), 0.0), ((1.0, 1.0), 0.0), ((1.0,), 1.0)):
        with pytest.raises(ModelError, match="single"):
            Fusion("single", weights, bias)
    with pytest.raises(ModelError, match="finite"):
        Fusion("log_odds", (float("nan"),))


def test_log_odds_and_probability_undo_each_other():
    scores = np.linspace(0.001, 0.999, 97)
    np.testing.assert_allclose(probability(log_odds(scores, "probability")), scores, atol=1e-12)
    assert log_odds([-1e-9, 1 + 1e-9], "probability").tolist() == [-12.0, 12.0]
    assert (np.diff(log_odds(np.linspace(0, 1, 50), "probability")) > 0).all()


def test_swapping_the_classes_mirrors_the_fused_score():
    odds = np.random.default_rng(0).normal(size=(3, 20))
    fusion = Fusion("log_odds", (0.2, 0.5, 1.0), 0.3)
    mirrored = Fusion("log_odds", (0.2, 0.5, 1.0), -0.3)
    np.testing.assert_allclose(fusion.fuse(odds), 1 - mirrored.fuse(-odds), atol=1e-12)


def test_a_histogram_counts_every_score():
    live, attack = [0.0, 0.1, 0.99, 1.0], [0.5, 1.0]
    found = Histogram.of(live, attack, 10)
    assert (sum(found.live), sum(found.attack)) == (4, 2)
    assert (found.edges[0], found.edges[-1], len(found.edges)) == (0.0, 1.0, 11)
    assert found.live[-1] == 2
    wide = Histogram.of([-3.0, 0.5], [7.0], 4)
    assert (wide.edges[0], wide.edges[-1], sum(wide.live), sum(wide.attack)) == (-3.0, 7.0, 2, 1)


def test_limits_have_sensible_values():
    assert FaceLimits.from_dict(FaceLimits(20, 0.5).to_dict()) == FaceLimits(20, 0.5)


def test_detectors_that_a_judge_cannot_open_are_refused(spec):
    with pytest.raises(ModelError, match="annotated"):
        replace(spec, detector=DetectorSpec("annotated", "", 0, 0, 1))
