"""Recording one's own captures from a camera: pictures below live/ and attacks/, a folder a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from sincera.errors import FitError, UsageError
from sincera.judge import open_camera
from sincera.media.reading import Frame

PICTURES, SECONDS = 8, 4.0  # of one recording
QUALITY = 95
STEPS = (
    ("live", "Look into the camera as you will when it counts. Move your head a little."),
    ("attacks", "Hold a print or a screen with a face before the camera, as an attacker would. Move it a little."),
)


def record(
    camera: str, folder: Path, *, recordings: int = 2, ask: Callable[[str], object], tell: Callable[[str], None]
) -> tuple[Path, Path]:
    """Guide through `recordings` live recordings and as many attacks, and write their pictures; gives both folders.

    camera: see `open_camera`.  ask: shows a text and waits for the person.  tell: shows one.
    What was recorded before stays; a new recording gets the next number.
    """
    if recordings < 1:
        raise UsageError(f"{recordings} recordings; expected at least one of each class.")
    for name, guide in STEPS:
        for number in range(1, recordings + 1):
            ask(f"{name}, recording {number} of {recordings}. {guide} Change place or light from one to the next.")
            place = _free(folder / name)
            count = _written(camera, place)
            tell(f"{place}: {count} pictures")
    return folder / "live", folder / "attacks"


def _written(camera: str, place: Path) -> int:
    with open_camera(camera) as frames:
        taken = list(_spread(frames))
    if not taken:
        raise FitError(f"camera {camera}: gave no picture.")
    beside = place.with_name(f".{place.name}.part")
    beside.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(taken):
        good, content = cv2.imencode(".jpg", frame.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        assert good
        (beside / f"{number:02d}.jpg").write_bytes(content.tobytes())
    beside.replace(place)
    return len(taken)


def _spread(frames: Iterator[Frame]) -> Iterator[Frame]:
    """PICTURES of them, evenly over the first SECONDS."""
    start, taken = None, 0
    for frame in frames:
        now = frame.time or 0.0
        start = now if start is None else start
        if now - start >= taken * SECONDS / PICTURES:
            yield frame
            taken += 1
        if taken == PICTURES:
            return


def _free(folder: Path) -> Path:
    return next(place for number in range(1, 10_000) if not (place := folder / f"recording-{number}").exists())
