"""YuNet, run by OpenCV, from a file that the user gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.errors import WeightsError
from sincera.faces.border import with_border
from sincera.faces.face import Face, largest_first
from sincera.faces.spec import DetectorSpec

_LONGER_SIDE = 640  # pixels; the net knows faces of about 10 to 300, and its time grows with the area
_OVERLAP, _TOP = 0.3, 5000  # OpenCV's own settings


class Yunet:
    """YuNet by `cv2.FaceDetectorYN`.

    Pictures over 640 pixels are scaled down first; where that shows no face, they are searched at full size, and
    last with a border (`padding`, see DetectorSpec).  Raises WeightsError where `file` is not such a network.
    """

    def __init__(self, file: Path, min_face: int = 20, *, confidence: float = 0.7, padding: float = 0.3) -> None:
        try:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            with _quiet():
                # By path and not by bytes: OpenCV tells the format by the suffix.
                self._net = cv2.FaceDetectorYN.create(str(file), "", (320, 320), confidence, _OVERLAP, _TOP)
        except OSError as error:
            raise WeightsError(f"{file}: YuNet's file cannot be read ({error.strerror or error}).") from error
        except cv2.error as error:
            raise WeightsError(f"{file}: not a YuNet network that OpenCV can read. Expected its ONNX file.") from error
        self.spec = DetectorSpec("yunet", digest, padding, confidence, min_face)

    def detect(self, image: NDArray[np.uint8], frame: int = 0) -> tuple[Face, ...]:  # noqa: ARG002 - FaceDetector
        """Faces of an (H, W, 3) uint8 RGB picture, largest first."""
        return with_border(image, self._find, self.spec.padding)

    def detect_many(
        self, images: Sequence[NDArray[np.uint8]], frames: Sequence[int] | None = None
    ) -> list[tuple[Face, ...]]:
        """`detect` for each picture; frames as FaceDetector has it."""
        return [self.detect(image, frame) for image, frame in zip(images, frames or range(len(images)), strict=True)]

    def _find(self, image: NDArray[np.uint8]) -> tuple[Face, ...]:
        scale = _LONGER_SIDE / max(image.shape[:2])
        if scale >= 1:
            return self._search(image, 1.0, 1.0)
        height, width = (max(1, round(side * scale)) for side in image.shape[:2])
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        faces = self._search(small, image.shape[1] / width, image.shape[0] / height)
        return faces or self._search(image, 1.0, 1.0)

    def _search(self, image: NDArray[Any], across: float, down: float) -> tuple[Face, ...]:
        """Faces of one picture, in pixels of one that is `across` times wider and `down` times higher."""
        with _quiet():
            self._net.setInputSize((image.shape[1], image.shape[0]))
            _, found = self._net.detect(np.ascontiguousarray(image[:, :, ::-1]))
        rows = np.zeros((0, 15), np.float32) if found is None else np.asarray(found, np.float32)
        rows = rows[(rows[:, 2:4] > 0).all(axis=1)]
        stretch = np.array([across, down], np.float32)
        # Edges scale about the corner of the picture, pixel centres about half a pixel inside it.
        corners = np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]]) * np.tile(stretch, 2)
        points = (rows[:, 4:14].reshape(-1, 5, 2) + 0.5) * stretch - 0.5
        faces = [Face(box, marks, float(row[14])) for box, marks, row in zip(corners, points, rows, strict=True)]
        return largest_first([face for face in faces if max(face.width, face.height) >= self.spec.min_face])


@contextmanager
def _quiet() -> Iterator[None]:
    """OpenCV 5 warns once a detector that its new engine takes no target; there is nothing a user could do."""
    logging = cv2.utils.logging
    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_ERROR)
    try:
        yield
    finally:
        logging.setLogLevel(level)
