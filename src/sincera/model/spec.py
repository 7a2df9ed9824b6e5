"""What a model file says of itself: kept as JSON in the file's metadata, read strictly, written whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from sincera.errors import ModelError
from sincera.faces import CropSpec, DetectorSpec
from sincera.measures import Threshold
from sincera.media import Sampling
from sincera.model.members import (
    CLIP,
    Fusion,
    FusionKind,
    Histogram,
    Licences,
    Link,
    Member,
    log_odds,
    probability,
)
from sincera.model.strict import finite, inner, plain, record, row, texts

__all__ = [
    "CLIP",
    "FORMAT",
    "FaceLimits",
    "Fusion",
    "FusionKind",
    "Histogram",
    "Licences",
    "Link",
    "Member",
    "ModelId",
    "ModelSpec",
    "log_odds",
    "probability",
]

FORMAT: Literal[1] = 1
_DETECTORS = ("yunet", "mtcnn")


@dataclass(frozen=True, slots=True)
class ModelId:
    """Which model gave an answer.  sha256: of the whole file."""

    name: str
    version: str
    sha256: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FaceLimits:
    """Which faces are judged.

    min_face: pixels; a face whose longer side is shorter is too small.  second_face: a second face with this share of
    the largest one's area makes a picture one of several faces.
    """

    min_face: int = 32
    second_face: float = 1 / 3

    def __post_init__(self) -> None:
        if self.min_face < 1 or not 0 < self.second_face <= 1:
            raise ModelError(f"limits: {self}; expected min_face from 1 on and second_face in (0, 1].")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "limits") -> FaceLimits:
        return cls(**record(values, where, {"min_face": int, "second_face": float}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """Everything about a model but its weights.

    members, fusion: what scores, and how several become one.  detector: who finds the faces (`yunet` with the file
    that comes along, or `mtcnn`), and how.  sampling: the frames of a video.  limits: the faces that are judged.
    points: thresholds by name, `eer`, `bpcer=0.01`, …; threshold: the name of the one in use.
    bounds: two of the points, the lower first; a score above the lower and not above the upper is `uncertain`.
    histogram: of the scores on which the points were fitted.  measures, recipe: plain JSON.  versions: of the
    libraries that made it.  format: of this record.
    """

    name: str
    version: str
    members: tuple[Member, ...]
    fusion: Fusion
    detector: DetectorSpec
    threshold: str
    points: Mapping[str, Threshold]
    sampling: Sampling = field(default_factory=lambda: Sampling(8))
    limits: FaceLimits = field(default_factory=FaceLimits)
    bounds: tuple[str, str] | None = None
    histogram: Histogram | None = None
    measures: Any = None
    recipe: Any = None
    versions: Mapping[str, str] = field(default_factory=dict)
    format: Literal[1] = FORMAT

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ModelError(f"format {self.format!r}; this version of sincera writes {FORMAT}.")
        if not self.name or not self.version:
            raise ModelError("a model's name and version may not be empty.")
        if self.detector.name not in _DETECTORS:
            raise ModelError(f"detector {self.detector.name!r}; expected one of {', '.join(_DETECTORS)}.")
        _check_members(self.members, self.fusion)
        _check_points(self.points, self.threshold, self.bounds)
        object.__setattr__(self, "measures", plain(self.measures, "measures"))
        object.__setattr__(self, "recipe", plain(self.recipe, "recipe"))

    @property
    def operating_point(self) -> Threshold:
        """The threshold in use."""
        return self.points[self.threshold]

    @property
    def networks(self) -> tuple[Member, ...]:
        """The members that are given a crop: all but the heads."""
        return tuple(member for member in self.members if not member.reads)

    @property
    def views(self) -> tuple[CropSpec, ...]:
        """The different crops that the networks take, in their order."""
        return tuple(dict.fromkeys(member.view for member in self.networks))

    def member(self, name: str) -> Member:
        """ModelError names the members where there is none of this name."""
        for member in self.members:
            if member.name == name:
                return member
        raise ModelError(
            f"member {name!r} does not exist; this model has {', '.join(one.name for one in self.members)}."
        )

    def with_point(self, name: str, threshold: Threshold) -> ModelSpec:
        """The same with one more point, or a new value for one, which is then in use."""
        return replace(self, points={**self.points, name: threshold}, threshold=name)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "format": self.format,
            "name": self.name,
            "version": self.version,
            "members": [member.to_dict() for member in self.members],
            "fusion": self.fusion.to_dict(),
            "detector": self.detector.to_dict(),
            "sampling": asdict(self.sampling),
            "limits": self.limits.to_dict(),
            "threshold": self.threshold,
            "points": {name: point.to_dict() for name, point in self.points.items()},
            "bounds": None if self.bounds is None else list(self.bounds),
            "histogram": None if self.histogram is None else self.histogram.to_dict(),
            "measures": self.measures,
            "recipe": self.recipe,
            "versions": dict(self.versions),
        }

    @classmethod
    def from_dict(cls, values: object) -> ModelSpec:
        """What `to_dict` gave; ModelError for another format, an unknown or missing key, or a wrong type."""
        form = values.get("format") if isinstance(values, Mapping) else None
        if form != FORMAT or isinstance(form, bool):
            raise ModelError(
                f"the model is of format {form!r}, this version of sincera reads format {FORMAT}: "
                "install the version that wrote the model, or export it again."
            )
        found = record(values, "model", {one.name: _KINDS[one.name] for one in fields(cls)})
        bounds = None if found["bounds"] is None else row(found["bounds"], "model.bounds", str)
        if bounds is not None and len(bounds) != 2:
            raise ModelError(f"model.bounds: found {len(bounds)} names, expected two.")
        return cls(
            **found
            | {
                "members": tuple(
                    Member.from_dict(one, f"model.members[{place}]") for place, one in enumerate(found["members"])
                ),
                "fusion": Fusion.from_dict(found["fusion"], "model.fusion"),
                "detector": inner(DetectorSpec.from_dict, found["detector"], "model.detector"),
                "sampling": _sampling(found["sampling"]),
                "limits": FaceLimits.from_dict(found["limits"], "model.limits"),
                "points": {
                    name: inner(Threshold.from_dict, one, f"model.points.{name}")
                    for name, one in found["points"].items()
                },
                "bounds": bounds,
                "histogram": found["histogram"] and Histogram.from_dict(found["histogram"], "model.histogram"),
                "versions": texts(found["versions"], "model.versions"),
            }
        )

    def to_json(self) -> str:
        """On one line, the same for equal specs."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


