"""What an annotator would mark of a simulated face."""

from __future__ import annotations

import numpy as np

from sincera.faces.face import Face
from sincera.simulate.scene import Anchor, Points


def face_of(points: Points) -> Face | None:
    """The face with a box as annotators draw it: brows to chin, cheek to cheek; None where the points are unknown."""
    if np.isnan(points).any():
        return None
    anchor = Anchor.of(points)
    reach = 1.25 * anchor.span
    box = np.array([anchor.x - reach, anchor.y - 1.3 * reach, anchor.x + reach, anchor.y + 1.2 * reach], np.float32)
    return Face(box=np.maximum(box, 0), points=points, confidence=1.0)
