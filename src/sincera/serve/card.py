"""What the service tells of its model."""

from __future__ import annotations

from typing import Any

from sincera.judge import Judge
from sincera.serve.settings import ServiceSettings


def model_card(judge: Judge, settings: ServiceSettings) -> dict[str, Any]:
    """Identity, thresholds, calibration histogram, licences, and the limits of the service: `ModelCard`."""
    spec = judge.model.spec
    bounds = None if spec.bounds is None else [spec.points[name].value for name in spec.bounds]
    return {
        "model": judge.model.id.to_dict(),
        "threshold": judge.threshold.to_dict(),
        "points": {name: point.to_dict() for name, point in spec.points.items()},
        "bounds": bounds,
        "histogram": None if spec.histogram is None else spec.histogram.to_dict(),
        "maps": [member.name for member in spec.members if "map" in member.outputs],
        "licences": {member.name: member.licences.to_dict() for member in spec.members},
        "limits": {
            "bytes": settings.max_bytes,
            "pixels": settings.max_pixels,
            "seconds": settings.max_seconds,
            "frames": settings.max_frames,
        },
    }
