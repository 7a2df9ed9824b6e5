"""Folder sets of pictures, scored as the judge scores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sincera.clip import Clip
from sincera.data.sources import parse_root, read_clips
from sincera.faces import FaceDetector
from sincera.measures import ScoreTable
from sincera.media import read_picture
from sincera.model import FaceLimits, Session, fused
from sincera.progress import Track


@dataclass(frozen=True)
class Answers:
    """Pictures of one set with each member's scores (N,), NaN where no face was found or it was too small."""

    clips: tuple[Clip, ...]
    members: dict[str, np.ndarray]

    def table(self, scores: np.ndarray, kind: type[ScoreTable] = ScoreTable) -> ScoreTable:
        """Scores (N,) with what is known of the pictures."""
        return kind(
            [clip.label.number for clip in self.clips],
            scores,
            clip=[clip.name for clip in self.clips],
            domain=[clip.domain for clip in self.clips],
            subject=[clip.subject for clip in self.clips],
            attack=[clip.attack for clip in self.clips],
        )

    def fused(self, session: Session) -> np.ndarray:
        """The model's scores (N,); NaN where it gave none."""
        answered = ~np.isnan(next(iter(self.members.values())))
        scores = np.full(len(self.clips), np.nan)
        scores[answered] = fused(session.spec, {name: own[answered] for name, own in self.members.items()})
        return scores


def read_set(text: str) -> tuple[Clip, ...]:
    """The pictures of NAME=ROOT."""
    root = parse_root(text)
    return read_clips(root.domain, root.key, root.path).clips


def score_pictures(
    session: Session, detector: FaceDetector, clips: Sequence[Clip], limits: FaceLimits, track: Track
) -> Answers:
    """Each picture's largest face, scored one by one."""
    members = {member.name: np.full(len(clips), np.nan) for member in session.spec.members}
    for row, clip in enumerate(track(clips, "scoring", len(clips))):
        image = read_picture(clip.path)
        faces = detector.detect(image)
        if not faces or max(faces[0].width, faces[0].height) < limits.min_face:
            continue
        for name, score in session.score_faces([(image, faces[0])]).members.items():
            members[name][row] = score[0]
    return Answers(tuple(clips), members)
