"""Videos in, by PyAV: packets counted, chosen frames converted, the track's turn applied once."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sincera.errors import MediaError
from sincera.media.atoms import matrix_orientation
from sincera.media.limits import Limits
from sincera.media.pictures import Picture, orient

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


@dataclass(frozen=True, slots=True)
class PacketIndex:
    """What a walk over a video's packets finds, without decoding.

    count: frames that a decoder should give.  ranks: presentation time → frame number, None where times are missing or
    double (AVI with B-frames) and frames are numbered as they come out.  start: the first presentation time.
    """

    count: int
    ranks: dict[int, int] | None
    start: int | None


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """An open container and its first video stream.  Raises MediaError where there is none."""
    import av  # a judge of pictures never needs it

    try:
        container = av.open(str(path), metadata_errors="ignore")
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(f"{path}: cannot be opened as a video ({error}). The file is damaged or cut short.") from error
    with container:
        if not container.streams.video:
            raise MediaError(f"{path}: holds no video stream. Was it a sound recording?")
        yield container, container.streams.video[0]


def check_stream(path: Path, stream: VideoStream, limits: Limits) -> None:
    """Raise MediaError where the header promises more than the limits allow."""
    limits.check_pixels(str(path), stream.codec_context.width, stream.codec_context.height)
    limits.check_frames(str(path), stream.frames)


def index_packets(path: Path, container: InputContainer, stream: VideoStream, limits: Limits) -> PacketIndex:
    """Count the frames by walking over the packets; headers of AVI and of cut files promise what is not there."""
    times: list[int | None] = []
    for packet in _packets(container, stream):
        if not packet.is_discard:  # an edit list marks frames that are decoded but never shown
            times.append(packet.pts)
            limits.check_frames(str(path), len(times))
    known = sorted({time for time in times if time is not None})
    if len(known) < len(times):
        return PacketIndex(len(times), None, known[0] if known else None)
    return PacketIndex(len(times), {time: rank for rank, time in enumerate(known)}, known[0] if known else None)


def decode(
    path: Path, index: PacketIndex, wanted: frozenset[int], *, limits: Limits, threads: int
) -> Iterator[tuple[int, float | None, Picture]]:
    """Give (frame number, seconds from the first frame, upright RGB picture) for each wanted frame that decodes.

    The video is read once, up to the last wanted frame.  A packet that does not decode is passed over: the frames
    after it keep their own numbers.
    """
    last = max(wanted, default=-1)
    with opened(path) as (container, stream):
        # Threads hand frames out late: without times nobody could tell which packet a frame came from.
        stream.thread_type = "NONE" if index.ranks is None else "AUTO"
        stream.codec_context.thread_count = threads
        intra_only = stream.codec_context.codec.intra_only
        turn = 1
        number = -1
        for packet_number, frame in _decoded(container, stream, wanted if intra_only else None):
            turn = _frame_orientation(frame, turn)
            by_order = packet_number if intra_only else number + 1
            number = by_order if index.ranks is None or frame.pts is None else index.ranks.get(frame.pts, by_order)
            if number in wanted and not frame.is_corrupt:
                limits.check_pixels(str(path), frame.width, frame.height)
                seconds = _seconds(frame, stream, index.start)
                yield number, seconds, orient(cast(Picture, frame.to_ndarray(format="rgb24")), turn)
            if number >= last:
                return


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[Any]]:
    """Whole packets, one frame each, up to where the file breaks off; the last one of a cut file is half a frame."""
    import av

    try:
        for packet in container.demux(stream):
            if packet.size and not packet.is_corrupt:
                yield packet
    except av.error.FFmpegError:
        return


def _decoded(
    container: InputContainer, stream: VideoStream, only: frozenset[int] | None
) -> Iterator[tuple[int, VideoFrame]]:
    """Each decoded frame with the number of the packet that brought it out; `only` skips packets of others."""
    import av

    number = -1
    end: tuple[None] = (None,)  # makes the decoder hand out what it still holds
    for packet in itertools.chain(_packets(container, stream), end):
        if packet is not None and not packet.is_discard:
            number += 1
            if only is not None and number not in only:
                continue
        try:
            frames = stream.codec_context.decode(packet)
        except av.error.FFmpegError:
            continue
        for frame in frames:
            yield number, frame


def _frame_orientation(frame: VideoFrame, default: int) -> int:
    """EXIF orientation by the display matrix that travels with the frames, where there is one."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return default
    a, b, _, c, d = struct.unpack_from("=5i", memoryview(cast(Any, matrix)))
    return matrix_orientation(a, b, c, d)


def _seconds(frame: VideoFrame, stream: VideoStream, start: int | None) -> float | None:
    """Seconds from the first frame; the stream's time base, as the last frames come out of the decoder without one."""
    if frame.pts is None or stream.time_base is None:
        return None
    return float((frame.pts - (start or 0)) * stream.time_base)
