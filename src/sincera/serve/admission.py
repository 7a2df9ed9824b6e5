"""What is looked at before anything is decoded: type by content, pixels, seconds, frames."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from sincera.errors import MediaError
from sincera.media import sniff_bytes
from sincera.media.headers import picture_header
from sincera.media.sniff import HEAD
from sincera.serve.problems import RefusedError
from sincera.serve.settings import ServiceSettings

if TYPE_CHECKING:
    from av.packet import Packet

Kind = Literal["picture", "video"]

# Containers that hold their own frames.  Playlists, which FFmpeg also reads, name other files and addresses.
_OPTIONS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf"}


def kind_of(data: bytes) -> Kind:
    """Picture or video, by the first bytes.  Raises RefusedError 422 for an empty body, 415 for any other content."""
    if not data:
        raise RefusedError(422, "The body is empty; send the bytes of a picture or a video.")
    kind = sniff_bytes(data[:HEAD])
    if kind is None:
        raise RefusedError(415, "Neither a picture nor a video, by its content; send JPEG, PNG, WebP, MP4 or WebM.")
    return kind


def check_size(data: bytes, kind: Kind, settings: ServiceSettings) -> None:
    """Refuse by the header alone.  Raises RefusedError 413 over a limit, 422 where the header cannot be read."""
    if kind == "picture":
        try:
            header = picture_header(data)
        except (MediaError, ValueError) as error:
            raise RefusedError(422, f"The picture's header cannot be read: {error}") from error
        _check_pixels(header.width, header.height, settings)
    else:
        _check_video(data, settings)


def _check_pixels(width: int, height: int, settings: ServiceSettings) -> None:
    if width <= 0 or height <= 0:
        raise RefusedError(422, f"The header says {width}×{height} pixels; the file is damaged.")
    if width * height > settings.max_pixels:
        raise RefusedError(413, f"{width}×{height} pixels; at most {settings.max_pixels} are judged. Scale it down.")


def _check_video(data: bytes, settings: ServiceSettings) -> None:
    import av  # a service that sees pictures alone never loads it

    try:
        with av.open(io.BytesIO(data), "r", metadata_errors="ignore", options=_OPTIONS) as container:
            if not container.streams.video:
                raise RefusedError(422, "A recording without a video stream; send a picture or a video.")
            stream = container.streams.video[0]
            _check_pixels(stream.codec_context.width, stream.codec_context.height, settings)
            _check_length(container.demux(stream), float(stream.time_base or 0), settings)
    except (av.error.FFmpegError, ValueError) as error:
        raise RefusedError(422, "The video cannot be opened: damaged, cut short or of an unknown kind.") from error


def _check_length(packets: Iterable[Packet[Any]], tick: float, settings: ServiceSettings) -> None:
    """Count what is there, not what the header promises; stop at the first packet too many."""
    import av

    frames, first, last = 0, None, None
    try:
        for packet in packets:
            if not packet.size:
                continue
            frames += 1
            if packet.pts is not None:
                first = packet.pts if first is None else min(first, packet.pts)
                last = packet.pts if last is None else max(last, packet.pts)
            seconds = (last - first) * tick if first is not None and last is not None else 0.0
            if frames > settings.max_frames:
                raise RefusedError(413, f"A video of more than {settings.max_frames} frames; send a shorter one.")
            if seconds > settings.max_seconds:
                raise RefusedError(413, f"A video of more than {settings.max_seconds:g} seconds; send a shorter one.")
    except av.error.FFmpegError:
        pass  # a file that breaks off: what came before is judged
    if frames == 0:
        raise RefusedError(422, "The video holds no whole frame; the file is damaged or cut short.")
