"""Looking: frames in, faces found and cut out. Everything that comes before the networks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sincera.errors import MediaError
from sincera.faces.crop import as_input, crop
from sincera.faces.detect import FaceDetector
from sincera.faces.face import Face
from sincera.faces.spec import CropSpec
from sincera.judge.quality import QualityLimits, quality_warnings
from sincera.judge.source import Opened
from sincera.judge.verdict import Outcome
from sincera.media.reading import Frame
from sincera.model import FaceLimits

STEPS = ("decode", "detect", "crop")


@dataclass(frozen=True, slots=True)
class Sight:
    """One frame and the face in it.

    face: the largest, None where there is none.  faces: how many were found.  reason: why the frame is not scored,
    None where it is.  crops: the views of the face by member, (size, size, 3) uint8 RGB; empty where there is a reason.
    """

    index: int
    time: float | None
    face: Face | None
    faces: int
    reason: Outcome | None
    crops: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One source, looked at and not yet scored.

    asked: frames wanted.  shortfall: what was wrong with the source, in words.  error: why nothing could be read.
    seconds: spent on each of `STEPS`.  early: whether looking was ended before all frames were seen.
    """

    path: str | None
    asked: int
    sights: tuple[Sight, ...]
    shortfall: str | None = None
    error: str | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    early: bool = False

    @property
    def scorable(self) -> tuple[Sight, ...]:
        """The frames that have a face to score."""
        return tuple(sight for sight in self.sights if sight.reason is None)


class Looker:
    """Finds the face of each frame and cuts out the views that a model's members want.

    views: crop spec by member.  limits: which faces are judged.
    largest: judge the largest face where several stand in the picture.  Safe to be used by several threads: OpenCV's
    detectors keep state between calls, so that one picture is searched at a time.
    """

    def __init__(
        self,
        detector: FaceDetector,
        views: Mapping[str, CropSpec],
        *,
        limits: FaceLimits,
        largest: bool,
        quality: QualityLimits,
    ) -> None:
        self.detector = detector
        self.views = dict(views)
        self._limits = limits
        self._largest = largest
        self._quality = quality
        self._searching = threading.Lock()

    def sights(self, frames: Iterable[Frame], seconds: dict[str, float]) -> Iterator[Sight]:
        """Each frame, looked at; the time that the steps take is added to `seconds`."""
        clock = time.perf_counter
        begun = clock()
        for frame in frames:
            decoded = clock()
            with self._searching:
                faces = self.detector.detect(frame.image, frame.index)
            detected = clock()
            sight = self._sight(frame, faces)
            for step, spent in zip(STEPS, (decoded - begun, detected - decoded, clock() - detected), strict=True):
                seconds[step] = seconds.get(step, 0.0) + spent
            yield sight
            begun = clock()

    def look(self, source: Opened) -> Look:
        """All wanted frames of an open source.  A source of which nothing decodes gives a Look with an error."""
        seconds: dict[str, float] = {}
        try:
            sights = tuple(self.sights(source.frames, seconds))
        except MediaError as error:
            return failed(source.path, error)
        return Look(source.path, source.asked, sights, source.shortfall(), seconds=seconds)

    def _sight(self, frame: Frame, faces: tuple[Face, ...]) -> Sight:
        face = faces[0] if faces else None
        reason = self._reason(faces)
        if face is None or reason is not None:
            return Sight(frame.index, frame.time, face, len(faces), reason)
        warnings = quality_warnings(frame.image, face, self._quality)
        if len(faces) > 1:
            warnings += ("several faces, the largest was judged",)
        return Sight(frame.index, frame.time, face, len(faces), None, self.crops(frame.image, face), warnings)

    def crops(self, image: NDArray[np.uint8], face: Face) -> dict[str, NDArray[np.uint8]]:
        """A face's views by member; members that want the same crop share it."""
        cut: dict[CropSpec, NDArray[np.uint8]] = {}
        for view in self.views.values():
            if view not in cut:
                cut[view] = crop(image, face, view)
        return {name: cut[view] for name, view in self.views.items()}

    def _reason(self, faces: tuple[Face, ...]) -> Outcome | None:
        if not faces:
            return Outcome.NO_FACE
        if max(faces[0].width, faces[0].height) < self._limits.min_face:
            return Outcome.FACE_TOO_SMALL
        if len(faces) > 1 and not self._largest and faces[1].area >= self._limits.second_face * faces[0].area:
            return Outcome.SEVERAL_FACES
        return None

    def inputs(self, sights: Iterable[Sight]) -> dict[str, NDArray[np.float32]]:
        """What a model's session takes, by member: (N, 3, size, size) float32 of the N sights given."""
        some = list(sights)
        return {
            name: as_input(np.stack([sight.crops[name] for sight in some]), view) for name, view in self.views.items()
        }


def failed(path: str | None, error: MediaError) -> Look:
    """The look at a source that cannot be read."""
    return Look(path, 0, (), error=str(error))
