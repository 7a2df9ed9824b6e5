"""Makes the people beside these tests importable, and one store of them for all."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

from made_people import make_store

from sincera.data.store import Store


@pytest.fixture(scope="package")
def people(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("people"))


@pytest.fixture(autouse=True, scope="package")
def _one_thread() -> Iterator[None]:
    """Nets this small lose more by waking a second thread than by waiting for the first."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
