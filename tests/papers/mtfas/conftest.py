"""Stores and tables of MT-FAS that tests share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from mtfas_toys import BRIEF, META, RIVAL, make_store

from sincera.data.store import Store
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan
from sincera.papers.tables import make_table


@pytest.fixture(scope="session")
def mapped_store(tmp_path_factory) -> Store:
    """With depth and masks; do not change it: the session shares it."""
    return make_store(tmp_path_factory.mktemp("mtfas"))


@pytest.fixture(scope="session")
def kept_runs(tmp_path_factory) -> Path:
    """Where all tables of the session train, so that they find each other's cells."""
    return tmp_path_factory.mktemp("mtfas-runs")


@pytest.fixture
def make(mapped_store, kept_runs):
    """A table by its name, with trainings of two steps.  A setting that no row has is an error, so none is given."""

    def made(name, *sets, **options):
        options = {"seeds": (0,), "runs": kept_runs} | options
        rows = options.get("variants") or ("MT", "Depth")
        rival = RIVAL if any(row.endswith(("Depth", "Binary", "Mask")) for row in rows) else ()
        plan = Plan(preset="demo", sets=(*BRIEF, *META, *rival, *sets), device="cpu", rounds=20, **options)
        return make_table(name, Faces(mapped_store.folder), plan)

    return made
