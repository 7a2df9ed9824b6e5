"""How crops were made: what two preparations must share before their crops may lie in one store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sincera.faces.mesh import DepthSpec
from sincera.faces.spec import DEFAULT_SPEC, CropSpec, DetectorSpec
from sincera.media import Sampling

FORMAT = 1  # raised when the same settings would give other crops
QUALITY = 95


@dataclass(frozen=True, slots=True)
class Preparation:
    """Which frames are taken, by which detector, and the views cut from each.

    views: crop spec by name; the first is the one that readers get where they name none.
    detector: as `open_detector` takes it: "mtcnn", "yunet=FILE", "annotated".  min_face: its smallest face in pixels,
    None for its own default.  quality: of the stored JPEG, 4:4:4.
    depth: the face mesh's file, as `open_mesh` takes it, for depth of clips that carry no true one; None for none.
    depth_spec: that source as it was opened.
    Eight frames spread evenly by default: the papers score one to eight frames a video, and further frames of the same
    few seconds hardly differ.
    """

    sampling: Sampling = field(default_factory=lambda: Sampling(8))
    views: Mapping[str, CropSpec] = field(default_factory=lambda: {"face": DEFAULT_SPEC}, hash=False)
    detector: str = "mtcnn"
    min_face: int | None = None
    quality: int = QUALITY
    depth: str | None = None
    depth_spec: DepthSpec | None = None

    def __post_init__(self) -> None:
        if not self.views:
            raise ValueError("a preparation without views; name at least one crop spec")
        if not QUALITY <= self.quality <= 100:
            raise ValueError(f"JPEG quality {self.quality}; expected {QUALITY} to 100")

    def detected_by(self, spec: DetectorSpec) -> Preparation:
        """The same, with the detector that was opened written into each view: name, file hash, padding, confidence."""
        return replace(self, views={name: replace(view, detector=spec) for name, view in self.views.items()})

    def deepened_by(self, spec: DepthSpec | None) -> Preparation:
        """The same, with the source of depth that was opened; None where there is none."""
        return replace(self, depth_spec=spec)

    def to_dict(self) -> dict[str, Any]:
        """What the store keeps and compares; of files it has the hashes, not where they lay."""
        record: dict[str, Any] = {
            "format": FORMAT,
            "sampling": {"frames": self.sampling.frames, "rule": self.sampling.rule},
            "quality": self.quality,
            "views": {name: view.to_dict() for name, view in self.views.items()},
        }
        # Left out where there is none, so that stores from before there was such a source stay valid.
        return record if self.depth_spec is None else record | {"depth": self.depth_spec.to_dict()}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Preparation:
        """Read what `to_dict` wrote; `detector` is then its name alone, and `depth` None, for no file is known."""
        views = {name: CropSpec.from_dict(view) for name, view in record["views"].items()}
        spec = next(iter(views.values())).detector
        return cls(
            sampling=Sampling(**record["sampling"]),
            views=views,
            detector="" if spec is None else spec.name,
            min_face=None if spec is None else spec.min_face,
            quality=record["quality"],
            depth_spec=DepthSpec.from_dict(record["depth"]) if "depth" in record else None,
        )

    def to_json(self) -> str:
        """`to_dict` as the one text that stands in every shard; views keep their order."""
        return json.dumps(self.to_dict())


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Name each setting in which two records differ.

    >>> differences({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}})
    ('b.c: 2 in the store, 3 asked for',)
    """
    ours, theirs = dict(_leaves(wanted)), dict(_leaves(found))
    return tuple(
        f"{key}: {theirs.get(key, 'absent')} in the store, {ours.get(key, 'absent')} asked for"
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key, "absent") != theirs.get(key, "absent")
    )


def _leaves(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
