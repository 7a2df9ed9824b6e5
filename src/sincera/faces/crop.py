"""The one function that cuts a face out of a picture: for preparing, training, judging and exporting."""

from __future__ import annotations

import math
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.faces.face import Face
from sincera.faces.spec import DEFAULT_SPEC, CropSpec, DetectorSpec

__all__ = ["DEFAULT_SPEC", "TEMPLATE", "CropSpec", "DetectorSpec", "as_input", "crop", "transform", "warp"]

Matrix = NDArray[np.float64]  # (2, 3): pixel centres of the picture → pixel centres of the crop

# Where the five points lie in a square of side 1: the mean face that recognition networks are trained on (112 pixels),
# made symmetric so that a mirrored picture gives the mirrored crop.
_EYE_X, _EYE_Y, _NOSE_Y, _MOUTH_X, _MOUTH_Y = 0.1573, 0.4653, 0.6449, 0.1303, 0.8282
TEMPLATE: NDArray[np.float64] = np.array(
    [
        [0.5 - _EYE_X, _EYE_Y],
        [0.5 + _EYE_X, _EYE_Y],
        [0.5, _NOSE_Y],
        [0.5 - _MOUTH_X, _MOUTH_Y],
        [0.5 + _MOUTH_X, _MOUTH_Y],
    ]
)
TEMPLATE.flags.writeable = False

# Where points are missing, the template's square is placed by the box: its side is the box's longer side, its centre
# lies above the box's by a share of that (MTCNN and YuNet on 161 portraits: side 1.01, 0.97; rise 0.075, 0.081).
BOX_RISE = 0.075

_BORDERS = {"replicate": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT_101, "constant": cv2.BORDER_CONSTANT}
_PLAIN = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR}
_MAX_SAMPLES = 8  # a side, of one crop pixel; beyond that the picture is halved first


def crop(image: NDArray[np.uint8], face: Face, spec: CropSpec = DEFAULT_SPEC) -> NDArray[np.uint8]:
    """Cut a face out: (H, W, 3) uint8 RGB → (size, size, 3) uint8 RGB."""
    matrix = transform(face, spec, (image.shape[0], image.shape[1]))
    cut: NDArray[np.uint8] = warp(image, matrix, spec.size, border=spec.border, samples=spec.samples)
    return cut


def transform(face: Face, spec: CropSpec, shape: tuple[int, int]) -> Matrix:
    """The (2, 3) affine map from a picture of `shape` (H, W) to the crop, for images, depth, masks and points alike.

    Coordinates are OpenCV's: whole numbers are pixel centres.  With fewer than two known points a five-point crop is
    placed by the box.
    """
    if spec.kind == "box":
        return _window_map(_window(face, spec, shape), spec.size)
    known = np.isfinite(face.points).all(axis=1)
    if known.sum() < 2 or np.ptp(face.points[known], axis=0).max() < 1e-3:
        longer = max(face.width, face.height)
        side = longer * (1 + spec.margin)
        x, y = face.centre[0], face.centre[1] - BOX_RISE * longer
        return _window_map((x - side / 2, y - side / 2, x + side / 2, y + side / 2), spec.size)
    goal = ((TEMPLATE - 0.5) / (1 + spec.margin) + 0.5) * spec.size - 0.5
    return similarity(face.points[known].astype(np.float64), goal[known])


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> Matrix:
    """The turn, scale and shift that bring (N, 2) points nearest to others in the least squares sense, without mirror.

    Closed form for the plane of Umeyama, 1991 (PAMI 13, 376-380): as complex numbers, scale and turn are one factor.

    >>> similarity(np.array([[0.0, 0], [1, 0]]), np.array([[1.0, 1], [1, 3]])).round(6).tolist()
    [[0.0, -2.0, 1.0], [2.0, 0.0, 1.0]]
    """
    a, b = source - source.mean(0), target - target.mean(0)
    spread = (a**2).sum()
    cosine = (a * b).sum() / spread
    sine = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / spread
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, target.mean(0) - turn @ source.mean(0)])


def warp(
    image: NDArray[Any],
    matrix: Matrix,
    size: int,
    *,
    border: str = "replicate",
    samples: Literal["area", "bilinear", "nearest"] = "area",
) -> NDArray[Any]:
    """Draw `image` (H, W) or (H, W, C) through an affine map onto a square of `size` pixels.

    Where the picture shrinks, each pixel is the mean over its area: it is sampled 1 / scale times in each direction.
    Plain bilinear sampling would leave aliasing, which a network takes for the grid of a screen.
    samples: `nearest` for labels that must not mix; `bilinear` for networks that were trained with that aliasing.
    """
    mode = _BORDERS.get(border, cv2.BORDER_REPLICATE)
    image, matrix = _region(image, matrix, size)
    if samples != "area":
        return cv2.warpAffine(image, matrix, (size, size), flags=_PLAIN[samples], borderMode=mode)
    while (shrink := _shrink(matrix)).max() > _MAX_SAMPLES:
        image, matrix = _halved(image, matrix)
    across, down = (max(1, math.ceil(value - 1e-6)) for value in shrink)
    stretch = np.diag([across, down]).astype(np.float64)
    fine = np.column_stack([stretch @ matrix[:, :2], stretch @ (matrix[:, 2] + 0.5) - 0.5])
    drawn = cv2.warpAffine(image, fine, (size * across, size * down), flags=cv2.INTER_LINEAR, borderMode=mode)
    return cv2.resize(drawn, (size, size), interpolation=cv2.INTER_AREA) if across * down > 1 else drawn


