"""Tests of methods learn from small teachers of their own, not from the package's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="package")
def teachers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files of small untrained teachers by kind."""
    from dtda_toys import write_teachers

    return write_teachers(tmp_path_factory.mktemp("teachers"))


@pytest.fixture(autouse=True, scope="package")
def _packaged(teachers: dict[str, Path]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for place in ("sincera.teachers.frozen", "sincera.methods.frtpad"):
            patch.setattr(f"{place}.packaged", teachers.__getitem__)
        yield
