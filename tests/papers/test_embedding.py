import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from sincera.papers.embedding import silhouette, t_sne


def test_silhouette_equals_scikit_learn():
    rng = np.random.default_rng(0)
    features, classes = rng.normal(size=(60, 7)), rng.choice(["a", "b", "c"], 60)
    features[classes == "b"] += 1
    np.testing.assert_allclose(silhouette(features, classes), silhouette_samples(features, classes), atol=1e-9)


def test_silhouette_of_a_lonely_point_and_of_one_class():
    assert silhouette([[0.0], [1.0], [9.0]], ["a", "a", "b"])[2] == 0
    assert silhouette([[0.0], [1.0]], ["a", "a"]).tolist() == [0, 0]


def test_t_sne_keeps_clusters_and_repeats_itself():
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 15)
    features = rng.normal(size=(45, 20)) + 12 * np.eye(20)[group]
    placed = t_sne(features, seed=1)
    assert placed.shape == (45, 2)
    assert silhouette(placed, group).min() > 0.4
    np.testing.assert_array_equal(placed, t_sne(features, seed=1))


def test_few_points_lower_the_perplexity():
    assert np.isfinite(t_sne(np.random.default_rng(0).normal(size=(8, 3)))).all()


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    from sincera.errors import MissingExtraError
    from sincera.papers import embedding

    monkeypatch.setattr(embedding, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"sincera\[report\]"):
        t_sne(np.zeros((9, 2)))
