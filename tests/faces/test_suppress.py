import numpy as np
import pytest

from sincera.faces import suppress as module
from sincera.faces.suppress import suppress


def slow(boxes, scores, threshold, by):
    pixel = 1 if by == "smaller" else 0
    left = sorted(range(len(boxes)), key=lambda i: (-scores[i], -i if by == "smaller" else i))
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        rest = []
        for other in left:
            a, b = boxes[best], boxes[other]
            width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]) + pixel)
            height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]) + pixel)
            areas = [(c[2] - c[0] + pixel) * (c[3] - c[1] + pixel) for c in (a, b)]
            whole = min(areas) if by == "smaller" else sum(areas) - width * height
            if width * height / whole <= threshold:
                rest.append(other)
        left = rest
    return kept


@pytest.mark.parametrize("by", ["union", "smaller"])
@pytest.mark.parametrize("matrix_side", [1200, 0])
def test_against_the_slow_loop(monkeypatch, by, matrix_side):
    monkeypatch.setattr(module, "_MATRIX_SIDE", matrix_side)
    rng = np.random.default_rng(0)
    for count in (0, 1, 2, 40):
        corners = rng.integers(0, 30, (count, 2))
        boxes = np.hstack([corners, corners + rng.integers(1, 25, (count, 2))]).astype(np.float32)
        scores = (rng.integers(0, 12, count) / 12).astype(np.float32)  # with ties
        for threshold in (0.3, 0.5, 0.7):
            assert suppress(boxes, scores, threshold, by).tolist() == slow(boxes, scores, threshold, by)


@pytest.mark.parametrize(("by", "stays"), [("union", 0), ("smaller", 2)])
def test_of_equal_scores_the_peers_choice_stays(by, stays):
    boxes = np.array([[0, 0, 9, 9]] * 3, np.float32)
    assert suppress(boxes, np.full(3, 0.5, np.float32), 0.5, by).tolist() == [stays]
