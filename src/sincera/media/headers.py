"""Size and orientation of a picture, from its header alone.

A picture is measured before it is decoded: a file of a few kilobytes can claim gigapixels.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sincera.errors import MediaError

ORIENTATION_TAG = 274
UPRIGHT = 1


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """Stored width and height in pixels, and EXIF orientation (1 to 8, 1 is upright)."""

    format: str
    width: int
    height: int
    orientation: int = UPRIGHT


def picture_header(data: bytes, name: str = "picture") -> PictureHeader:
    """Read JPEG, PNG, WebP, GIF, BMP, TIFF and PNM headers.  Raises MediaError where there is none, or half of one."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:3] == b"GIF":
            return PictureHeader("GIF", *struct.unpack_from("<HH", data, 6))
        if data[:2] == b"BM":
            return _bmp(data)
        if data[:4] in (b"II*\0", b"MM\0*"):
            return _tiff(data)
        if re.match(rb"P[1-6]\s", data):
            return _pnm(data)
    except (struct.error, IndexError, StopIteration, KeyError, ValueError) as error:
        raise MediaError(f"{name}: the picture's header breaks off. The file is damaged or cut short.") from error
    raise MediaError(
        f"{name}: not a picture that can be read (first bytes {data[:8]!r}). "
        "Expected JPEG, PNG, WebP, GIF, BMP, TIFF or PNM; convert other formats first."
    )


def _jpeg(data: bytes) -> PictureHeader:
    orientation = UPRIGHT
    position = 2
    while True:
        while data[position + 1] == 0xFF:  # fill bytes may stand before a marker
            position += 1
        marker = data[position + 1]
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = position + 4
        if marker == 0xE1 and data[body : body + 6] == b"Exif\0\0":
            orientation = _exif_orientation(data[body + 6 : position + 2 + length])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, body + 1)
            return PictureHeader("JPEG", width, height, orientation)
        if marker in (0xD9, 0xDA):
            raise IndexError
        position += 2 + length


def _png(data: bytes) -> PictureHeader:
    width, height = struct.unpack_from(">II", data, 16)
    exif = next((data[start : start + size] for kind, start, size in png_chunks(data) if kind == b"eXIf"), b"")
    return PictureHeader("PNG", width, height, _exif_orientation(exif))


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and size of each whole chunk of a PNG."""
    position = 8
    while position + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        if position + 12 + size > len(data):
            return
        yield kind, position + 8, size
        position += 12 + size


def _webp(data: bytes) -> PictureHeader:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(_exactly(data, at, 3), "little") for at in (24, 27))
        return PictureHeader("WebP", width, height, _webp_orientation(data))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return PictureHeader("WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", data, 26)
    return PictureHeader("WebP", width & 0x3FFF, height & 0x3FFF)


def _webp_orientation(data: bytes) -> int:
    position = 12
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, position)
        if kind == b"EXIF":
            return _exif_orientation(data[position + 8 : position + 8 + size].removeprefix(b"Exif\0\0"))
        position += 8 + size + size % 2
    return UPRIGHT


def _bmp(data: bytes) -> PictureHeader:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        return PictureHeader("BMP", *struct.unpack_from("<HH", data, 18))
    width, height = struct.unpack_from("<ii", data, 18)
    return PictureHeader("BMP", width, abs(height))  # a negative height means rows from the top


def _tiff(data: bytes) -> PictureHeader:
    tags = _tiff_tags(data)
    return PictureHeader("TIFF", tags[256], tags[257], _valid(tags.get(ORIENTATION_TAG)))


def _pnm(data: bytes) -> PictureHeader:
    numbers = (int(word) for word in re.sub(rb"#[^\n]*", b"", data[2:2000]).split()[:2])
    return PictureHeader("PNM", next(numbers), next(numbers))


def _exif_orientation(block: bytes) -> int:
    """Orientation of an EXIF block; a broken block is no reason to refuse the picture."""
    try:
        return _valid(_tiff_tags(block).get(ORIENTATION_TAG))
    except (struct.error, KeyError):
        return UPRIGHT


def _tiff_tags(block: bytes) -> dict[int, int]:
    """First value of every SHORT and LONG tag in the first directory of a TIFF block."""
    order = {b"II": "<", b"MM": ">"}[block[:2]]
    (start,) = struct.unpack_from(f"{order}I", block, 4)
    (count,) = struct.unpack_from(f"{order}H", block, start)
    tags = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, _ = struct.unpack_from(f"{order}HHI", block, at)
        if kind in (3, 4):
            tags[tag] = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", block, at + 8)[0]
    return tags


def _valid(orientation: int | None) -> int:
    return orientation if orientation is not None and 1 <= orientation <= 8 else UPRIGHT


def _exactly(data: bytes, start: int, size: int) -> bytes:
    if start + size > len(data):
        raise IndexError
    return data[start : start + size]
