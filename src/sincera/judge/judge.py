"""The judge: a model file and a detector, held ready; a picture, video or camera in, a verdict out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sincera.errors import MediaError, UsageError
from sincera.faces.detect import FaceDetector
from sincera.judge.decide import Decision, scored_frame, settled, verdict
from sincera.judge.look import Look, Looker, Sight, failed
from sincera.judge.quality import DEFAULT_QUALITY, QualityLimits
from sincera.judge.source import Source, opened
from sincera.judge.verdict import FrameScore, Verdict
from sincera.measures.threshold import Threshold
from sincera.media.limits import DEFAULT_LIMITS, Limits
from sincera.media.reading import Frame
from sincera.model import Link, ModelFile, ModelSpec, Session, detector, read_model

GIVEN = "given"  # the rule of a threshold that was fitted on nothing
_TICK = 1e-6  # seconds; times are sums of fractions
_TOGETHER = 16  # faces in one run of the networks: bounds the memory, and more are no faster


class Judge:
    """Judges with one model file.

    threads: of the networks and the video decoder.  largest: judge the largest face where several stand in a picture,
    as preparation does.  threshold: another operating point of the model by name, a threshold, or a number; the model
    file's own where None.  With one of these the model's bounds, if it has any, do not apply.
    quality: where warnings begin.  finder: another face detector than the model's own.
    May be used by several threads at once.

    Raises UsageError for an operating point that the model does not have.
    """

    def __init__(
        self,
        model: ModelFile,
        *,
        threads: int = 1,
        largest: bool = False,
        threshold: Threshold | str | float | None = None,
        quality: QualityLimits = DEFAULT_QUALITY,
        finder: FaceDetector | None = None,
    ) -> None:
        spec = model.spec
        self.model = model
        self.decision = _decision(spec, threshold, quality)
        self._threads = threads
        self._session = Session(model, threads=threads)
        self._looker = Looker(
            finder or detector(spec),
            {member.name: member.view for member in spec.networks},
            limits=spec.limits,
            largest=largest,
            quality=quality,
        )

    @classmethod
    def load(
        cls,
        path: str | Path | None = None,
        *,
        threads: int = 1,
        largest: bool = False,
        threshold: Threshold | str | float | None = None,
    ) -> Judge:
        """Open a model file; the one that comes with the package where `path` is None.

        Raises ModelError where it is absent, damaged or no model file.
        """
        return cls(read_model(path), threads=threads, largest=largest, threshold=threshold)

    @property
    def threshold(self) -> Threshold:
        """Attack if score > threshold.value."""
        return self.decision.threshold

    def verdict(self, source: Source, *, early_exit: bool = False, limits: Limits = DEFAULT_LIMITS) -> Verdict:
        """Judge a picture, a video or a folder of frames by path, a picture or video as bytes, or an RGB array.

        Arrays are (H, W, 3) uint8 RGB.  early_exit: end looking once three frames agree and none is near the
        threshold; the score then rests on fewer frames than it would have.  limits: of the file.
        What cannot be read gives the outcome `unreadable`, with the reason in `error`.
        """
        if early_exit:
            return self._hasty(source, limits)
        return self.decide([self.look(source, limits=limits)])[0]

    def look(self, source: Source, *, limits: Limits = DEFAULT_LIMITS) -> Look:
        """The first half of a verdict: decode, find the faces and cut them out."""
        try:
            with opened(source, self.model.spec.sampling, limits=limits, threads=self._threads) as found:
                return self._looker.look(found)
        except MediaError as error:
            return failed(_path(source), error)

    def look_at(self, frames: Iterable[Frame], *, asked: int | None = None) -> Look:
        """The same for frames that are there already, as a camera gives them.

        asked: how many were wanted; as many as there are where None.
        """
        seconds: dict[str, float] = {}
        sights = tuple(self._looker.sights(frames, seconds))
        return Look(None, len(sights) if asked is None else asked, sights, seconds=seconds)

    def decide(self, looks: Sequence[Look]) -> list[Verdict]:
        """The second half, for many sources together: score all faces and decide on each source."""
        sights = [sight for look in looks for sight in look.sights]
        frames = iter(self._scored(sights))
        return [verdict(look, [next(frames) for _ in look.sights], self.decision, self.model.id) for look in looks]

    def inputs(self, look: Look) -> dict[str, NDArray[np.float32]]:
        """What the model's session takes, by network: (N, 3, size, size) float32 of the N frames with a face to score.

        Raises UsageError where there is none.
        """
        if not look.scorable:
            raise UsageError(f"{look.path or 'the picture'}: no face to score, so there is no input of the networks")
        return self._looker.inputs(look.scorable)

    def maps(self, look: Look) -> dict[str, NDArray[np.float32]]:
        """Maps of the members that have one, (N, h, w) of the N frames with a face to score; empty where none has."""
        if not look.scorable:
            return {}
        return {name: np.asarray(one, np.float32) for name, one in self._session.scores(self.inputs(look)).maps.items()}

    def _scored(self, sights: Sequence[Sight]) -> list[FrameScore]:
        """A line for each frame, in order; those with a face go through the networks together."""
        wanted = [sight for sight in sights if sight.reason is None]
        lines: list[FrameScore] = []
        for start in range(0, len(wanted), _TOGETHER):
            some = wanted[start : start + _TOGETHER]
            found = self._session.scores(self._looker.inputs(some))
            for number, sight in enumerate(some):
                members = {name: float(values[number]) for name, values in found.members.items()}
                lines.append(scored_frame(sight, self.decision, float(found.score[number]), members))
        scored = iter(lines)
        return [next(scored) if sight.reason is None else scored_frame(sight, self.decision, None) for sight in sights]

    def _hasty(self, source: Source, limits: Limits) -> Verdict:
        """Frame by frame, until the frames agree."""
        seconds: dict[str, float] = {}
        sights: list[Sight] = []
        frames: list[FrameScore] = []
        try:
            with opened(source, self.model.spec.sampling, limits=limits, threads=self._threads) as found:
                for sight in self._looker.sights(found.frames, seconds):
                    sights.append(sight)
                    frames += self._scored([sight])
                    if len(sights) < found.asked and settled(frames, self.decision):
                        break
                early = len(sights) < found.asked and settled(frames, self.decision)
                shortfall = None if early else found.shortfall()
                look = Look(found.path, found.asked, tuple(sights), shortfall, seconds=seconds, early=early)
        except MediaError as error:
            look, frames = failed(_path(source), error), []
        return verdict(look, frames, self.decision, self.model.id)


def _decision(spec: ModelSpec, threshold: Threshold | str | float | None, quality: QualityLimits) -> Decision:
    """The model's own rule, or the same with another threshold and without bounds."""
    bounds = None if spec.bounds is None else (spec.points[spec.bounds[0]].value, spec.points[spec.bounds[1]].value)
    own = Decision(spec.operating_point, bounds, _link(spec), quality.near)
    if threshold is None:
        return own
    if isinstance(threshold, str):
        if threshold not in spec.points:
            raise UsageError(
                f"operating point {threshold!r}: the model {spec.name} has {', '.join(sorted(spec.points))}; name one "
                "of these or give a number."
            )
        threshold = spec.points[threshold]
    elif not isinstance(threshold, Threshold):
        threshold = Threshold(float(threshold), GIVEN, "nothing")
    return replace(own, threshold=threshold, bounds=None)


