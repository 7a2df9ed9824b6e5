import numpy as np
import pytest

from sincera.faces.area import AreaTable


def slow_area(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Bin by bin; (width, height, 3)."""
    rows, columns = image.shape[:2]
    out = np.zeros((width, height, 3))
    for x in range(width):
        for y in range(height):
            left, right = x * columns // width, -(-(x + 1) * columns // width)
            top, bottom = y * rows // height, -(-(y + 1) * rows // height)
            out[x, y] = image[top:bottom, left:right].reshape(-1, 3).mean(axis=0)
    return out


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (37, 53, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(53, 37), (20, 11), (7, 30), (1, 1), (60, 50)])
def test_resizing_against_single_bins(image, size):
    assert AreaTable(image).resized(*size) == pytest.approx(slow_area(image, *size), abs=1e-3)


def test_windows_against_single_bins(image):
    boxes = np.array([[0, 0, 53, 37], [3, 5, 30, 20], [10, 10, 14, 13], [52, 36, 53, 37]])
    found = AreaTable(image).windows(boxes, 12)
    for (left, top, right, bottom), window in zip(boxes, found, strict=True):
        assert window == pytest.approx(slow_area(image[top:bottom, left:right], 12, 12), abs=1e-3)


def test_sums_beyond_32_bits_wrap_without_harm():
    image = np.full((3100, 3100, 3), 255, np.uint8)  # 2.4e9 in all, above 2^31
    table = AreaTable(image)
    assert table.resized(5, 4) == pytest.approx(255, abs=1e-3)
    assert table.windows(np.array([[3000, 3000, 3090, 3090]]), 24) == pytest.approx(255, abs=1e-3)
