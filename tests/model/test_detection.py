"""The detector on record is the one that is opened."""

from dataclasses import replace

import numpy as np
import pytest

from sincera.errors import ModelError
from sincera.faces import open_detector
from sincera.model import detector, yunet_spec


@pytest.fixture(scope="module")
def recorded(make_spec, make_member):
    return make_spec(make_member("near"), detector=yunet_spec(min_face=30))


def test_the_shipped_yunet_is_opened_as_recorded(recorded):
    opened = detector(recorded)
    assert opened.spec == recorded.detector
    assert opened.spec.min_face == 30
    assert opened.detect(np.full((80, 80, 3), 128, np.uint8)) == ()


def test_mtcnn_is_opened_as_recorded(recorded):
    spec = replace(recorded, detector=open_detector("mtcnn", min_face=40).spec)
    assert detector(spec).spec == spec.detector


def test_other_weights_are_refused(recorded):
    for name in ("yunet", "mtcnn"):
        other = replace(recorded.detector, name=name, sha256="f" * 64)
        with pytest.raises(ModelError, match=f"calibrated with another {name}"):
            detector(replace(recorded, detector=other))
