"""The answers as OpenAPI tells them; keys equal the fields of `Verdict`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Outcomes = Literal["live", "attack", "uncertain", "no_face", "face_too_small", "several_faces", "unreadable"]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class ThresholdBody(_Answer):
    """Where attack begins, and where that comes from."""

    value: float = Field(description="Attack if score > value, live otherwise")
    rule: str
    fitted_on: str
    subjects: int | None
    clips: int | None


class ModelBody(_Answer):
    """Which model answered."""

    name: str
    version: str
    sha256: str


class FrameBody(_Answer):
    """One frame that was looked at."""

    index: int
    time: float | None = Field(description="Seconds from the first frame")
    outcome: Outcomes
    score: float | None
    box: list[float] | None = Field(description="x1 y1 x2 y2 in pixels of the upright frame")
    confidence: float | None
    faces: int
    members: dict[str, float]
    warnings: list[str]


class VerdictBody(_Answer):
    """The answer for one picture or video.  Only the outcome `live` says that a person was there."""

    path: None = Field(description="Always null: the service knows no names")
    outcome: Outcomes
    score: float | None = Field(description="Rises with attack; null where no face was scored")
    label: Literal["live", "attack"] | None
    threshold: ThresholdBody
    frames: list[FrameBody]
    skipped: int = Field(description="Frames wanted but without a score")
    members: dict[str, float] = Field(description="The mean score of each network")
    model: ModelBody
    warnings: list[str]
    error: str | None
    early: bool
    maps: dict[str, list[list[list[float]]]] = Field(
        default={}, description="Only where asked for: by member and scored frame, rows of the face's crop"
    )


class HistogramBody(_Answer):
    """Counts of the scores that the thresholds were fitted on."""

    edges: list[float]
    live: list[int]
    attack: list[int]


class ModelCard(_Answer):
    """What the page needs to know of the model."""

    model: ModelBody
    threshold: ThresholdBody
    points: dict[str, ThresholdBody] = Field(description="Other operating points, by rule")
    bounds: list[float] | None = Field(description="Between these the outcome is uncertain")
    histogram: HistogramBody | None
    maps: list[str] = Field(description="The members that have a map")
    licences: dict[str, dict[str, Any]] = Field(description="Of code, weights and data, by member")
    limits: dict[str, float] = Field(description="Bytes, pixels, seconds and frames that the service takes")


class Health(_Answer):
    """Whether the service works."""

    status: str
