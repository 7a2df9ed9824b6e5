"""Small pictures and videos whose every frame can be told from the others, also turned."""

from __future__ import annotations

import numpy as np
import pytest

COUNT, HEIGHT, WIDTH = 40, 64, 96


def numbered(index: int) -> np.ndarray:
    """A frame with four different quarters, the last one as bright as its number says."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    top, left = HEIGHT // 2, WIDTH // 2
    image[:top, :left] = (200, 30, 30)
    image[:top, left:] = (30, 200, 30)
    image[top:, :left] = (30, 30, 200)
    image[top:, left:] = 6 * index
    return image


def number(image: np.ndarray) -> float:
    """Which frame an upright one is, read off its pixels."""
    return float(image[3 * HEIGHT // 4 - 4 : 3 * HEIGHT // 4 + 4, 3 * WIDTH // 4 - 4 : 3 * WIDTH // 4 + 4].mean()) / 6


@pytest.fixture(scope="session")
def sequence() -> list[np.ndarray]:
    return [numbered(index) for index in range(COUNT)]


@pytest.fixture
def picture() -> np.ndarray:
    """Wider than high, smooth, no symmetry: a turn or a swapped channel shows."""
    rows, columns = np.mgrid[0:40, 0:60]
    return np.stack([rows * 6, columns * 4, (rows + columns) * 2], axis=2).astype(np.uint8)


@pytest.fixture(scope="session")
def numbers():
    return number
