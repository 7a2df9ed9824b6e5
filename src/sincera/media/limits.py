"""How much a file may ask for before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from sincera.errors import MediaError

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked against the header, before anything is decoded.

    picture_bytes, video_bytes: size of the file.  pixels: width × height of one frame.  frames: of one video or folder.
    The defaults let through what the data sets and present phones hold; a service passes smaller ones.

    >>> Limits(pixels=100).check_pixels("x.png", 20, 10)
    Traceback (most recent call last):
        ...
    sincera.errors.MediaError: x.png: 20×10 = 200 pixels; the limit is 100. Scale it down or raise Limits.pixels.
    """

    picture_bytes: int = 256 * MIB
    video_bytes: int = 16384 * MIB
    pixels: int = 100_000_000
    frames: int = 200_000

    def check_bytes(self, name: str, size: int, *, video: bool) -> None:
        """Raise MediaError where the file is empty or larger than its kind may be."""
        limit = self.video_bytes if video else self.picture_bytes
        if size == 0:
            raise MediaError(f"{name}: the file is empty. Fetch it again.")
        if size > limit:
            field = "video_bytes" if video else "picture_bytes"
            raise MediaError(f"{name}: {size} bytes; the limit is {limit}. Shorten it or raise Limits.{field}.")

    def check_pixels(self, name: str, width: int, height: int) -> None:
        """Raise MediaError where a frame has no area, or more of it than allowed."""
        if width <= 0 or height <= 0:
            raise MediaError(f"{name}: the header says {width}×{height} pixels. The file is damaged.")
        if width * height > self.pixels:
            raise MediaError(
                f"{name}: {width}×{height} = {width * height} pixels; the limit is {self.pixels}. "
                "Scale it down or raise Limits.pixels."
            )

    def check_frames(self, name: str, frames: int) -> None:
        """Raise MediaError where there are more frames than allowed."""
        if frames > self.frames:
            raise MediaError(f"{name}: {frames} frames; the limit is {self.frames}. Cut it or raise Limits.frames.")


DEFAULT_LIMITS = Limits()
