"""Videos out, in the containers and codecs of the data sets' owners."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np

from sincera.errors import MediaError, UsageError
from sincera.media.atoms import TURN_MATRICES, write_track_rotation
from sincera.media.pictures import Picture

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Codec = Literal["h264", "mjpeg", "prores"]

_CONTAINERS = {".mp4": "mp4", ".mov": "mov", ".avi": "avi"}
_ENCODERS = {"h264": "libx264", "mjpeg": "mjpeg", "prores": "prores_ks"}
_PIXELS = {"h264": "yuv420p", "mjpeg": "yuvj420p", "prores": "yuv422p10le"}
_LAMBDA = 118  # FFmpeg's FF_QP2LAMBDA: quantisers are handed over in these units


def write_video(
    path: str | Path,
    frames: Iterable[Picture],
    *,
    fps: float,
    codec: Codec = "h264",
    quality: int = 85,
    rotation: int = 0,
) -> int:
    """Write (H, W, 3) uint8 RGB frames as a video; gives the number of frames written.

    The suffix chooses the container: .mp4, .mov or .avi.  quality: 1 to 100, as for JPEG; 85 is a good phone, 40 a poor
    webcam.  rotation: 0, 90, 180 or 270; frames are stored turned, with a track matrix of so many degrees clockwise
    (.mp4 and .mov), so that a reader which honours it gets back what was put in.
    The file is written beside its place and renamed when whole.  One encoder thread: the same frames give the same
    bytes, save that x264 now and then decides a block otherwise.
    """
    path = Path(path)
    container = _container(path, rotation, quality)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        count, (height, width) = _encode(partial, container, frames, fps, codec, quality, rotation)
        if rotation:
            write_track_rotation(partial, rotation, width, height)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _container(path: Path, rotation: int, quality: int) -> str:
    container = _CONTAINERS.get(path.suffix.lower())
    if container is None:
        raise UsageError(f"{path}: suffix {path.suffix!r}; expected one of {', '.join(_CONTAINERS)}")
    if rotation not in TURN_MATRICES:
        raise UsageError(f"{path}: rotation {rotation}; expected 0, 90, 180 or 270")
    if rotation and container == "avi":
        raise UsageError(f"{path}: an AVI cannot say that it is turned; use .mp4 or .mov, or rotation 0")
    if not 1 <= quality <= 100:
        raise UsageError(f"{path}: quality {quality}; expected 1 to 100")
    return container


def _encode(
    path: Path, container: str, frames: Iterable[Picture], fps: float, codec: Codec, quality: int, rotation: int
) -> tuple[int, tuple[int, int]]:
    """Encode all frames; gives their number and the stored height and width."""
    import av

    if codec not in get_args(Codec):
        raise UsageError(f"{path}: codec {codec!r}; expected one of {', '.join(get_args(Codec))}")
    stored = (np.ascontiguousarray(np.rot90(frame, rotation // 90)) for frame in frames)  # anticlockwise
    first = next(stored, None)
    if first is None:
        raise MediaError(f"{path}: no frames to write")
    count = 0
    with av.open(str(path), "w", format=container) as output:
        rate = Fraction(fps).limit_denominator(1001)
        stream = cast("VideoStream", output.add_stream(_ENCODERS[codec], rate=rate))
        _settle(stream, first.shape, codec, quality, container)
        for image in _alike(path, itertools.chain([first], stored), first.shape):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            output.mux(stream.encode(frame.reformat(format=_PIXELS[codec])))
            count += 1
        output.mux(stream.encode(None))
    return count, (first.shape[0], first.shape[1])


def _settle(stream: VideoStream, shape: tuple[int, ...], codec: Codec, quality: int, container: str) -> None:
    """Size, pixel format and quality of a new stream."""
    height, width = shape[:2]
    if codec == "h264" and (height % 2 or width % 2):
        raise MediaError(f"frames of {width}×{height}; H.264 needs an even width and height. Cut a row or column.")
    stream.width, stream.height = width, height
    stream.pix_fmt = _PIXELS[codec]
    context = stream.codec_context
    context.thread_count = 1
    if codec == "h264":
        options: dict[str, object] = {"crf": str(round(43 - 0.3 * quality)), "preset": "veryfast"}
        # AVI keeps one time a packet: frames must leave in the order in which they came.
        stream.options = options | ({"bf": "0"} if container == "avi" else {})
    elif codec == "mjpeg":
        context.qscale = True
        context.global_quality = _LAMBDA * max(2, round(31 - 0.29 * quality))
    else:
        stream.options = {"profile": "hq" if quality >= 60 else "lt"}


def _alike(path: Path, frames: Iterable[Picture], shape: tuple[int, ...]) -> Iterator[Picture]:
    for number, frame in enumerate(frames):
        if frame.dtype != np.uint8 or frame.shape != shape or frame.shape[2:] != (3,):
            raise MediaError(
                f"{path}: frame {number} is {frame.dtype} {frame.shape}; expected uint8 {shape}, three channels, "
                "as the first one."
            )
        yield frame
