"""What a file is, told by its first bytes and never by its suffix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from sincera.errors import MediaError

Kind = Literal["picture", "video", "frames"]

HEAD = 400  # bytes; enough to see two sync bytes of a transport stream

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_VIDEOS = (b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"FLV\1", b"OggS", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def sniff(path: str | Path) -> Kind | None:
    """Tell "picture", "video" or "frames" (a folder that holds pictures); None for anything else.

    Raises MediaError where nothing lies at `path` or it cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        return "frames" if next(_pictures_in(path), None) else None
    try:
        with path.open("rb") as file:
            return sniff_bytes(file.read(HEAD))
    except OSError as error:
        raise MediaError(
            f"{path}: cannot be read ({error.strerror or error}). Check the path and its rights."
        ) from error


def sniff_bytes(head: bytes) -> Literal["picture", "video"] | None:
    """Tell a picture from a video by the first bytes of a file.

    >>> sniff_bytes(b"GIF89a..."), sniff_bytes(b"RIFF\\0\\0\\0\\0AVI LIST"), sniff_bytes(b"hello")
    ('picture', 'video', None)
    """
    if head.startswith(_PICTURES) or re.match(rb"P[1-7]\s", head) or _is_bitmap(head):
        return "picture"
    if head.startswith(_VIDEOS):
        return "video"
    if head[:4] == b"RIFF":
        return {b"WEBP": "picture", b"AVI ": "video"}.get(head[8:12])  # type: ignore[return-value]
    if head[4:8] in _ATOMS:
        return "picture" if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS else "video"
    if (
        head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G"
    ):  # MPEG transport stream: a sync byte every 188
        return "video"
    return None


def folder_pictures(folder: Path) -> list[Path]:
    """The pictures of a frame folder in natural order: f2 before f10."""
    return sorted(_pictures_in(folder), key=natural_key)


def natural_key(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Sort key that reads runs of digits as numbers.

    >>> [p.name for p in sorted([Path("f10"), Path("f2"), Path("a")], key=natural_key)]
    ['a', 'f2', 'f10']
    """
    parts = re.split(r"(\d+)", path.name.casefold())
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part)


def _pictures_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if not path.name.startswith(".") and path.is_file():
            with path.open("rb") as file:
                if sniff_bytes(file.read(HEAD)) == "picture":
                    yield path


def _is_bitmap(head: bytes) -> bool:
    """BMP's two letters start many texts: its header's size is looked at too."""
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)
