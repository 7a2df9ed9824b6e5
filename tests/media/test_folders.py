import cv2
import pytest

from sincera.errors import MediaError
from sincera.media import Limits, Sampling, probe, read_frames


@pytest.fixture
def folder(tmp_path, sequence):
    for index in range(12):
        cv2.imwrite(str(tmp_path / f"frame{index}.png"), sequence[index][..., ::-1])
    return tmp_path


def test_a_folder_is_read_as_a_clip(folder, numbers):
    clip = read_frames(folder, Sampling(4))
    frames = list(clip)
    assert [frame.index for frame in frames] == [1, 4, 7, 10]
    assert [round(numbers(frame.image)) for frame in frames] == [1, 4, 7, 10]  # frame10 comes after frame9
    assert [frame.time for frame in frames] == [None] * 4
    assert clip.shortfall is None
    info = probe(folder)
    assert (info.kind, info.width, info.height, info.frames, info.fps) == ("frames", 96, 64, 12, None)


def test_a_bad_picture_in_a_folder_is_missing(folder):
    broken = folder / "frame3.png"
    broken.write_bytes(broken.read_bytes()[:60])
    clip = read_frames(folder)
    assert [frame.index for frame in clip] == [0, 1, 2, *range(4, 12)]
    assert clip.missing == (3,)


def test_folders_have_limits_too(folder):
    with pytest.raises(MediaError, match="12 frames; the limit is 11"):
        read_frames(folder, limits=Limits(frames=11))


def test_a_picture_is_a_clip_of_one_frame(folder):
    path = folder / "frame5.png"
    frames = list(read_frames(path, Sampling(8)))
    assert [(frame.index, frame.time) for frame in frames] == [(0, 0.0)]
    assert probe(path).frames == 1


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(MediaError, match="without pictures"):
        read_frames(tmp_path)
