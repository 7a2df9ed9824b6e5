import csv

import numpy as np
import pytest

from sincera.data.sources import read_clips
from sincera.errors import UsageError
from sincera.media import read_picture
from sincera.simulate.people import ATTRIBUTES, write_people
from sincera.simulate.truth import read_truth, truth_path


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    out = tmp_path_factory.mktemp("people")
    assert write_people(out, 2, 2, seed=3, size=96, workers=1) == 4
    return out


def test_the_manifest_names_people_and_attributes(people):
    rows = list(csv.DictReader((people / "manifest.csv").read_text().splitlines()))
    assert [row["subject"] for row in rows] == ["p00000", "p00000", "p00001", "p00001"]
    assert set(ATTRIBUTES) < set(rows[0])
    assert rows[0]["age"] == rows[1]["age"] != rows[2]["age"]
    assert sum(float(rows[0][f"origin_{name}"]) for name in ("african", "asian", "european")) == pytest.approx(
        1, abs=0.01
    )


def test_it_is_a_folder_set(people):
    clips = read_clips("people", "folder", people).clips
    assert [clip.subject for clip in clips] == ["p00000", "p00000", "p00001", "p00001"]


def test_pictures_of_a_person_differ_and_know_their_points(people):
    first, second = (people / "live" / "p00000" / f"{k:03d}.jpg" for k in (0, 1))
    assert read_picture(first).shape == (96, 96, 3)
    assert np.abs(read_picture(first).astype(float) - read_picture(second)).mean() > 5
    points = read_truth(truth_path(first)).points[0]
    assert points.min() > 0
    assert points.max() < 96


def test_a_second_run_makes_only_what_is_missing(people):
    gone, kept = people / "live" / "p00001" / "001.jpg", people / "live" / "p00000" / "000.jpg"
    bytes_before, time_before = gone.read_bytes(), kept.stat().st_mtime_ns
    gone.unlink()
    write_people(people, 2, 2, seed=3, size=96, workers=1)
    assert gone.read_bytes() == bytes_before
    assert kept.stat().st_mtime_ns == time_before


def test_numbers_below_one_are_refused(tmp_path):
    with pytest.raises(UsageError, match="1 or more"):
        write_people(tmp_path, 0, 3)
