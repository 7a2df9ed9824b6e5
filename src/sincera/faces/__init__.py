"""Faces: found by one of three detectors, cut out by one function, measured by cheap cues."""

from __future__ import annotations

from sincera.faces.annotated import Annotated, face_from_eyes
from sincera.faces.crop import TEMPLATE, as_input, crop, similarity, transform, warp
from sincera.faces.detect import DETECTORS, FaceDetector, open_detector
from sincera.faces.face import POINTS, Face, largest_first
from sincera.faces.mesh import MeshDepth, open_mesh
from sincera.faces.quality import CUES, cues
from sincera.faces.spec import DEFAULT_SPEC, CropSpec, DetectorSpec

__all__ = [
    "CUES",
    "DEFAULT_SPEC",
    "DETECTORS",
    "POINTS",
    "TEMPLATE",
    "Annotated",
    "CropSpec",
    "DetectorSpec",
    "Face",
    "FaceDetector",
    "MeshDepth",
    "as_input",
    "crop",
    "cues",
    "face_from_eyes",
    "largest_first",
    "open_detector",
    "open_mesh",
    "similarity",
    "transform",
    "warp",
]
