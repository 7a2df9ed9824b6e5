import json

import pytest

from sincera.errors import UsageError
from sincera.faces import DEFAULT_SPEC, CropSpec, DetectorSpec

FULL = CropSpec("box", 1.7, 80, "shift", "box", "BGR", "0-255", DetectorSpec("yunet", "ab12", 0.3, 0.7, 20))


@pytest.mark.parametrize("spec", [DEFAULT_SPEC, FULL])
def test_specs_survive_json(spec):
    assert CropSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_unknown_keys_name_the_nearest():
    with pytest.raises(UsageError, match="'margins'; did you mean 'margin'"):
        CropSpec.from_dict(FULL.to_dict() | {"margins": 1})


def test_missing_keys_are_named():
    values = FULL.to_dict()
    del values["border"]
    with pytest.raises(UsageError, match="'border' is missing"):
        CropSpec.from_dict(values)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", 256.5),
        ("size", "256"),
        ("size", True),
        ("size", 2),
        ("margin", "0.3"),
        ("margin", -1.0),
        ("kind", "seven_point"),
        ("kind", 5),
        ("border", "mirror"),
        ("aspect", "wide"),
        ("colour", "rgb"),
        ("range", "0-2"),
        ("detector", "mtcnn"),
    ],
)
def test_wrong_values_are_refused(key, value):
    with pytest.raises(UsageError, match=key):
        CropSpec.from_dict(FULL.to_dict() | {key: value})


@pytest.mark.parametrize(
    ("key", "value"), [("padding", 1.5), ("confidence", "high"), ("min_face", 0), ("min_face", 1.5), ("name", "")]
)
def test_wrong_detectors_are_refused(key, value):
    values = FULL.to_dict()
    values["detector"][key] = value
    with pytest.raises(UsageError, match=key):
        CropSpec.from_dict(values)


def test_a_similarity_cannot_be_shifted_or_stretched():
    with pytest.raises(UsageError, match="border"):
        CropSpec(border="shift")
    with pytest.raises(UsageError, match="aspect"):
        CropSpec(aspect="box")


def test_whole_numbers_do_for_real_ones():
    assert CropSpec.from_dict(DEFAULT_SPEC.to_dict() | {"margin": 1}).margin == 1.0


def test_records_from_before_bilinear_samples_stay_as_they_were():
    assert "samples" not in CropSpec().to_dict()
    bilinear = CropSpec(samples="bilinear")
    assert CropSpec.from_dict(bilinear.to_dict()) == bilinear != CropSpec()
    with pytest.raises(UsageError, match="samples"):
        CropSpec(samples="nearest")
