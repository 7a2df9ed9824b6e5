"""Pictures in: RGB, upright, within limits, or one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.errors import MediaError
from sincera.media.headers import PictureHeader, picture_header, png_chunks
from sincera.media.limits import DEFAULT_LIMITS, Limits

Picture = NDArray[np.uint8]

_TURNS: dict[int, Callable[[Picture], Picture]] = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
    8: lambda image: np.rot90(image),
}


def read_picture(source: str | Path | bytes, *, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Give a picture as (H, W, 3) uint8 RGB, turned upright by its EXIF orientation.

    Grey becomes three equal channels; 16 bits a channel become 8 by v / 257, rounded; transparent parts are laid on
    white, as a page shows them.  Of an animation, the first picture.
    Raises MediaError for anything that is not a whole, readable picture within the limits.
    """
    data, name = _load(source, limits)
    header = picture_header(data, name)
    limits.check_pixels(name, header.width, header.height)
    if not _is_whole(data, header):
        raise MediaError(f"{name}: the {header.format} picture is cut short. Fetch or copy the file again.")
    # UNCHANGED keeps depth and alpha, and leaves the EXIF orientation to us: applied once, also where OpenCV would not.
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        decoded = None
    if decoded is None or decoded.shape[:2] != (header.height, header.width):
        raise MediaError(f"{name}: the {header.format} picture cannot be decoded. The file is damaged.")
    return orient(_to_rgb(decoded, name), header.orientation)


def orient(image: Picture, orientation: int) -> Picture:
    """Turn a stored picture upright; `orientation` is EXIF's 1 to 8.

    >>> stored = np.array([[[1], [2]], [[3], [4]]], np.uint8)
    >>> orient(stored, 6)[..., 0].tolist()
    [[3, 1], [4, 2]]
    """
    return np.ascontiguousarray(_TURNS[orientation](image))


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height after `orient`."""
    return (height, width) if orientation >= 5 else (width, height)


def file_name(source: str | Path | bytes) -> str:
    """How messages call a source."""
    return "picture given as bytes" if isinstance(source, bytes) else str(source)


def _load(source: str | Path | bytes, limits: Limits) -> tuple[bytes, str]:
    name = file_name(source)
    if isinstance(source, bytes):
        limits.check_bytes(name, len(source), video=False)
        return source, name
    try:
        path = Path(source)
        limits.check_bytes(name, path.stat().st_size, video=False)
        return path.read_bytes(), name
    except OSError as error:
        raise MediaError(
            f"{name}: cannot be read ({error.strerror or error}). Check the path and its rights."
        ) from error


def _is_whole(data: bytes, header: PictureHeader) -> bool:
    """Whether the file's end is there: decoders fill what is missing with grey and say nothing."""
    if header.format == "JPEG":
        # The last scan starts after the last "start of scan"; a thumbnail's end lies before it.
        return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
    if header.format == "PNG":
        return any(kind == b"IEND" for kind, _, _ in png_chunks(data))
    if header.format == "WebP":
        return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    if header.format == "BMP":
        return len(data) >= int.from_bytes(data[2:6], "little")
    return True


def _to_rgb(decoded: NDArray[np.generic], name: str) -> Picture:
    if decoded.dtype == np.uint16:
        decoded = ((decoded.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if decoded.dtype != np.uint8:
        raise MediaError(f"{name}: values of type {decoded.dtype}; expected 8 or 16 bits a channel. Convert it first.")
    image: Picture = decoded if decoded.ndim == 3 else decoded[:, :, None]  # type: ignore[assignment]
    channels = image.shape[2]
    if channels in (2, 4):
        image = _on_white(image)
    if image.shape[2] == 1:
        return np.repeat(image, 3, axis=2)
    return np.ascontiguousarray(image[:, :, ::-1])


def _on_white(image: Picture) -> Picture:
    alpha = image[:, :, -1:].astype(np.uint16)
    colour = image[:, :, :-1].astype(np.uint16)
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
