"""A camera, or a video file that plays its part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from sincera.errors import MediaError, UsageError
from sincera.media.reading import Frame, read_frames
from sincera.media.sampling import Sampling


@contextmanager
def open_camera(name: str) -> Iterator[Iterator[Frame]]:
    """Frames of a camera with their times in seconds, upright RGB, for as long as the camera is open.

    name: a number as the operating system counts cameras, 0 for the first; anything else is a video file (or folder
    of pictures), played as if it were one, as fast as it is asked for: its frames carry the file's own times.
    Raises UsageError where there is no such camera, MediaError where the file is no video or a camera goes dark.
    """
    if not name.isdecimal():
        yield _played(Path(name))
        return
    camera = cv2.VideoCapture(int(name))
    try:
        if not camera.isOpened():
            raise UsageError(
                f"camera {name}: cannot be opened. Is it plugged in, free, and may you use it? "
                "A video file instead of the number plays a camera."
            )
        yield _seen(camera, name)
    finally:
        camera.release()


def _seen(camera: cv2.VideoCapture, name: str) -> Iterator[Frame]:
    begun = time.monotonic()
    number = 0
    while True:
        there, image = camera.read()
        if not there:
            raise MediaError(f"camera {name}: gave no picture after {number} frames. Was it unplugged?")
        yield Frame(number, time.monotonic() - begun, np.ascontiguousarray(image[:, :, ::-1], np.uint8))
        number += 1


def _played(path: Path) -> Iterator[Frame]:
    frames = read_frames(path, Sampling(rule="all"), threads=1)
    rate = frames.info.fps or 25.0
    for frame in frames:
        yield Frame(frame.index, frame.index / rate if frame.time is None else frame.time, frame.image)
