"""Deciding: from frames' scores to one outcome. No pixels and no networks here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sincera.judge.look import Look, Sight
from sincera.judge.verdict import FrameScore, Outcome, Verdict
from sincera.measures.threshold import Threshold
from sincera.model import Link, ModelId, log_odds

NEAR = "near the threshold"
EARLIEST = 3  # frames that must agree before looking may end early

# Where frames without a score have as many reasons of one kind as of another, the one that asks for most care first.
_REASONS = (Outcome.SEVERAL_FACES, Outcome.FACE_TOO_SMALL, Outcome.NO_FACE)
_IN_WORDS = {
    Outcome.NO_FACE: "no face",
    Outcome.FACE_TOO_SMALL: "face too small",
    Outcome.SEVERAL_FACES: "several faces",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Where attack begins.

    bounds: scores between the two (above the lower, not above the upper) are uncertain; None for none.
    link: `probability` or `linear`, how far apart two scores are (see `log_odds`).  near: in log-odds.

    >>> rule = Decision(Threshold(0.5, "eer", "dev"), None, "probability", 0.5)
    >>> rule.outcome(0.5).value, rule.outcome(0.51).value, rule.is_near(0.6), rule.is_near(0.7)
    ('live', 'attack', True, False)
    """

    threshold: Threshold
    bounds: tuple[float, float] | None
    link: Link
    near: float

    def outcome(self, score: float) -> Outcome:
        """Attack if score > threshold, live if score ≤ threshold; with bounds, the same at each of them."""
        low, high = self.bounds or (self.threshold.value, self.threshold.value)
        if score > high:
            return Outcome.ATTACK
        return Outcome.LIVE if score <= low else Outcome.UNCERTAIN

    def is_near(self, score: float) -> bool:
        """Whether a little more or less would have changed the outcome; never with bounds, which say it themselves."""
        places = log_odds([score, self.threshold.value], self.link)
        return self.bounds is None and bool(abs(places[0] - places[1]) < self.near)


def scored_frame(
    sight: Sight, decision: Decision, score: float | None, members: Mapping[str, float] | None = None
) -> FrameScore:
    """One frame's line of the verdict; score: None where the sight has a reason to have none."""
    face = sight.face
    outcome = sight.reason if score is None else decision.outcome(score)
    if outcome is None:
        raise ValueError(f"frame {sight.index} has a face to score, but no score")
    return FrameScore(
        sight.index,
        sight.time,
        outcome,
        score,
        None if face is None else (float(face.box[0]), float(face.box[1]), float(face.box[2]), float(face.box[3])),
        None if face is None or np.isnan(face.confidence) else face.confidence,
        sight.faces,
        dict(members or {}),
        sight.warnings,
    )


def verdict(look: Look, frames: Sequence[FrameScore], decision: Decision, model: ModelId) -> Verdict:
    """The answer for one source from all of its frames.

    A clip's score is the mean over its scored frames.  Frames without a face are skipped and counted.  Where in half
    or more of the frames with a face several stand side by side, the whole is `several_faces` and has no score.
    """
    scores = [frame.score for frame in frames if frame.score is not None]
    reason = Outcome.UNREADABLE if look.error is not None else _reason(frames, len(scores))
    score = float(np.mean(scores)) if reason is None else None
    outcome = decision.outcome(score) if score is not None else reason or Outcome.NO_FACE
    return Verdict(
        look.path,
        outcome,
        score,
        outcome.label,
        decision.threshold,
        tuple(frames),
        look.asked - len(scores),
        {} if score is None else _means([frame.members for frame in frames if frame.score is not None]),
        model,
        _warnings(look, frames, decision, score),
        look.error,
        look.early,
    )


def settled(frames: Sequence[FrameScore], decision: Decision) -> bool:
    """Whether looking may end early: three scored frames at least, all of one outcome, none near the threshold."""
    scored = [frame for frame in frames if frame.score is not None]
    alike = len({frame.outcome for frame in scored}) == 1 and scored[0].outcome is not Outcome.UNCERTAIN
    return len(scored) >= EARLIEST and alike and not any(decision.is_near(frame.score or 0.0) for frame in scored)


def _reason(frames: Sequence[FrameScore], scored: int) -> Outcome | None:
    """Why there is no score; None where there is one."""
    why = Counter(frame.outcome for frame in frames if frame.score is None)
    if why[Outcome.SEVERAL_FACES] and why[Outcome.SEVERAL_FACES] >= scored:
        return Outcome.SEVERAL_FACES
    if scored:
        return None
    return max(_REASONS, key=lambda reason: why[reason]) if why else Outcome.NO_FACE


def _means(members: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in members])) for name in members[0]}


def _warnings(look: Look, frames: Sequence[FrameScore], decision: Decision, score: float | None) -> tuple[str, ...]:
    found = [NEAR] if score is not None and decision.is_near(score) else []
    counts = Counter(words for frame in frames for words in frame.warnings)
    found += [words if look.asked == 1 else f"{words} ({n} of {len(frames)} frames)" for words, n in counts.items()]
    if score is not None:
        why = Counter(frame.outcome for frame in frames if frame.score is None)
        found += [f"{_IN_WORDS[reason]} in {n} of {len(frames)} frames" for reason, n in why.items()]
    if look.shortfall:
        found.append(look.shortfall)
    if look.early:
        found.append(f"ended early, after {len(frames)} of {look.asked} frames")
    return tuple(found)
