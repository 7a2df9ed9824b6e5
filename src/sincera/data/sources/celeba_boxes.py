"""CelebA-Spoof's `NNNNNN_BB.txt`: one line `x y width height score`, in a frame that is 224 × 224 whatever the picture.

    x · W / 224, y · H / 224, width · W / 224, height · H / 224         W, H of the real picture

An empty file, and a box that is thinner than three pixels, mean that nothing was found; x and y may be negative.
"""

from __future__ import annotations

import math
from pathlib import Path

from sincera.errors import LayoutError
from sincera.faces.face import Face

SUFFIX = "_BB.txt"  # behind the picture's stem
FRAME = 224
THINNEST = 3.0  # pixels of the picture: what is thinner shows no face


def parse_box(text: str, size: tuple[int, int], *, where: Path | str = "box file") -> Face | None:
    """The face in pixels of a picture of `size` (width, height); None where nothing was found.

    The score is the confidence.  LayoutError where the text is not of the owner's form.

    >>> parse_box("56 28 112 112 0.98", (448, 224)).box.tolist()
    [112.0, 28.0, 336.0, 140.0]
    """
    parts = text.split()
    if not parts:
        return None
    try:
        x, y, width, height, score = (float(part) for part in parts)
        finite = all(map(math.isfinite, (x, y, width, height)))
    except ValueError:
        finite = False
    if not finite:
        raise LayoutError(
            f"{where}: found {text.strip()[:60]!r}, expected one line x y width height score. "
            "Replace the file by the owner's."
        )
    across, down = size[0] / FRAME, size[1] / FRAME
    if width * across < THINNEST or height * down < THINNEST:
        return None
    box = (x * across, y * down, (x + width) * across, (y + height) * down)
    return Face(box, confidence=score if 0 <= score <= 1 else float("nan"))


def format_box(face: Face | None, size: tuple[int, int]) -> str:
    """The text of a box file, in whole steps of the frame as the owner has them; empty where there is no face.

    >>> format_box(parse_box("56 28 112 112 0.98", (448, 224)), (448, 224))
    '56 28 112 112 0.9800000\\n'
    """
    if face is None:
        return ""
    across, down = FRAME / size[0], FRAME / size[1]
    left, top, right, bottom = (float(edge) for edge in face.box)
    values = (left * across, top * down, (right - left) * across, (bottom - top) * down)
    score = 1.0 if math.isnan(face.confidence) else face.confidence
    return " ".join([*(str(round(value)) for value in values), f"{score:.7f}"]) + "\n"
