"""Faces as the owner of a data set marked them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sincera.faces.crop import BOX_RISE, TEMPLATE, similarity
from sincera.faces.face import Face
from sincera.faces.spec import DetectorSpec

_ASPECT = 0.74  # width by height of MTCNN's boxes of upright faces

ANNOTATED_SPEC = DetectorSpec("annotated", "", 0.0, 0.0, 1)


class Annotated:
    """A detector that looks the face up: `frame` chooses, the pixels do not matter.

    faces: frame number → face of one clip; a frame that is not there has no face.

    >>> clip = Annotated().of({3: Face([10, 10, 50, 60])})
    >>> picture = np.zeros((80, 80, 3), np.uint8)
    >>> len(clip.detect(picture, 3)), clip.detect(picture, 4)
    (1, ())
    """

    def __init__(self, faces: Mapping[int, Face] = MappingProxyType({})) -> None:
        self.spec = ANNOTATED_SPEC
        self._faces = faces

    def of(self, faces: Mapping[int, Face]) -> Annotated:
        """The same detector for another clip."""
        return Annotated(faces)

    def detect(self, image: NDArray[np.uint8], frame: int = 0) -> tuple[Face, ...]:  # noqa: ARG002 - FaceDetector
        """The face marked in this frame."""
        return (self._faces[frame],) if frame in self._faces else ()

    def detect_many(
        self, images: Sequence[NDArray[np.uint8]], frames: Sequence[int] | None = None
    ) -> list[tuple[Face, ...]]:
        """`detect` for each picture; frames as FaceDetector has it."""
        return [self.detect(image, frame) for image, frame in zip(images, frames or range(len(images)), strict=True)]


def face_from_eyes(image_left: ArrayLike, image_right: ArrayLike) -> Face:
    """A face of which only the eyes' centres are known, x y each: the box is where a detector would put it.

    The other three points stay unknown, so that a five-point crop is placed by the eyes alone.

    >>> face_from_eyes((40, 50), (70, 50)).points[1].tolist()
    [70.0, 50.0]
    """
    eyes = np.array([image_left, image_right], np.float64)
    if eyes.shape != (2, 2) or not np.isfinite(eyes).all() or np.ptp(eyes, axis=0).max() < 1e-6:
        raise ValueError(f"eyes at {eyes.tolist()}; expected two different points")
    to_picture = similarity(TEMPLATE[:2], eyes)
    scale = float(np.hypot(*to_picture[:, 0]))
    # The inverse of how `crop` places the template's square around a box.
    x, y = to_picture[:, :2] @ [0.5, 0.5 + BOX_RISE] + to_picture[:, 2]
    points = np.full((5, 2), np.nan)
    points[:2] = eyes
    half = scale / 2
    return Face([x - _ASPECT * half, y - half, x + _ASPECT * half, y + half], points)
