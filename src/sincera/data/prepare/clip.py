"""One clip: decode the frames that are needed, find the face in each, cut every view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip, Label
from sincera.data.prepare.truth import Truth, read_truth
from sincera.data.sources.annotations import read_annotation
from sincera.data.store import ClipRecord, FaceRow, Preparation
from sincera.data.store.records import TRUTH_SIZE
from sincera.errors import LayoutError, MediaError, StoreError
from sincera.faces.annotated import Annotated
from sincera.faces.crop import crop, transform
from sincera.faces.detect import FaceDetector
from sincera.faces.face import Face
from sincera.faces.mesh import MeshDepth
from sincera.faces.spec import CropSpec
from sincera.media import Frame, read_frames

T = TypeVar("T")
DepthOf = Callable[[NDArray[np.uint8], Face, CropSpec], NDArray[np.float32] | None]
TOGETHER = 8  # frames in memory at once, and in one call of the detector


def prepare_clip(
    clip: Clip, preparation: Preparation, detector: FaceDetector, mesh: MeshDepth | None = None
) -> tuple[ClipRecord, list[FaceRow]]:
    """Give the clip's record and its crops, by frame and then by view.

    mesh: gives the depth of a live face where no truth does; attacks then are flat.
    A clip that cannot be read is no error here: its record says why.
    """
    size = size_on_disk(clip.path)
    try:
        frames = read_frames(clip.path, preparation.sampling, threads=1)
        marked = read_annotation(clip)
        if isinstance(detector, Annotated):
            detector = detector.of(marked)
        truth, depth_of = read_truth(clip.path), _untold(clip.label, mesh)
        rows: list[FaceRow] = []
        for some in _batches(frames, TOGETHER):
            for frame, face in zip(some, _faces(some, marked, detector), strict=True):
                rows += [] if face is None else _views(frame, face, preparation, truth, depth_of)
    except (MediaError, LayoutError, OSError) as error:
        return ClipRecord(clip, "unreadable", _reason(error, clip.path), size=size), []
    record = ClipRecord(
        clip,
        "ok" if rows else "no_face",
        frames.shortfall or "",
        frames_asked=len(frames.wanted),
        frames_with_face=len(rows) // len(preparation.views),
        size=size,
        width=frames.info.width,
        height=frames.info.height,
        length=frames.total,
        fps=frames.info.fps,
        attributes={**clip.attributes, **(truth.attributes if truth else {})},
        extras=tuple(name for name in ("depth", "mask") if any(getattr(row, name) is not None for row in rows)),
    )
    return record, rows


def follow(faces: Sequence[Face], annotated: Face | None) -> Face | None:
    """The face to cut out: the one nearest to the annotated one, else the largest; None where there is none.

    >>> left, right = Face([0, 0, 40, 40]), Face([60, 0, 90, 30])
    >>> follow([left, right], None) is left, follow([left, right], Face([55, 0, 80, 30])) is right
    (True, True)
    """
    if not faces:
        return None
    if annotated is None:
        return max(faces, key=lambda face: face.area)
    x, y = annotated.centre
    return min(faces, key=lambda face: (face.centre[0] - x) ** 2 + (face.centre[1] - y) ** 2)


def size_on_disk(path: Path) -> int | None:
    """Bytes of a file, or of all files in a folder of frames; None where nothing lies there."""
    try:
        return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError:
        return None


def _faces(frames: Sequence[Frame], marked: Mapping[int, Face], detector: FaceDetector) -> list[Face | None]:
    found = detector.detect_many([frame.image for frame in frames], [frame.index for frame in frames])
    return [follow(faces, marked.get(frame.index)) for frame, faces in zip(frames, found, strict=True)]


def _untold(label: Label, mesh: MeshDepth | None) -> DepthOf | None:
    """The depth of faces whose clip does not tell it: the mesh's on lives, zero on attacks; None without a mesh."""
    if mesh is None:
        return None
    if label is Label.LIVE:
        return lambda image, face, spec: mesh.depth(image, face, spec, side=TRUTH_SIZE)
    return lambda image, face, spec: np.zeros((TRUTH_SIZE, TRUTH_SIZE), np.float32)  # noqa: ARG005 - DepthOf


def _views(
    frame: Frame, face: Face, preparation: Preparation, truth: Truth | None, depth_of: DepthOf | None
) -> list[FaceRow]:
    rows = []
    for name, spec in preparation.views.items():
        matrix = transform(face, spec, frame.image.shape[:2])
        depth, mask = (truth.seen(key, frame.index, matrix, spec.size) if truth else None for key in ("depth", "mask"))
        if depth is None and depth_of is not None:
            depth = depth_of(frame.image, face, spec)
        jpeg = encode(crop(frame.image, face, spec), preparation.quality)
        rows.append(FaceRow(frame.index, frame.time, name, face.box, face.points, face.confidence, jpeg, depth, mask))
    return rows


def encode(crop_rgb: NDArray[np.uint8], quality: int) -> bytes:
    """JPEG with full colour resolution: halved chroma would wash out what prints and screens do to colour."""
    done, data = cv2.imencode(
        ".jpg",
        cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2BGR),
        (
            cv2.IMWRITE_JPEG_QUALITY,
            quality,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
        ),
    )
    if not done:
        raise StoreError(f"a crop of shape {crop_rgb.shape} could not be encoded as JPEG")
    return bytes(data)


def _batches(items: Iterator[T], count: int) -> Iterator[list[T]]:
    while some := list(islice(items, count)):
        yield some


def _reason(error: Exception, path: Path) -> str:
    """The message without the path, which stands beside it, so that a store does not depend on where its clips lay."""
    text = str(error) if not isinstance(error, OSError) else error.strerror or type(error).__name__
    return text.removeprefix(f"{path}: ").replace(f"{path.parent}/", "")
