"""The judge: from a picture, a video or a camera to a verdict. It never imports PyTorch."""

from __future__ import annotations

from sincera.judge.camera import open_camera
from sincera.judge.decide import Decision
from sincera.judge.judge import Judge, watch
from sincera.judge.look import Look, Sight
from sincera.judge.quality import DEFAULT_QUALITY, QualityLimits, quality_warnings
from sincera.judge.source import Source
from sincera.judge.verdict import FrameScore, Outcome, Verdict

__all__ = [
    "DEFAULT_QUALITY",
    "Decision",
    "FrameScore",
    "Judge",
    "Look",
    "Outcome",
    "QualityLimits",
    "Sight",
    "Source",
    "Verdict",
    "open_camera",
    "quality_warnings",
    "watch",
]