def _link(spec: ModelSpec) -> Link:
    """What the fused score is: a probability, or log-odds already."""
    return spec.members[0].link if spec.fusion.kind == "single" else "probability"


def _path(source: Source) -> str | None:
    return str(source) if isinstance(source, str | Path) else None


def watch(judge: Judge, frames: Iterator[Frame], *, seconds: float = 2.0) -> Iterator[Verdict]:
    """Verdicts of a camera, one for each `seconds` of it, on as many frames as the model samples, evenly spaced.

    frames: with their times.  Ends with the frames; what remains of the last moment gives a verdict too, if it holds
    a frame at all.  Raises UsageError where `seconds` is not above 0.
    """
    if seconds <= 0:
        raise UsageError(f"{seconds} seconds of a camera; expected more than 0")
    count = judge.model.spec.sampling.frames or 1
    taken: list[Frame] = []
    begin = 0.0  # of this moment; where none is under way, the earliest time at which the next one may begin
    for frame in frames:
        now = frame.time or 0.0
        if now < begin + len(taken) * seconds / count - _TICK:
            continue
        if not taken:
            begin = now  # judging takes its time: a moment begins with a fresh frame
        taken.append(frame)
        if len(taken) == count:
            yield judge.decide([judge.look_at(taken, asked=count)])[0]
            taken, begin = [], begin + seconds
    if taken:
        yield judge.decide([judge.look_at(taken, asked=count)])[0]
