"""What the judge answers: one object that the command line, the service, the page and the tests all show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Label
from sincera.errors import UsageError
from sincera.measures.threshold import Threshold
from sincera.model import ModelId

Box = tuple[float, float, float, float]


class Outcome(StrEnum):
    """How a judgement ended. Only LIVE says that a person stood there: nothing else may be read so.

    >>> Outcome.LIVE.label, Outcome.NO_FACE.label
    (<Label.LIVE: 'live'>, None)
    """

    LIVE = "live"
    ATTACK = "attack"
    UNCERTAIN = "uncertain"
    NO_FACE = "no_face"
    FACE_TOO_SMALL = "face_too_small"
    SEVERAL_FACES = "several_faces"
    UNREADABLE = "unreadable"

    @property
    def label(self) -> Label | None:
        """The label that the outcome stands for; None where it stands for neither."""
        return Label(self.value) if self in (Outcome.LIVE, Outcome.ATTACK) else None

    @property
    def scored(self) -> bool:
        """Whether there was a face to score."""
        return self in (Outcome.LIVE, Outcome.ATTACK, Outcome.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class FrameScore:
    """One frame that was looked at.

    index: its number in the clip.  time: seconds from the first frame, None where unknown.  outcome: what this frame
    alone would have been called.  score: rises with attack, None where the frame was not scored.  box: x1 y1 x2 y2 in
    pixels of the upright frame, of the largest face, None where there is none.  confidence: the detector's, in [0, 1].
    faces: how many were found.  members: the score of each of the model's networks.
    """

    index: int
    time: float | None
    outcome: Outcome
    score: float | None
    box: Box | None
    confidence: float | None
    faces: int
    members: Mapping[str, float] = field(default_factory=dict, hash=False)
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, keys as the fields."""
        return {
            "index": self.index,
            "time": self.time,
            "outcome": self.outcome.value,
            "score": self.score,
            "box": None if self.box is None else list(self.box),
            "confidence": self.confidence,
            "faces": self.faces,
            "members": dict(self.members),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one picture, video or moment of a camera.

    path: as it was given, None for bytes, arrays and cameras.  score: the mean of the scored frames' scores, rises with
    attack; None unless the outcome is live, attack or uncertain.  label: live, attack or None.  threshold: attack if
    score > value, with its origin.  frames: those looked at, in order.  skipped: frames wanted but without a score.
    members: each network's mean score.  model: its name, version and hash.  warnings: in plain words.  error: why an
    unreadable file could not be read.  early: whether looking ended before all frames wanted were seen.
    """

    path: str | None
    outcome: Outcome
    score: float | None
    label: Label | None
    threshold: Threshold
    frames: tuple[FrameScore, ...]
    skipped: int
    members: Mapping[str, float] = field(hash=False)
    model: ModelId
    warnings: tuple[str, ...] = ()
    error: str | None = None
    early: bool = False

    def __str__(self) -> str:
        """One line for people."""
        text = f"{self.path or 'picture'}: {self.outcome.value.replace('_', ' ')}"
        if self.score is not None:
            sign = ">" if self.score > self.threshold.value else "≤"
            text += f" (score {self.score:.4g} {sign} {self.threshold.value:.4g}, {self._frames_in_words})"
        if self.error is not None:
            text += f" ({self.error.removeprefix(f'{self.path}: ')})"
        return text + (f"; {'; '.join(self.warnings)}" if self.warnings else "")

    @property
    def _frames_in_words(self) -> str:
        scored = sum(frame.score is not None for frame in self.frames)
        return f"{scored} frame{'' if scored == 1 else 's'}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; keys are the fields' names, an unknown is None."""
        return {
            "path": self.path,
            "outcome": self.outcome.value,
            "score": self.score,
            "label": None if self.label is None else self.label.value,
            "threshold": self.threshold.to_dict(),
            "frames": [frame.to_dict() for frame in self.frames],
            "skipped": self.skipped,
            "members": dict(self.members),
            "model": self.model.to_dict(),
            "warnings": list(self.warnings),
            "error": self.error,
            "early": self.early,
        }

    def annotate(self, image: NDArray[np.uint8] | None = None, *, frame: int | None = None) -> NDArray[np.uint8]:
        """A copy of the picture with the face's box and the outcome drawn in: (H, W, 3) uint8 RGB.

        image: the frame itself; where None, it is read from `path` again.  frame: which of the clip's frames it is, by
        its index; where None, the one with the highest score, else the first that was looked at.
        Raises UsageError where neither an image nor a path is there, MediaError where the path cannot be read.
        """
        from sincera.judge.draw import draw
        from sincera.media import read_frames

        chosen = self._chosen(frame)
        if image is None:
            if self.path is None:
                raise UsageError(
                    "annotate: the verdict of bytes, an array or a camera keeps no picture; give the image"
                )
            if self.error is not None:
                raise UsageError(f"annotate: {self.path} could not be read; there is nothing to draw on")
            image = next(read_frames(Path(self.path), (0 if chosen is None else chosen.index,))).image
        return draw(image, self, chosen)

    def _chosen(self, index: int | None) -> FrameScore | None:
        if index is not None:
            return next((frame for frame in self.frames if frame.index == index), None)
        scored = [frame for frame in self.frames if frame.score is not None]
        if scored:
            return max(scored, key=lambda frame: frame.score or 0.0)
        return next((frame for frame in self.frames if frame.box), self.frames[0] if self.frames else None)
