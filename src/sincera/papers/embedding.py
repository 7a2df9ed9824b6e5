"""Features in the plane (t-SNE), and how well a labelling separates them (the silhouette)."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sincera.errors import MissingExtraError

Floats = NDArray[np.float64]
PERPLEXITY = 30.0


def t_sne(features: ArrayLike, *, seed: int = 0, perplexity: float = PERPLEXITY) -> Floats:
    """(N, F) → (N, 2), started from the two main axes (van der Maaten and Hinton 2008).

    perplexity: about how many neighbours a point keeps; lowered where there are too few points for it.
    MissingExtraError without scikit-learn.
    """
    if find_spec("sklearn") is None:
        raise MissingExtraError("scikit-learn", "report")
    from sklearn.manifold import TSNE

    points = np.asarray(features, np.float64)
    kept = max(1.0, min(perplexity, (len(points) - 1) / 3))
    placed = TSNE(perplexity=kept, init="pca", random_state=seed).fit_transform(points)
    return np.asarray(placed, np.float64)


def silhouette(features: ArrayLike, classes: ArrayLike) -> Floats:
    """(N,) of each point: (b - a) / max(a, b), a its mean distance to its own class, b to the nearest other class.

    1: far from all others; 0: on the border; below 0: nearer to another class.  A class's only point has 0, and so has
    every point where there is one class alone (Rousseeuw 1987).

    >>> silhouette([[0.0], [1.0], [10.0], [11.0]], ["a", "a", "b", "b"]).round(3).tolist()
    [0.905, 0.895, 0.895, 0.905]
    """
    points, (names, code) = np.asarray(features, np.float64), np.unique(np.asarray(classes), return_inverse=True)
    squares = (points**2).sum(1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * points @ points.T, 0))
    np.fill_diagonal(distance, 0)
    counts = np.bincount(code, minlength=len(names))
    sums = np.stack([distance[:, code == one].sum(1) for one in range(len(names))], 1)  # (N, classes)
    own = np.arange(len(names))[None] == code[:, None]
    inside = sums[own] / np.maximum(counts[code] - 1, 1)
    others = np.where(own, np.inf, sums / counts)
    nearest = others.min(1)
    alone = (counts[code] == 1) | ~np.isfinite(nearest)
    safe = np.where(alone, 1.0, np.maximum(np.maximum(inside, nearest), 1e-300))
    return np.where(alone, 0.0, (np.where(alone, 0.0, nearest) - inside) / safe)
