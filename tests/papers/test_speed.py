"""The timing harness: what it counts, not how fast the machine is."""

import torch

from sincera.methods import load_method
from sincera.papers.speed import speed_of
from sincera.recipe import load_recipe
from sincera.train import Facts, build_method


def test_the_harness_says_what_it_measured(monkeypatch):
    cls = load_method("baseline")
    recipe = load_recipe(cls.recipe_type, sets=["network=small"])
    method = build_method(cls, recipe, Facts(("O",), (), clips=1, size=64), seed=0)
    sizes = []
    score = method.score
    monkeypatch.setattr(method, "score", lambda crops: (sizes.append(tuple(crops.shape)), score(crops))[1])
    found = speed_of(method, 64, warm_up=3, timed=7)
    assert sizes == [(1, 3, 64, 64)] * 10
    assert (found.size, found.timed, found.device, found.threads) == (64, 7, "cpu", torch.get_num_threads())
    assert 0 < found.median_ms <= found.p95_ms
    assert found.fps == 1000 / found.median_ms
    assert not method.training
