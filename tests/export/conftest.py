"""A small store and runs over it, for what is written from them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from folders import make_store

from sincera.data.protocols import parse_protocol
from sincera.data.store import Store
from sincera.experiments import run_experiment
from sincera.methods import load_method
from sincera.recipe import load_recipe
from sincera.runs import Run

BRIEF = ["length=6 steps", "batch=8", "evaluate_every=3", "optimiser.lr=0.01"]
SETTINGS = {"baseline": ["network=small", *BRIEF], "pixel": ["detector=fasdr_light", "width=4", *BRIEF]}


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="package")
def runs(store: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A baseline, whose scores are probabilities, and a map detector, whose scores are not."""
    folder = tmp_path_factory.mktemp("runs")
    plan = parse_protocol("alpha+beta:gamma")
    return {
        name: run_experiment(
            name, load_recipe(load_method(name).recipe_type, sets=sets), plan, store, run=folder / name, rounds=10
        )
        for name, sets in SETTINGS.items()
    }