_ANY = (Mapping, list, str, int, float, bool, type(None))
_KINDS: dict[str, Any] = {
    **dict.fromkeys(("name", "version", "threshold"), str),
    **dict.fromkeys(("fusion", "detector", "sampling", "limits", "points", "versions"), Mapping),
    **dict.fromkeys(("measures", "recipe"), _ANY),
    "members": list,
    "bounds": (list, type(None)),
    "histogram": (Mapping, type(None)),
    "format": int,
}


def _sampling(values: Mapping[str, Any]) -> Sampling:
    found = record(values, "model.sampling", {"frames": (int, type(None)), "rule": str})
    try:
        return Sampling(**found)
    except ValueError as error:
        raise ModelError(f"model.sampling: {error}.") from error


def _check_members(members: tuple[Member, ...], fusion: Fusion) -> None:
    names = [member.name for member in members]
    if not members or len(set(names)) < len(names):
        raise ModelError(f"members {names}; expected at least one, each with a name of its own.")
    if len(fusion.weights) != len(members):
        raise ModelError(f"fusion: {len(fusion.weights)} weights for {len(members)} members; expected one each.")
    featured = {member.name for member in members if "features" in member.outputs and not member.reads}
    for member in members:
        lacking = sorted(set(member.reads) - featured)
        if lacking:
            raise ModelError(f"member {member.name!r} reads features of {lacking[0]!r}, which is no network with some.")


def _check_points(points: Mapping[str, Threshold], threshold: str, bounds: tuple[str, str] | None) -> None:
    for name in (threshold, *(bounds or ())):
        if name not in points:
            raise ModelError(f"operating point {name!r} does not exist; this model has {', '.join(points) or 'none'}.")
    for name, point in points.items():
        finite(point.value, f"points.{name}")
    if bounds is not None and points[bounds[0]].value > points[bounds[1]].value:
        raise ModelError(f"bounds {bounds}: the first lies above the second.")
