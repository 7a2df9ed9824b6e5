"""Headers that tell a whole video from a damaged one."""

import struct

import numpy as np
import pytest

from sincera.data.containers import cut_short, unreadable
from sincera.media import write_video


def atom(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


WHOLE = {
    "mp4": atom(b"ftyp", b"isom\0\0\0\0") + atom(b"mdat", bytes(100)) + atom(b"moov", bytes(20)),
    "mdat to the end": atom(b"ftyp", b"isom\0\0\0\0") + atom(b"moov") + struct.pack(">I4s", 0, b"mdat") + bytes(50),
    "long atom": atom(b"moov") + struct.pack(">I4sQ", 1, b"mdat", 26) + bytes(10),
    "avi": b"RIFF" + struct.pack("<I", 8) + b"AVI LIST",
    "avi of unknown length": b"RIFF\xff\xff\xff\xffAVI LIST",
    "matroska": b"\x1aE\xdf\xa3" + bytes(20),
    "picture": b"\x89PNG\r\n\x1a\n",
}
SHORT = {
    "mp4": atom(b"moov") + struct.pack(">I4s", 500, b"mdat") + bytes(50),
    "avi": b"RIFF" + struct.pack("<I", 900) + b"AVI LIST",
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_files(tmp_path, name):
    file = tmp_path / "clip"
    file.write_bytes(WHOLE[name])
    assert unreadable(file) is None
    assert cut_short(file) is None


@pytest.mark.parametrize("name", SHORT)
def test_files_shorter_than_their_headers_say(tmp_path, name):
    file = tmp_path / "clip"
    file.write_bytes(SHORT[name])
    assert unreadable(file) is None
    assert "cut short: its headers state" in cut_short(file)


@pytest.mark.parametrize("content", [b"hello", b"\0" * 64, b"RIFF\0\0\0\0WAVE"])
def test_what_is_no_clip(tmp_path, content):
    file = tmp_path / "clip.avi"
    file.write_bytes(content)
    assert unreadable(file) == "neither a picture nor a video by its content"


def test_a_video_without_index(tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(atom(b"ftyp", b"isom\0\0\0\0") + struct.pack(">I4s", 5000, b"mdat") + bytes(100))
    assert "index (moov) is missing" in unreadable(file)


def test_damaged_atoms_end_the_walk(tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(atom(b"moov") + struct.pack(">I4s", 3, b"free") + bytes(100))
    assert unreadable(file) is None
    assert cut_short(file) is None


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "mjpeg"), ("a.mp4", "h264"), ("a.mov", "mjpeg")])
def test_real_videos_whole_and_cut(tmp_path, name, codec):
    file = tmp_path / name
    rng = np.random.default_rng(0)
    write_video(file, [rng.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(5)], fps=25, codec=codec)
    assert unreadable(file) is None
    assert cut_short(file) is None
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 6 // 10])
    assert unreadable(file) or cut_short(file)


def test_a_folder_of_frames(tmp_path):
    assert unreadable(tmp_path) is not None
    (tmp_path / "1.png").write_bytes(WHOLE["picture"])
    assert unreadable(tmp_path) is None
    assert cut_short(tmp_path) is None
