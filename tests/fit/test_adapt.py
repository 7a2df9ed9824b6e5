"""Heads on own captures: what they bring is told on recordings left out, and what does not help is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sincera.clip import Label
from sincera.errors import FitError
from sincera.fit import adapted as room
from sincera.fit.adapt import Errors, Validated, adapted_head, errors, forgotten, validated
from sincera.fit.adaptation_text import markdown
from sincera.fit.examples import Examples
from sincera.fit.kept import kept_faces


def examples(
    *, recordings: int = 3, each: int = 6, pull: float = 0.0, useful: float = 4.0, people: str = "apart"
) -> Examples:
    """Lives and attacks of a camera that the model takes for attacks alike; the first feature tells them apart.

    pull: by how much each recording moves a feature of its own, which says nothing of the class elsewhere.
    """
    dice = np.random.default_rng(1)
    count = 2 * recordings * each
    label = np.repeat([0, 1], count // 2)
    number = np.tile(np.repeat(np.arange(recordings), each), 2)
    features = dice.normal(size=(count, 40))
    features[:, 0] += useful * label
    features[np.arange(count), 1 + (number + recordings * label) % 39] += pull
    names = np.array(
        [f"{one}" if people == "same" else f"{kind}{one}" for one, kind in zip(number, label, strict=True)]
    )
    odds = dice.normal(3.0, 0.3, count) + 0.2 * label
    return Examples(odds, {"net": features[:, :20], "other": features[:, 20:]}, label, names, names, {})


def test_a_head_helps_where_features_know_more_than_the_model() -> None:
    found = validated(examples(), 0.0)
    assert found is not None
    assert found.helps
    assert found.folds == 3
    assert found.recordings == {"live": 3, "attack": 3}
    assert found.before.bpcer == 1
    assert found.adapted.hter < 0.1


def test_what_a_recording_looks_like_does_not_count() -> None:
    """Features that tell recordings apart, and not classes, look perfect within a recording and help no other."""
    known = examples(pull=8.0, useful=0.0)
    head = adapted_head(known)
    assert errors(known.odds + head(known.joined), known).hter < 0.1
    found = validated(known, 0.0)
    assert found is not None
    assert found.adapted.hter > 0.3


def test_one_recording_of_a_class_tells_nothing() -> None:
    assert validated(examples(recordings=1), 0.0) is None


def test_a_person_live_and_imitated_stays_on_one_side() -> None:
    found = validated(examples(people="same", recordings=4), 0.0)
    assert found is not None
    assert found.folds == 4


def test_weights_by_network_are_the_joined_ones() -> None:
    known = examples()
    head = adapted_head(known)
    parts = known.by_network(head.weights)
    assert {name: len(part) for name, part in parts.items()} == {"net": 20, "other": 20}
    term = sum(known.features[name] @ part for name, part in parts.items()) + head.bias
    assert np.allclose(term, head(known.joined))


def test_forgetting_is_measured_on_other_faces() -> None:
    known = examples()
    other = examples(useful=-4.0)  # what the head learns is wrong there
    before, after = forgotten(adapted_head(known), other)
    assert after < before


def test_refusals_say_why() -> None:
    as_it_was, moved = Errors(0.2, 0.4, 0.8), Errors(0.2, 0.2, 0.8)
    useless = Validated(as_it_was, moved, Errors(0.1, 0.3, 0.9), 2, {"live": 2, "attack": 2})
    with pytest.raises(FitError, match="does not help here"):
        room._check(useless, (0.9, 0.9))
    helps = validated(examples(), 0.0)
    with pytest.raises(FitError, match=r"forgets: AUC .* falls from 0\.900 to 0\.880"):
        room._check(helps, (0.9, 0.88))
    room._check(helps, (0.9, 0.895))
    room._check(None, (0.9, 0.9))


def test_the_page_prints_no_rate_that_nobody_can_know(tmp_path: Path) -> None:
    counts = {"live": {"faces": 3, "files": 3, "recordings": 1}, "attack": {"faces": 9, "files": 1, "recordings": 1}}
    warnings = room._warnings(None, counts)
    assert any("not validated" in line for line in warnings)
    assert "only 3 live faces" in warnings
    threshold = room.Threshold(0.5, "even-odds", "own captures", subjects=2, clips=4)
    found = room.Adapted(b"", threshold, 0.01, counts, {"no_face": 2}, None, (0.9, 0.9), warnings)
    page = markdown(found, "pair")
    assert "Not validated" in page
    assert "HTER" not in page
    assert "2 no_face" in page
    full = room.Adapted(b"", threshold, 0.01, counts, {}, validated(examples(), 0.0), (0.9, 0.9), ())
    assert "| adapted | 0.0" in markdown(full, "pair")


def test_simulated_faces_of_both_classes_come_along() -> None:
    faces = list(kept_faces())
    assert {one.label for one in faces} == {label.number for label in Label}
    assert len({one.species for one in faces}) > 10
    assert all(one.image.ndim == 3 and one.image.dtype == np.uint8 for one in faces)
