"""Clips in: a picture, a video or a folder of frames, all read the same way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sincera.errors import MediaError
from sincera.media.atoms import track_orientation
from sincera.media.headers import picture_header
from sincera.media.limits import DEFAULT_LIMITS, Limits
from sincera.media.pictures import Picture, read_picture, upright_size
from sincera.media.sampling import Sampling
from sincera.media.sniff import Kind, folder_pictures, sniff

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_CLOCKWISE = {1: 0, 2: 0, 3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_HEADER_BYTES = 1 << 18  # a picture's size stands in its first bytes, behind the EXIF block as a rule


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file's header says.

    width, height: upright, in pixels.  frames: None where unknown.  fps: None for pictures.  rotation: clockwise
    degrees that turn the stored frames upright.  codec: the decoder's name, None for pictures.
    """

    kind: Kind
    width: int
    height: int
    frames: int | None
    fps: float | None
    rotation: int
    codec: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a clip: its number, seconds from the first frame (None where unknown), (H, W, 3) uint8 RGB."""

    index: int
    time: float | None
    image: Picture


class Frames(Iterator[Frame]):
    """The wanted frames of a clip, in order, decoded as they are asked for.

    info: what the header says.  total: frames that the file holds, counted.  wanted: the frame numbers asked for.
    When the iteration has ended, `missing` holds those that did not decode and `shortfall` says in words what was
    wrong with the clip, None if nothing was.
    """

    def __init__(self, path: Path, info: MediaInfo, total: int, wanted: tuple[int, ...], frames: Iterator[Frame]):
        self.path = path
        self.info = info
        self.total = total
        self.wanted = wanted
        self._frames = frames
        self._delivered: list[int] = []
        self._ended = False

    def __next__(self) -> Frame:
        try:
            frame = next(self._frames)
        except StopIteration:
            self._ended = True
            if self.wanted and not self._delivered:
                raise MediaError(
                    f"{self.path}: none of {len(self.wanted)} wanted frames decodes; the file holds {self.total}. "
                    "The file is damaged."
                ) from None
            raise
        self._delivered.append(frame.index)
        return frame

    @property
    def missing(self) -> tuple[int, ...]:
        """Wanted frame numbers that did not decode; empty until the iteration has ended."""
        return tuple(sorted(set(self.wanted) - set(self._delivered))) if self._ended else ()

    @property
    def shortfall(self) -> str | None:
        """What is missing, in words; None where the clip is whole as far as it was read."""
        faults = []
        if self.info.frames is not None and self.total < self.info.frames:
            faults.append(f"the header promises {self.info.frames} frames, the file holds {self.total}")
        if self.missing:
            faults.append(f"{len(self.missing)} of {len(self.wanted)} wanted frames do not decode")
        return "; ".join(faults) or None


def probe(
    path: str | Path, *, count: Literal["header", "packets"] = "header", limits: Limits = DEFAULT_LIMITS
) -> MediaInfo:
    """Give what a clip's header says, without decoding a frame.

    count: "packets" walks over a video's packets for the true number of frames, "header" believes the container where
    it says something (None where it does not).  Raises MediaError where the file is none that can be read.
    """
    path = Path(path)
    kind = _kind(path)
    if kind == "video":
        return _probe_video(path, count, limits)
    if kind == "picture":
        return _probe_picture(path, limits)
    return _probe_folder(folder_pictures(path), limits)


def read_frames(
    path: str | Path,
    sampling: Sampling | Sequence[int] = Sampling(rule="all"),  # noqa: B008 - frozen
    *,
    limits: Limits = DEFAULT_LIMITS,
    threads: int = 0,
) -> Frames:
    """Iterate over chosen frames of a picture, video or folder of pictures, each upright RGB.

    sampling: a rule, or frame numbers counted from 0 (numbers beyond the end are reported as missing).  A picture is
    one frame 0.  A video is read once and only the chosen frames are converted.  threads: of the video decoder, 0 =
    one a core; give 1 where clips are read in parallel.
    Raises MediaError at once where the file cannot be opened or is over the limits, and at the end where nothing
    decodes; a clip that breaks off gives what decodes and says so in `Frames.shortfall`.
    """
    path = Path(path)
    kind = _kind(path)
    if kind == "video":
        return _read_video(path, sampling, limits, threads)
    pictures = [path] if kind == "picture" else folder_pictures(path)
    limits.check_frames(str(path), len(pictures))
    wanted = _wanted(sampling, len(pictures))
    if kind == "picture":
        info = _probe_picture(path, limits)
        frames = iter([Frame(0, 0.0, read_picture(path, limits=limits))] if 0 in wanted else [])
    else:
        info = _probe_folder(pictures, limits)
        frames = _folder_frames(pictures, wanted, limits)
    return Frames(path, info, len(pictures), wanted, frames)


def _kind(path: Path) -> Kind:
    kind = sniff(path)
    if kind is None and path.is_dir():
        raise MediaError(f"{path}: a folder without pictures. Expected a picture, a video or a folder of frames.")
    if kind is None:
        size = path.stat().st_size
        found = "an empty file" if size == 0 else "neither a picture nor a video, by its content"
        raise MediaError(f"{path}: {found}. Expected JPEG, PNG, MP4, MOV, AVI or the like.")
    return kind


def _wanted(sampling: Sampling | Sequence[int], total: int) -> tuple[int, ...]:
    return sampling.indices(total) if isinstance(sampling, Sampling) else tuple(sorted(set(sampling)))


def _read_video(path: Path, sampling: Sampling | Sequence[int], limits: Limits, threads: int) -> Frames:
    from sincera.media.video import decode, index_packets, opened  # PyAV only where there is a video

    limits.check_bytes(str(path), path.stat().st_size, video=True)
    with opened(path) as (container, stream):
        info = _video_info(path, container, stream, limits)
        index = index_packets(path, container, stream, limits)
    if index.count == 0:
        raise MediaError(f"{path}: the video holds no whole frame. The file is damaged or cut short.")
    wanted = _wanted(sampling, index.count)
    decoded = decode(path, index, frozenset(wanted), limits=limits, threads=threads)
    return Frames(path, info, index.count, wanted, (Frame(*found) for found in decoded))


def _folder_frames(pictures: Sequence[Path], wanted: Sequence[int], limits: Limits) -> Iterator[Frame]:
    for index in wanted:
        if 0 <= index < len(pictures):
            try:
                image = read_picture(pictures[index], limits=limits)
            except MediaError:
                continue  # reported as missing
            yield Frame(index, None, image)


def _probe_picture(path: Path, limits: Limits) -> MediaInfo:
    limits.check_bytes(str(path), path.stat().st_size, video=False)
    with path.open("rb") as file:
        data = file.read(_HEADER_BYTES)
        try:
            header = picture_header(data, str(path))
        except MediaError:
            header = picture_header(data + file.read(), str(path))  # a TIFF may keep its header at the end
    limits.check_pixels(str(path), header.width, header.height)
    width, height = upright_size(header.width, header.height, header.orientation)
    return MediaInfo("picture", width, height, 1, None, _CLOCKWISE[header.orientation])


def _probe_folder(pictures: Sequence[Path], limits: Limits) -> MediaInfo:
    first = _probe_picture(pictures[0], limits)
    return MediaInfo("frames", first.width, first.height, len(pictures), None, first.rotation)


def _probe_video(path: Path, count: Literal["header", "packets"], limits: Limits) -> MediaInfo:
    from sincera.media.video import index_packets, opened

    limits.check_bytes(str(path), path.stat().st_size, video=True)
    with opened(path) as (container, stream):
        info = _video_info(path, container, stream, limits)
        if count == "packets":
            return replace(info, frames=index_packets(path, container, stream, limits).count)
    return info


def _video_info(path: Path, container: InputContainer, stream: VideoStream, limits: Limits) -> MediaInfo:
    from sincera.media.video import check_stream

    check_stream(path, stream, limits)
    fps = float(stream.average_rate) if stream.average_rate else None
    context = stream.codec_context
    orientation = track_orientation(path) if "mov" in container.format.name else 1
    width, height = upright_size(context.width, context.height, orientation)
    return MediaInfo("video", width, height, stream.frames or None, fps, _CLOCKWISE[orientation], context.name)
