"""A picture, a video, a folder of frames, bytes or an array: whatever is judged, as frames."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sincera.errors import MediaError, UsageError
from sincera.media.limits import DEFAULT_LIMITS, Limits
from sincera.media.pictures import read_picture
from sincera.media.reading import Frame, read_frames
from sincera.media.sampling import Sampling
from sincera.media.sniff import HEAD, sniff_bytes

Source = str | Path | bytes | NDArray[np.uint8]

_VIDEO_BYTES = "video given as bytes"


@dataclass(frozen=True, slots=True)
class Opened:
    """The frames of one source.

    path: as it was given, None for bytes and arrays.  asked: how many frames were wanted.  shortfall: once the frames
    are used up, what was wrong with the source, in words.
    """

    path: str | None
    asked: int
    frames: Iterator[Frame]
    shortfall: Callable[[], str | None]


@contextmanager
def opened(
    source: Source, sampling: Sampling, *, limits: Limits = DEFAULT_LIMITS, threads: int = 1
) -> Iterator[Opened]:
    """Open a source; frames are decoded as they are asked for, and only while the source is open.

    sampling: which frames of a video or folder; a picture and an array are one frame.  threads: of the video decoder.
    Raises MediaError where nothing can be read, UsageError where an array is none of (H, W, 3) uint8.
    """
    if isinstance(source, np.ndarray):
        yield _one(_checked(source))
    elif isinstance(source, bytes):
        if sniff_bytes(source[:HEAD]) == "video":
            limits.check_bytes(_VIDEO_BYTES, len(source), video=True)
            with _as_file(source) as path:
                try:
                    yield _from_file(path, None, sampling, limits, threads)
                except MediaError as error:
                    raise MediaError(str(error).replace(str(path), _VIDEO_BYTES)) from error
        else:
            yield _one(read_picture(source, limits=limits))
    elif "\0" in str(source):  # the system would answer with an error that is none of ours
        raise MediaError(f"{str(source)!r}: no path, it holds a zero byte. Pictures in memory are given as bytes.")
    else:
        yield _from_file(Path(source), str(source), sampling, limits, threads)


def _from_file(path: Path, name: str | None, sampling: Sampling, limits: Limits, threads: int) -> Opened:
    frames = read_frames(path, sampling, limits=limits, threads=threads)
    return Opened(name, len(frames.wanted), frames, lambda: frames.shortfall)


def _one(image: NDArray[np.uint8]) -> Opened:
    return Opened(None, 1, iter([Frame(0, 0.0, image)]), lambda: None)


def _checked(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise UsageError(
            f"an array of {image.dtype} {image.shape} was given to be judged; expected uint8 (H, W, 3), RGB. "
            "OpenCV's pictures are BGR: turn them by image[:, :, ::-1]."
        )
    return np.ascontiguousarray(image)


@contextmanager
def _as_file(data: bytes) -> Iterator[Path]:
    """A path under which the bytes can be opened: in memory where the system has such files (Linux), so that no face
    touches a disk; elsewhere a temporary file that only this user can read, deleted at once."""
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        handle = os.memfd_create("sincera")
        try:
            with os.fdopen(handle, "wb", closefd=False) as file:
                file.write(data)
            yield Path(f"/proc/self/fd/{handle}")
        finally:
            os.close(handle)
        return
    with tempfile.TemporaryDirectory(prefix="sincera-") as folder:
        path = Path(folder, "clip")
        path.write_bytes(data)
        yield path
