"""The owners' four forms of eyes and boxes: there and back."""

from pathlib import Path

import numpy as np
import pytest

from sincera.clip import Clip, Label
from sincera.data.sources.annotations import FORMS, format_annotation, parse_annotation, read_annotation
from sincera.errors import LayoutError
from sincera.faces.face import Face


def clip(annotation):
    return Clip(Path("x.avi"), Label.LIVE, "", "O", "1", "train", annotation=annotation)


def test_oulu_eyes_are_ordered_by_x_and_give_a_box_around_them():
    (face,) = parse_annotation("0,700,500,500,510").values()
    assert face.points[0].tolist() == [500, 510]
    assert face.points[1].tolist() == [700, 500]
    assert np.isnan(face.points[2:]).all()
    assert np.isnan(face.confidence)
    left, top, right, bottom = face.box
    assert left < 500
    assert right > 700
    assert top < 500 < bottom
    assert bottom - 505 > 505 - top  # the chin is farther from the eyes than the forehead's edge


def test_replay_boxes_are_corner_and_size():
    (face,) = parse_annotation("3 10 20 30 40\n").values()
    assert face.box.tolist() == [10, 20, 40, 60]
    assert np.isnan(face.points).all()


def test_msu_boxes_are_corners_and_eyes():
    (face,) = parse_annotation("0,10,20,110,140,80,60,40,62").values()
    assert face.box.tolist() == [10, 20, 110, 140]
    assert face.points[:2].tolist() == [[40, 62], [80, 60]]


def test_msu_boxes_without_eyes_and_eyes_without_box():
    faces = parse_annotation("0,10,20,110,140,0,0,0,0\n1,0,0,0,0,40,60,80,60\n")
    assert np.isnan(faces[0].points).all()
    assert faces[1].box[0] < 40


@pytest.mark.parametrize("text", ["0,0,0,0,0", "0 0 0 0 0", "0 5 5 0 9", "0,0,0,0,0,0,0,0,0", "0,5,5,5,5", ""])
def test_zeros_and_boxes_without_area_mean_missing(text):
    assert parse_annotation(text) == {}


def test_gaps_and_frames_beyond_the_end_are_kept_by_number():
    assert list(parse_annotation("0 1 1 2 2\n\n7 1 1 2 2\n9999 1 1 2 2\r\n")) == [0, 7, 9999]


@pytest.mark.parametrize("text", ["0,1,2", "0 1 2 3", "a,b,c,d,e", "0,1,2,3,4,5,6"])
def test_lines_of_no_owners_form_are_named(text, tmp_path):
    file = tmp_path / "1.face"
    file.write_text(f"0 1 1 2 2\n{text}\n")
    with pytest.raises(LayoutError, match=r"1\.face, line 2: found"):
        read_annotation(clip(file))


def test_a_clip_without_file_has_no_faces():
    assert read_annotation(clip(None)) == {}


@pytest.mark.parametrize("form", FORMS)
def test_writing_and_reading_give_the_same(form, tmp_path):
    points = np.full((5, 2), np.nan)
    points[:2] = [[40, 60], [80, 64]]
    written = {5: Face((20, 30, 100, 130), points), 0: None, 2: Face((25, 30, 100, 130), points)}
    file = tmp_path / "a.face"
    file.write_text(format_annotation(form, written))
    assert [text.replace(",", " ").split()[0] for text in file.read_text().splitlines()] == ["0", "2", "5"]
    found = read_annotation(clip(file))
    assert list(found) == [2, 5]
    for frame, face in found.items():
        if form != "eyes":
            assert face.box.tolist() == written[frame].box.tolist()
        if form != "box":
            assert face.points[:2].tolist() == points[:2].tolist()
