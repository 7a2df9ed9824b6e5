"""A verdict drawn onto its picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.judge.verdict import FrameScore, Outcome, Verdict

# Okabe and Ito's colours, told apart by people with any colour vision; the words repeat what they say.
_COLOURS = {Outcome.LIVE: (0, 114, 178), Outcome.ATTACK: (213, 94, 0)}
_OTHER = (230, 159, 0)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw(image: NDArray[np.uint8], verdict: Verdict, frame: FrameScore | None) -> NDArray[np.uint8]:
    """A copy of `image` (H, W, 3) uint8 RGB with the frame's box and a caption; lines as thick as the picture asks."""
    drawn = np.ascontiguousarray(image).copy()
    colour = _COLOURS.get(verdict.outcome, _OTHER)
    side = min(drawn.shape[:2])
    thick = max(1, round(side / 200))
    if frame is not None and frame.box is not None:
        left, top, right, bottom = (round(edge) for edge in frame.box)
        cv2.rectangle(drawn, (left, top), (right, bottom), colour, thick)
    text = verdict.outcome.value.replace("_", " ")
    if verdict.score is not None:
        text += f"  {verdict.score:.3f} (attack above {verdict.threshold.value:.3f})"
    _caption(drawn, text, colour, thick)
    return drawn


def _caption(drawn: NDArray[np.uint8], text: str, colour: tuple[int, int, int], thick: int) -> None:
    """White words on a bar along the top edge, made smaller until they fit."""
    (width, height), below = cv2.getTextSize(text, _FONT, 1.0, thick)
    scale = min(max(0.4, min(drawn.shape[:2]) / 600), 0.96 * drawn.shape[1] / width)
    high = round(scale * (height + below) * 1.5) + 1
    cv2.rectangle(drawn, (0, 0), (drawn.shape[1], high), colour, cv2.FILLED)
    origin = (round(0.02 * drawn.shape[1]), round(high - scale * below * 1.3))
    cv2.putText(drawn, text, origin, _FONT, scale, (255, 255, 255), thick, cv2.LINE_AA)
