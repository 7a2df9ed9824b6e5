import av
import numpy as np
import pytest

from sincera.errors import MediaError, UsageError
from sincera.media import Limits, Sampling, probe, read_frames, write_video
from sincera.media.video import PacketIndex, decode

LAYOUTS = [
    (".mp4", "h264"),
    (".mov", "h264"),
    (".avi", "h264"),
    (".mov", "mjpeg"),
    (".avi", "mjpeg"),
    (".mov", "prores"),
]
TURNABLE = [layout for layout in LAYOUTS if layout[0] != ".avi"]


@pytest.mark.parametrize(("suffix", "codec"), LAYOUTS)
def test_frames_come_back_by_their_numbers(tmp_path, sequence, numbers, suffix, codec):
    path = tmp_path / f"clip{suffix}"
    assert write_video(path, sequence, fps=25, codec=codec) == len(sequence)
    frames = list(read_frames(path, [0, 7, 8, 39]))
    assert [frame.index for frame in frames] == [0, 7, 8, 39]
    assert [round(numbers(frame.image)) for frame in frames] == [0, 7, 8, 39]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.28, 0.32, 1.56])


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(("suffix", "codec"), TURNABLE)
def test_rotations_are_applied_exactly_once(tmp_path, sequence, suffix, codec, rotation):
    path = tmp_path / f"clip{suffix}"
    write_video(path, sequence[:6], fps=25, codec=codec, rotation=rotation)
    for frame in read_frames(path):
        assert frame.image.shape == sequence[0].shape
        assert np.abs(frame.image.astype(int) - sequence[frame.index]).mean() < 6
    info = probe(path)
    assert (info.width, info.height, info.rotation) == (sequence[0].shape[1], sequence[0].shape[0], rotation)
    with av.open(str(path)) as container:  # what lies in the file is turned
        stored = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(np.rot90(stored, -rotation // 90).astype(int) - sequence[0]).mean() < 6
    assert (stored.shape == sequence[0].shape) == (rotation in (0, 180))


def test_every_way_of_choosing_gives_the_same_frame(tmp_path, sequence):
    path = tmp_path / "clip.mp4"
    write_video(path, sequence, fps=25)
    whole = {frame.index: frame.image for frame in read_frames(path)}
    assert sorted(whole) == list(range(len(sequence)))
    for choice in (Sampling(5), Sampling(4, "ssdg"), [3], [38, 2]):
        for threads in (1, 0):
            for frame in read_frames(path, choice, threads=threads):
                assert np.array_equal(frame.image, whole[frame.index])


def test_only_chosen_frames_are_converted(tmp_path, sequence, monkeypatch):
    path = tmp_path / "clip.mp4"
    write_video(path, sequence, fps=25)
    converted = []
    import sincera.media.video as module

    plain = module.orient
    monkeypatch.setattr(module, "orient", lambda image, turn: converted.append(1) or plain(image, turn))
    assert len(list(read_frames(path, Sampling(3)))) == len(converted) == 3


def test_probe_counts_by_header_or_by_packets(tmp_path, sequence):
    path = tmp_path / "clip.avi"
    write_video(path, sequence, fps=25, codec="mjpeg")
    info = probe(path)
    assert (info.kind, info.frames, info.fps, info.codec) == ("video", len(sequence), 25.0, "mjpeg")
    cut = tmp_path / "cut.avi"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert probe(cut).frames == len(sequence)
    assert 0 < probe(cut, count="packets").frames < len(sequence)


def test_a_cut_video_gives_what_decodes_and_says_so(tmp_path, sequence, numbers):
    path = tmp_path / "clip.avi"
    write_video(path, sequence, fps=25, codec="mjpeg")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    clip = read_frames(path, Sampling(6))
    frames = list(clip)
    assert len(frames) == 6
    assert [round(numbers(frame.image)) for frame in frames] == [frame.index for frame in frames]
    assert clip.total < clip.info.frames == len(sequence)
    assert clip.shortfall == f"the header promises {len(sequence)} frames, the file holds {clip.total}"


def test_a_cut_phone_video_with_its_index_in_front(tmp_path, sequence, numbers):
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = sequence[0].shape[1], sequence[0].shape[0], "yuv420p"
        for image in sequence:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        output.mux(stream.encode(None))
    path.write_bytes(path.read_bytes()[: int(0.7 * path.stat().st_size)])
    clip = read_frames(path)
    frames = list(clip)
    assert 0 < len(frames) < len(sequence)
    assert [round(numbers(frame.image)) for frame in frames] == [frame.index for frame in frames]
    assert "the header promises 40 frames" in clip.shortfall


def test_a_damaged_frame_leaves_the_numbers_of_the_others(tmp_path, sequence, numbers):
    path = tmp_path / "clip.avi"
    write_video(path, sequence, fps=25, codec="mjpeg")
    with av.open(str(path)) as container:
        packets = [packet.pos for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    start = packets[10] + 8  # behind the chunk's header
    data[start : start + 300] = bytes(300)
    path.write_bytes(bytes(data))
    clip = read_frames(path, range(8, 14))
    frames = list(clip)
    assert [frame.index for frame in frames] == [8, 9, 11, 12, 13]
    assert [round(numbers(frame.image)) for frame in frames] == [8, 9, 11, 12, 13]
    assert clip.missing == (10,)
    assert clip.shortfall == "1 of 6 wanted frames do not decode"


def test_numbers_beyond_the_end_are_missing_not_wrong(tmp_path, sequence):
    path = tmp_path / "clip.mp4"
    write_video(path, sequence[:5], fps=25)
    clip = read_frames(path, [3, 4, 5, 99])
    assert [frame.index for frame in clip] == [3, 4]
    assert clip.missing == (5, 99)


def test_nothing_that_decodes_is_an_error(tmp_path, sequence):
    path = tmp_path / "clip.mp4"
    write_video(path, sequence[:5], fps=25)
    with pytest.raises(MediaError, match="none of 1 wanted frames"):
        list(read_frames(path, [99]))


@pytest.mark.parametrize("kept", [0, 20, 300])
def test_stumps_and_strangers_are_refused(tmp_path, sequence, kept):
    path = tmp_path / "clip.mp4"
    write_video(path, sequence[:5], fps=25)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(MediaError):
        list(read_frames(path))
    path.write_text("this is no video at all")
    with pytest.raises(MediaError, match="neither a picture nor a video"):
        read_frames(path)


def test_limits_are_checked_before_decoding(tmp_path, sequence):
    path = tmp_path / "clip.avi"
    write_video(path, sequence, fps=25, codec="mjpeg")
    for limits in (Limits(frames=39), Limits(pixels=100), Limits(video_bytes=100)):
        with pytest.raises(MediaError, match="limit"):
            read_frames(path, limits=limits)
        with pytest.raises(MediaError, match="limit"):
            probe(path, limits=limits)


def test_a_header_that_hides_frames_does_not_pass_the_limit(tmp_path, sequence):
    path = tmp_path / "clip.avi"
    write_video(path, sequence, fps=25, codec="mjpeg")
    data = path.read_bytes()
    stream = data.index(b"strh") + 8
    main = data.index(b"avih") + 8
    hidden = data[: main + 16] + bytes([2, 0, 0, 0]) + data[main + 20 : stream + 32] + bytes([2, 0, 0, 0])
    path.write_bytes(hidden + data[stream + 36 :])
    with pytest.raises(MediaError, match="frames; the limit is 10"):
        read_frames(path, limits=Limits(frames=10))


def test_writing_is_all_or_nothing(tmp_path, sequence):
    def broken():
        yield sequence[0]
        raise RuntimeError("the source failed")

    path = tmp_path / "clip.mp4"
    path.write_bytes(b"the old one")
    with pytest.raises(RuntimeError):
        write_video(path, broken(), fps=25)
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("codec", ["mjpeg", "prores"])
def test_writing_twice_gives_the_same_bytes(tmp_path, sequence, codec):
    for name in ("a.mov", "b.mov"):
        write_video(tmp_path / name, sequence, fps=25, codec=codec)
    assert (tmp_path / "a.mov").read_bytes() == (tmp_path / "b.mov").read_bytes()


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_quality_costs_bytes_and_gives_likeness(tmp_path, codec):
    noise = np.random.default_rng(0).integers(0, 255, (32, 48, 3), dtype=np.uint8)
    sizes, errors = [], []
    for quality in (20, 60, 95):
        path = tmp_path / f"{quality}.mov"
        write_video(path, [noise] * 3, fps=25, codec=codec, quality=quality)
        sizes.append(path.stat().st_size)
        errors.append(np.abs(next(read_frames(path)).image.astype(int) - noise).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("clip.mkv", {}, "suffix"),
        ("clip.avi", {"rotation": 90}, "cannot say"),
        ("clip.mp4", {"rotation": 45}, "rotation 45"),
        ("clip.mp4", {"quality": 0}, "quality 0"),
        ("clip.mp4", {"codec": "vp9"}, "codec 'vp9'"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path, sequence, name, options, message):
    with pytest.raises(UsageError, match=message):
        write_video(tmp_path / name, sequence[:2], fps=25, **options)


def test_frames_that_do_not_fit_are_refused(tmp_path, sequence):
    with pytest.raises(MediaError, match="no frames"):
        write_video(tmp_path / "clip.mp4", [], fps=25)
    with pytest.raises(MediaError, match="even width"):
        write_video(tmp_path / "clip.mp4", [sequence[0][:-1]], fps=25)
    with pytest.raises(MediaError, match="frame 1 is"):
        write_video(tmp_path / "clip.mp4", [sequence[0], sequence[0][:-2]], fps=25)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(("suffix", "codec"), LAYOUTS)
def test_frames_without_times_are_numbered_as_they_come(tmp_path, sequence, numbers, suffix, codec, threads):
    path = tmp_path / f"clip{suffix}"
    write_video(path, sequence, fps=25, codec=codec)
    wanted = frozenset([0, 5, 6, 38, 39])
    found = decode(path, PacketIndex(len(sequence), None, None), wanted, limits=Limits(), threads=threads)
    assert [(index, round(numbers(image))) for index, _, image in found] == [(k, k) for k in sorted(wanted)]
