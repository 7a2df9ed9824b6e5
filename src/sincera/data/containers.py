"""Is a video whole, by its headers: a few bytes a file, no decoder, so that thousands are looked at in seconds."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from sincera.media import sniff

_MAX_ATOMS = 10_000  # a fragmented recording of hours has fewer


def unreadable(path: Path) -> str | None:
    """Why a file cannot be a clip, by its first bytes and its container's skeleton; None where it may be one."""
    kind = sniff(path)
    if kind is None:
        return "neither a picture nor a video by its content"
    if kind == "video" and path.is_file():
        with path.open("rb") as file:
            atoms = _atoms(file, path.stat().st_size)
        if atoms and "moov" not in atoms:
            return "the video's index (moov) is missing: the file is cut short"
    return None


def cut_short(path: Path) -> str | None:
    """What is missing at a video's end, by the lengths that its headers state; None where nothing is.

    Such a clip may still give most of its frames, so it is no reason to set it aside.
    """
    if not path.is_file():
        return None
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            (stated,) = struct.unpack("<I", head[4:8])
            return _lack(stated + 8, size) if stated < 0xFFFFFFFF else None
        end = max(_atoms(file, size).values(), default=0)
    return _lack(end, size)


def _lack(stated: int, size: int) -> str | None:
    return f"cut short: its headers state {stated:,} bytes, the file has {size:,}" if stated > size else None


def _atoms(file: BinaryIO, size: int) -> dict[str, int]:
    """The top-level atoms of an MP4 or QuickTime file with the byte each ends before; empty for other containers."""
    found: dict[str, int] = {}
    start = 0
    while start + 8 <= size and len(found) < _MAX_ATOMS:
        file.seek(start)
        head = file.read(16)
        (length,), kind = struct.unpack_from(">I", head), head[4:8]
        if start == 0 and kind not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
            return {}
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
        if length < 8:  # 0 means "to the end of the file", 2 to 7 is damage
            end = size if length == 0 else start
            return found | {kind.decode("latin-1"): end}
        start += length
        found[kind.decode("latin-1")] = start
    return found
