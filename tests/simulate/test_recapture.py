import csv

import cv2
import numpy as np
import pytest

from sincera.data.sources import read_clips
from sincera.errors import UsageError
from sincera.media import read_picture
from sincera.simulate.camera import CameraModel
from sincera.simulate.recapture import live, recapture, write_recaptures
from sincera.simulate.truth import read_truth, truth_path

POINTS = np.array([[70, 100], [110, 100], [90, 120], [73, 142], [107, 142]], np.float32)


def drawn():
    """A face that a child might draw."""
    picture = np.full((240, 180, 3), (90, 110, 140), np.uint8)
    cv2.ellipse(picture, (90, 120), (55, 75), 0, 0, 360, (205, 160, 135), -1)
    for x, y in POINTS[:2].astype(int):
        cv2.circle(picture, (int(x), int(y)), 7, (60, 40, 30), -1)
    cv2.ellipse(picture, (90, 142), (18, 7), 0, 0, 360, (150, 60, 60), -1)
    return picture


@pytest.fixture
def folder(tmp_path):
    for name in ("ann/1.png", "ann/2.png", "bob/1.png"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), drawn()[..., ::-1])
    return tmp_path / "mine"


@pytest.mark.parametrize("species", ["paper", "screen", "warped", "cut", "mobile"])
def test_any_picture_can_be_recaptured(species):
    for fills in (True, False):
        seen = recapture(drawn(), species, points=POINTS, rng=np.random.default_rng(1), fills=fills)
        assert seen.picture.shape == drawn().shape
        assert seen.mask.shape == drawn().shape[:2]
        assert (seen.mask.mean() > 230) == fills
        assert seen.parameters["species"] == species


def test_without_points_the_middle_is_taken():
    seen = recapture(drawn(), "screen", rng=np.random.default_rng(1), fills=True)
    assert seen.points is None
    assert seen.mask.mean() > 230


def test_live_and_attack_pass_through_the_same_camera():
    camera = CameraModel().draw(np.random.default_rng(0), (240, 180))
    one = live(drawn(), points=POINTS, camera=camera, rng=np.random.default_rng(1))
    other = recapture(drawn(), "paper", points=POINTS, camera=camera, rng=np.random.default_rng(1), fills=True).picture
    faces = [picture[80:160, 60:120].astype(float).mean() for picture in (one, other)]
    assert abs(faces[0] - faces[1]) < 30


def test_a_folder_becomes_a_set_with_both_classes(folder, tmp_path):
    out = tmp_path / "out"
    assert write_recaptures(out, folder, each=2) == 6
    clips = read_clips("mine", "folder", out).clips
    assert sorted((str(clip.label), clip.subject) for clip in clips) == sorted(
        [("live", "ann")] * 2 + [("live", "bob")] + [("attack", "ann")] * 4 + [("attack", "bob")] * 2
    )
    rows = list(csv.DictReader((out / "manifest.csv").read_text().splitlines()))
    attack = next(out / row["path"] for row in rows if row["label"] == "attack")
    truth = read_truth(truth_path(attack))
    assert read_picture(attack).shape[:2] == truth.size
    assert truth.depth is None
    assert truth.mask.max() == 255


def test_pictures_that_exist_are_left_alone_and_workers_change_nothing(folder, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    write_recaptures(one, folder, workers=1)
    pictures = sorted(one.rglob("*.jpg"))
    missing, kept = pictures[0], pictures[-1]
    before = missing.read_bytes()
    missing.unlink()
    kept_at = kept.stat().st_mtime_ns
    write_recaptures(one, folder, workers=1)
    assert missing.read_bytes() == before
    assert kept.stat().st_mtime_ns == kept_at
    write_recaptures(two, folder, workers=2)
    for picture in pictures:
        assert (two / picture.relative_to(one)).read_bytes() == picture.read_bytes()


def test_what_cannot_be_recaptured_is_said(folder, tmp_path):
    with pytest.raises(UsageError, match="paper, screen"):
        recapture(drawn(), "hologram", rng=np.random.default_rng(0))
    with pytest.raises(UsageError, match="is no folder"):
        write_recaptures(tmp_path / "out", tmp_path / "absent")
    with pytest.raises(UsageError, match="hologram"):
        write_recaptures(tmp_path / "out", folder, species=("hologram",))
