"""One way to ask for faces, whoever finds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sincera.errors import UsageError
from sincera.faces.face import Face
from sincera.faces.spec import DetectorSpec

DETECTORS = ("mtcnn", "yunet=FILE", "annotated")


@runtime_checkable
class FaceDetector(Protocol):
    """Finds faces in pictures.

    `frame` is the picture's number within its clip; only a detector that answers from annotations looks at it.
    """

    spec: DetectorSpec

    def detect(self, image: NDArray[np.uint8], frame: int = 0) -> tuple[Face, ...]:
        """Faces of an (H, W, 3) uint8 RGB picture, largest first; empty where there is none."""
        ...

    def detect_many(
        self, images: Sequence[NDArray[np.uint8]], frames: Sequence[int] | None = None
    ) -> list[tuple[Face, ...]]:
        """`detect` for each picture; frames: their numbers, 0, 1, … where None."""
        ...


def open_detector(name: str = "mtcnn", *, min_face: int = 20, padding: float = 0.3) -> FaceDetector:
    """Open `mtcnn`, `yunet=FILE` or `annotated`.

    min_face: side in pixels of the smallest face looked for.  padding: see DetectorSpec.  `annotated` knows no clip
    yet: give it one by `Annotated.of`.
    Raises UsageError for another name, WeightsError where the weights are absent.
    """
    kind, _, file = name.partition("=")
    if kind == "mtcnn" and not file:
        from sincera.faces.mtcnn import Mtcnn

        return Mtcnn(min_face, padding=padding)
    if kind == "yunet" and file:
        from sincera.faces.yunet import Yunet

        return Yunet(Path(file), min_face, padding=padding)
    if name == "annotated":
        from sincera.faces.annotated import Annotated

        return Annotated()
    raise UsageError(f"detector {name!r}; expected one of {', '.join(DETECTORS)}")
