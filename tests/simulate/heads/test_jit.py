"""Compiling without numba, and without a place for its cache."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import numba
import pytest

from sincera.errors import MissingExtraError
from sincera.simulate.heads import jit


def load_again() -> ModuleType:
    spec = importlib.util.spec_from_file_location("jit_again", jit.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_numba_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(MissingExtraError, match=r"sincera\[simulate\]"):
        load_again()


def test_without_a_place_for_the_cache_loops_still_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    real = numba.njit

    def nowhere(*args: Any, cache: bool = False, **settings: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function 'double': no locator available for file")
        return real(*args, **settings)

    monkeypatch.setattr(numba, "njit", nowhere)
    assert jit.compiled(lambda x: 2 * x)(21) == 42
