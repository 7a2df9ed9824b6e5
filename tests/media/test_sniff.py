import cv2
import numpy as np
import pytest

from sincera.errors import MediaError
from sincera.media import folder_pictures, sniff, sniff_bytes, write_video


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tiff", ".ppm"])
def test_pictures_are_known_under_any_name(tmp_path, picture, suffix):
    written, data = cv2.imencode(suffix, picture)
    assert written
    path = tmp_path / "thing.mp4"
    path.write_bytes(data.tobytes())
    assert sniff(path) == "picture"


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".avi"])
def test_videos_are_known_under_any_name(tmp_path, sequence, suffix):
    write_video(tmp_path / f"clip{suffix}", sequence[:3], fps=10)
    path = (tmp_path / f"clip{suffix}").rename(tmp_path / "clip.jpg")
    assert sniff(path) == "video"


def test_other_containers_by_their_first_bytes():
    transport = bytearray(400)
    transport[0] = transport[188] = transport[376] = ord("G")
    assert sniff_bytes(bytes(transport)) == "video"
    assert sniff_bytes(b"\x1aE\xdf\xa3" + bytes(20)) == "video"
    assert sniff_bytes(b"\0\0\0\x1cftypheic" + bytes(20)) == "picture"
    assert sniff_bytes(b"\0\0\0\x1cftypqt  " + bytes(20)) == "video"
    assert sniff_bytes(b"RIFF\0\0\0\0WAVEfmt ") is None


def test_a_text_that_starts_like_a_bitmap_is_none(tmp_path):
    (tmp_path / "note.bmp").write_text("BMW is a car, and this is a sentence about it.")
    assert sniff(tmp_path / "note.bmp") is None


def test_folders_of_pictures_are_frames_in_natural_order(tmp_path):
    for name in ("f10.png", "f2.png", "F1.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((4, 4, 3), np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_bytes((tmp_path / "f2.png").read_bytes())
    assert sniff(tmp_path) == "frames"
    assert [path.name for path in folder_pictures(tmp_path)] == ["F1.png", "f2.png", "f10.png"]


def test_empty_folders_and_missing_files(tmp_path):
    assert sniff(tmp_path) is None
    with pytest.raises(MediaError, match="cannot be read"):
        sniff(tmp_path / "nothing.jpg")
