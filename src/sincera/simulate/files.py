"""Files that appear under their name only when they are whole, and never twice at once."""

from __future__ import annotations

import os
from pathlib import Path

import cv2

from sincera.errors import MediaError
from sincera.simulate.light import Picture


def write_bytes(path: Path, content: bytes) -> None:
    """Write beside the place, then rename; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` in UTF-8, line ends as they are."""
    write_bytes(path, text.encode())


def write_picture(path: Path, picture: Picture, quality: int) -> None:
    """An RGB picture as JPEG."""
    done, stored = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise MediaError(f"{path}: the JPEG encoder refused a picture of {picture.shape}")
    write_bytes(path, stored.tobytes())
