"""The few atoms of an MP4 or QuickTime file that say how its picture is turned.

Cameras store what the sensor saw and add a matrix to the track header (`tkhd`, ISO/IEC 14496-12) that turns it upright.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

UNITY = 1 << 16  # matrices are 16.16 fixed point, their third column 2.30
_W = 1 << 30

# Clockwise degrees that turn the stored picture upright -> (a, b, c, d), with x' = ax + cy, y' = bx + dy.
TURN_MATRICES = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}

# The eight axis-aligned matrices as EXIF orientations, so that one function turns pictures and videos.
_ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


def matrix_orientation(a: int, b: int, c: int, d: int) -> int:
    """EXIF orientation of a display matrix's linear part; 1 where it is not axis-aligned.

    >>> matrix_orientation(0, UNITY, -UNITY, 0)
    6
    """
    return _ORIENTATIONS.get((_sign(a), _sign(b), _sign(c), _sign(d)), 1)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def track_orientation(path: Path) -> int:
    """EXIF orientation by the first video track's header; 1 where there is no such header."""
    with path.open("rb") as file:
        at = _video_matrix_offset(file)
        if at is None:
            return 1
        file.seek(at)
        matrix = file.read(36)
    if len(matrix) < 36:
        return 1
    a, b, _, c, d = struct.unpack_from(">5i", matrix)
    return matrix_orientation(a, b, c, d)


def write_track_rotation(path: Path, rotation: int, width: int, height: int) -> None:
    """Put a turn of `rotation` degrees clockwise into the first video track; width, height as stored.

    Raises ValueError where the file has no video track header.
    """
    a, b, c, d = TURN_MATRICES[rotation]
    # The turned picture is moved back so that its top left corner is the origin, as QuickTime expects.
    x = (height if c < 0 else 0) + (width if a < 0 else 0)
    y = (width if b < 0 else 0) + (height if d < 0 else 0)
    row = [value * UNITY for value in (a, b, c, d, x, y)]
    with path.open("r+b") as file:
        at = _video_matrix_offset(file)
        if at is None:
            raise ValueError(f"{path}: no video track header")
        file.seek(at)
        file.write(struct.pack(">9i", row[0], row[1], 0, row[2], row[3], 0, row[4], row[5], _W))


def _video_matrix_offset(file: BinaryIO) -> int | None:
    end = file.seek(0, 2)
    for start, stop in _children(file, 0, end, b"moov"):
        for track_start, track_stop in _children(file, start, stop, b"trak"):
            if _is_video(file, track_start, track_stop):
                for header, _ in _children(file, track_start, track_stop, b"tkhd"):
                    file.seek(header)
                    version = file.read(1)
                    return header + (52 if version == b"\1" else 40)  # version 1 has 64-bit times
    return None


def _is_video(file: BinaryIO, start: int, stop: int) -> bool:
    for media_start, media_stop in _children(file, start, stop, b"mdia"):
        for handler, _ in _children(file, media_start, media_stop, b"hdlr"):
            file.seek(handler + 8)
            return file.read(4) == b"vide"
    return False


def _children(file: BinaryIO, start: int, stop: int, kind: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of the bodies of all atoms of one kind between two offsets."""
    while start + 8 <= stop:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            return
        size, name = struct.unpack_from(">I4s", head)
        body = start + 8
        if size == 1 and len(head) == 16:
            size, body = struct.unpack_from(">Q", head, 8)[0], start + 16
        elif size == 0:
            size = stop - start
        if size < body - start:
            return
        if name == kind:
            yield body, min(start + size, stop)
        start += size
