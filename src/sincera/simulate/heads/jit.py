"""Compiling loops with numba, with a cache where one can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from sincera.errors import MissingExtraError

try:
    import numba
except ImportError as error:
    raise MissingExtraError("numba", "simulate") from error

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """The same function, compiled on its first call and kept on disk for the next process.

    Numba keeps its cache beside the module, else below the user's cache folder. Where neither can be written (a
    read-only image without a home) it refuses the cache, and the function is compiled once per process instead.
    """
    settings: dict[str, Any] = {"fastmath": True, "nogil": True, "error_model": "numpy"}
    try:
        return cast(Loop, numba.njit(cache=True, **settings)(loop))
    except RuntimeError:
        return cast(Loop, numba.njit(**settings)(loop))
