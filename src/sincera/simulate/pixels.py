"""OpenCV's resampling and blurring as functions that give back the type of picture they were given."""

from __future__ import annotations

from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", np.uint8, np.float32)


def blur(image: NDArray[Kind], sigma: float) -> NDArray[Kind]:
    """Gaussian blur of σ pixels; the axes are kept."""
    return cast("NDArray[Kind]", cv2.GaussianBlur(image, (0, 0), sigma).reshape(image.shape))


def resize(image: NDArray[Kind], size: tuple[int, int], *, smooth: bool = False) -> NDArray[Kind]:
    """To `size` (H, W): averaging over areas where it shrinks, between pixels (cubic if smooth) where it grows."""
    height, width = size
    if height * width < image.shape[0] * image.shape[1]:
        how = cv2.INTER_AREA
    else:
        how = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    return cast("NDArray[Kind]", cv2.resize(image, (width, height), interpolation=how))


def affine(image: NDArray[Kind], matrix: NDArray[np.float64], size: tuple[int, int]) -> NDArray[Kind]:
    """Through a (2, 3) matrix to `size` (H, W); 0 outside."""
    return cast("NDArray[Kind]", cv2.warpAffine(image, matrix, size[::-1]))


def perspective(
    image: NDArray[Kind], matrix: NDArray[np.float64], size: tuple[int, int], *, border: int = cv2.BORDER_CONSTANT
) -> NDArray[Kind]:
    """Through a homography (3, 3) to `size` (H, W)."""
    return cast("NDArray[Kind]", cv2.warpPerspective(image, matrix, size[::-1], borderMode=border))


def remap(
    image: NDArray[Kind], x: NDArray[np.float32], y: NDArray[np.float32], *, border: int = cv2.BORDER_CONSTANT
) -> NDArray[Kind]:
    """The image read at (x, y) for each pixel."""
    return cast("NDArray[Kind]", cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=border))


def bordered(
    image: NDArray[Kind], rim: tuple[int, int, int, int], border: int, value: tuple[int, int, int] | int = 0
) -> NDArray[Kind]:
    """Wider by (top, bottom, left, right) pixels."""
    return cast("NDArray[Kind]", cv2.copyMakeBorder(image, *rim, border, value=value))