def as_input(crops: NDArray[np.uint8], spec: CropSpec = DEFAULT_SPEC) -> NDArray[np.float32]:
    """Crops (…, H, W, 3) uint8 RGB as a network takes them: (…, 3, H, W) float32 in the spec's colour and range."""
    ordered = crops[..., ::-1] if spec.colour == "BGR" else crops
    values = np.moveaxis(ordered, -1, -3).astype(np.float32)
    if spec.range == "0-1":
        values /= 255
    elif spec.range == "-1-1":
        values = values / 127.5 - 1
    return np.ascontiguousarray(values)


def _window(face: Face, spec: CropSpec, shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom edges of a box crop."""
    width, height = face.width, face.height
    if spec.aspect == "square":
        width = height = max(width, height)
    x, y = face.centre
    if spec.border == "shift":
        return _shifted(x, y, width, height, 1 + spec.margin, shape)
    width, height = width * (1 + spec.margin), height * (1 + spec.margin)
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _shifted(
    x: float, y: float, width: float, height: float, scale: float, shape: tuple[int, int]
) -> tuple[float, float, float, float]:
    """A window moved inside the picture, on whole pixels, as Silent-Face cuts what the MiniFASNets were trained on."""
    last_x, last_y = shape[1] - 1, shape[0] - 1
    scale = min(scale, last_x / width, last_y / height)
    left, top = x - width * scale / 2, y - height * scale / 2
    right, bottom = left + width * scale, top + height * scale
    move_x = max(0.0, -left) - max(0.0, right - last_x)
    move_y = max(0.0, -top) - max(0.0, bottom - last_y)
    # A sum that is 0 but for its last bit would lie a pixel outside.
    left, top = max(0, math.floor(left + move_x)), max(0, math.floor(top + move_y))
    right, bottom = min(last_x, math.floor(right + move_x)), min(last_y, math.floor(bottom + move_y))
    return left, top, right + 1, bottom + 1


def _window_map(window: tuple[float, float, float, float], size: int) -> Matrix:
    left, top, right, bottom = window
    x, y = size / (right - left), size / (bottom - top)
    return np.array([[x, 0, x * (0.5 - left) - 0.5], [0, y, y * (0.5 - top) - 0.5]])


def _region(image: NDArray[Any], matrix: Matrix, size: int) -> tuple[NDArray[Any], Matrix]:
    """The part of the picture that the crop can see, and the map from there: OpenCV takes no side over 32767 pixels."""
    corners = np.array([[-1, -1], [size, -1], [-1, size], [size, size]], np.float64)
    seen = np.linalg.solve(matrix[:, :2], (corners - matrix[:, 2]).T)
    limits = np.array(image.shape[1::-1])
    # A mirrored border shows as much of the inside as the crop reaches beyond the edge.
    beyond = max(0.0, float(-seen.min()), float((seen.max(1) - limits).max()))
    reach = 2 + math.ceil(_shrink(matrix).max() + beyond)
    left, top = np.clip(np.floor(seen.min(1)) - reach, 0, limits - 1).astype(int)
    right, bottom = np.clip(np.ceil(seen.max(1)) + reach, 1, limits).astype(int)
    moved = np.column_stack([matrix[:, :2], matrix[:, :2] @ [left, top] + matrix[:, 2]])
    return np.ascontiguousarray(image[top:bottom, left:right]), moved


def _shrink(matrix: Matrix) -> NDArray[np.float64]:
    """How many picture pixels lie under one crop pixel, across and down."""
    pixels: NDArray[np.float64] = np.linalg.norm(np.linalg.inv(matrix[:, :2]), axis=0)
    return pixels


def _halved(image: NDArray[Any], matrix: Matrix) -> tuple[NDArray[Any], Matrix]:
    """A picture of half the size, with its map; an odd last row or column is repeated first."""
    even = cv2.copyMakeBorder(image, 0, image.shape[0] % 2, 0, image.shape[1] % 2, cv2.BORDER_REPLICATE)
    half = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return half, np.column_stack([matrix[:, :2] * 2, matrix[:, :2] @ [0.5, 0.5] + matrix[:, 2]])
