"""The owners' files of eyes and boxes, read into faces and written back: one line a frame, frames from 0.

    eyes      frame,x1,y1,x2,y2                                           OULU-NPU
    box       frame x y width height                                      Replay-Attack, and later hands for CASIA-FASD
    corners   frame,left,top,right,bottom,x1,y1,x2,y2                     MSU-MFSD: box by corners, then both eyes

CelebA-Spoof's boxes belong to one picture and know no frames: `celeba_boxes.py`.

Zeros, and boxes without area, mean that nothing was found; such frames, and frames without a line, are absent from
what is read. Frames beyond the video's end occur (MSU annotated a fixed-rate export) and harm nobody.
Which eye a column means is disputed between sources, so both are ordered by x: image-left first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.data.sources.celeba_boxes import SUFFIX, parse_box
from sincera.errors import LayoutError
from sincera.faces.face import Face
from sincera.media import probe

Form = Literal["eyes", "box", "corners"]
FORMS: tuple[Form, ...] = get_args(Form)
_SEPARATOR: Mapping[Form, str] = {"eyes": ",", "box": " ", "corners": ","}
_VALUES: Mapping[Form, int] = {"eyes": 4, "box": 4, "corners": 8}


def read_annotation(clip: Clip) -> dict[int, Face]:
    """The owner's faces by frame index, in pixels of the upright frame; empty where the clip has no file.

    Points that the file does not give are NaN; where it gives eyes alone, the box is estimated from them.  LayoutError
    names the file and line that is of none of the owners' forms.
    """
    if clip.annotation is None:
        return {}
    text = clip.annotation.read_text(encoding="utf-8", errors="replace")
    if not clip.annotation.name.endswith(SUFFIX):
        return parse_annotation(text, where=clip.annotation)
    info = probe(clip.path)
    face = parse_box(text, (info.width, info.height), where=clip.annotation)
    return {} if face is None else {0: face}


def parse_annotation(text: str, *, where: Path | str = "annotation") -> dict[int, Face]:
    """The faces of one file's text, whichever form it has.

    >>> faces = parse_annotation("0,455,779,638,756\\n1,0,0,0,0\\n")
    >>> list(faces), faces[0].points[0].tolist()
    ([0], [455.0, 779.0])
    """
    faces = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        form, frame, values = _parse_line(line, f"{where}, line {number}")
        face = _READ[form](values)
        if face is not None:
            faces[frame] = face
    return faces


def format_annotation(form: Form, faces: Mapping[int, Face | None]) -> str:
    """The text of one file in the owner's form, frames in order; None is written as zeros.

    The values are rounded to whole pixels, as the owners have them.

    >>> format_annotation("box", {0: None, 2: parse_annotation("2 10 20 30 40")[2]})
    '0 0 0 0 0\\n2 10 20 30 40\\n'
    """
    lines = []
    for frame in sorted(faces):
        face = faces[frame]
        values = [0.0] * _VALUES[form] if face is None else _WRITE[form](face)
        lines.append(_SEPARATOR[form].join(str(round(value)) for value in (frame, *values)))
    return "".join(f"{line}\n" for line in lines)


def _parse_line(line: str, where: str) -> tuple[Form, int, list[float]]:
    parts = line.replace(",", " ").split()
    separator = "," if "," in line else " "
    form = next((f for f in FORMS if _SEPARATOR[f] == separator and _VALUES[f] == len(parts) - 1), None)
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        form = None
    if form is None:
        expected = "frame,x1,y1,x2,y2 or frame x y w h or frame,l,t,r,b,x1,y1,x2,y2"
        raise LayoutError(
            f"{where}: found {line.strip()[:60]!r}, expected {expected}. Replace the file by the owner's."
        )
    return form, int(numbers[0]), numbers[1:]


def _from_eyes(eyes: Sequence[float], box: Sequence[float] | None = None) -> Face | None:
    points = np.full((5, 2), np.nan)
    if any(eyes):
        points[:2] = sorted((tuple(eyes[:2]), tuple(eyes[2:])))
    around = box if box is not None and _has_area(box) else _box_around(points[:2])
    return Face(around, points) if _has_area(around) else None


def _box_around(eyes: NDArray[np.float64]) -> Sequence[float]:
    """A face's box by its eyes, about as detectors draw it: 2.2 eye distances wide, from forehead to chin."""
    x, y = eyes.mean(0)
    distance = float(np.hypot(*(eyes[1] - eyes[0])))
    return (x - 1.1 * distance, y - 1.1 * distance, x + 1.1 * distance, y + 1.8 * distance)


def _has_area(box: Sequence[float]) -> bool:
    return box[2] > box[0] and box[3] > box[1]


def _from_size(values: Sequence[float]) -> Face | None:
    x, y, width, height = values
    return Face((x, y, x + width, y + height)) if width > 0 and height > 0 else None


def _size_from_box(face: Face) -> list[float]:
    left, top, right, bottom = face.box.tolist()
    return [left, top, right - left, bottom - top]


def _eyes(face: Face) -> list[float]:
    values: list[float] = np.nan_to_num(face.points[:2]).ravel().tolist()
    return values


def _corners_and_eyes(face: Face) -> list[float]:
    return [*face.box.tolist(), *_eyes(face)]


_READ: Mapping[Form, Callable[[Sequence[float]], Face | None]] = {
    "eyes": _from_eyes,
    "box": _from_size,
    "corners": lambda values: _from_eyes(values[4:], values[:4]),
}
_WRITE: Mapping[Form, Callable[[Face], list[float]]] = {
    "eyes": _eyes,
    "box": _size_from_box,
    "corners": _corners_and_eyes,
}
