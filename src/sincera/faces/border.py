"""A second look at faces that fill the picture: cascades need some ground around a face."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.faces.face import Face


def with_border(
    image: NDArray[np.uint8], find: Callable[[NDArray[np.uint8]], tuple[Face, ...]], padding: float
) -> tuple[Face, ...]:
    """What `find` finds; where that is nothing, what it finds once the edge rows and columns are repeated outwards.

    padding: width of the border as a share of the longer side; 0 for one look only.
    """
    faces = find(image)
    if faces or padding == 0:
        return faces
    width = round(padding * max(image.shape[:2]))
    padded = cast(NDArray[np.uint8], cv2.copyMakeBorder(image, width, width, width, width, cv2.BORDER_REPLICATE))
    return tuple(face.moved(-width, -width) for face in find(padded))
