"""A head learns what separates, leaves the offset alone where nothing does, and is the minimum that it says it is."""

import numpy as np
import pytest
from scipy.optimize import minimize

from sincera.errors import UsageError
from sincera.fit.ridge import fit_head

DICE = np.random.default_rng(0)
LABELS = np.repeat([0, 1], [9, 5])


def test_it_is_the_minimum_of_the_penalised_loss() -> None:
    features, offset = DICE.normal(size=(14, 4)), DICE.normal(size=14)
    head = fit_head(features, offset, LABELS, ridge=0.7)
    centred = features - features.mean(0)
    scale = np.sqrt((centred**2).sum(1).mean())
    shares = np.where(LABELS == 1, 14 / 10, 14 / 18)

    def loss(where: np.ndarray) -> float:
        odds = offset + centred @ where[:4] / scale + where[4]
        return float(shares @ (np.logaddexp(0, odds) - LABELS * odds) + 0.35 * (where[:4] ** 2).sum())

    slow = minimize(loss, np.zeros(5), tol=1e-12).x
    expected = centred @ slow[:4] / scale + slow[4]
    assert np.allclose(head(features), expected, atol=1e-4)


def test_more_features_than_examples() -> None:
    features = DICE.normal(size=(14, 500))
    features[:, 3] += 6 * LABELS
    head = fit_head(features, np.zeros(14), LABELS)
    fresh = DICE.normal(size=(200, 500))
    fresh[:100, 3] += 6
    assert (head(fresh[:100]).mean() - head(fresh[100:]).mean()) > 0.2


def test_a_heavy_ridge_leaves_the_order_of_the_offset() -> None:
    features, offset = DICE.normal(size=(14, 6)), DICE.normal(size=14)
    head = fit_head(features, offset, LABELS, ridge=1e9)
    assert np.abs(head.weights).max() < 1e-6


def test_classes_weigh_the_same() -> None:
    """Ten times as many lives do not move the bias."""
    few = fit_head(np.zeros((2, 1)), np.zeros(2), np.array([0, 1]))
    many = fit_head(np.zeros((11, 1)), np.zeros(11), np.array([0] * 10 + [1]))
    assert few.bias == pytest.approx(0, abs=1e-6)
    assert many.bias == pytest.approx(0, abs=1e-6)


def test_a_separable_pair_stays_finite() -> None:
    head = fit_head(np.array([[-1e3], [1e3]]), np.array([-12.0, 12.0]), np.array([0, 1]))
    assert np.isfinite(head.weights).all()


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1]])
def test_one_class_is_refused(labels: list[int]) -> None:
    with pytest.raises(UsageError, match="one class only"):
        fit_head(np.zeros((3, 2)), np.zeros(3), np.array(labels))


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(UsageError, match="finite"):
        fit_head(np.array([[0.0], [np.nan]]), np.zeros(2), np.array([0, 1]))
