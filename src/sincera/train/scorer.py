"""A method as a scorer: crops in, numbers out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sincera.evaluate.score import Scorer
from sincera.train.feeder import Target
from sincera.train.method import Method


def scorer_of(method: Method, target: Target) -> Scorer:
    """The method in eval mode, always in native precision: scores agree with those of the exported graph."""

    def score(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        method.eval()
        with torch.inference_mode():
            scores = method.score(target.pixels(crops)).score
        values: NDArray[Any] = scores.double().cpu().numpy()
        return values

    return score
