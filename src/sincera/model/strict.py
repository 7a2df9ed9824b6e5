"""Reading a model's metadata: exactly the expected keys, each of the expected type."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from sincera.errors import ModelError, SinceraError

T = TypeVar("T")
Kind = type | tuple[type, ...]


def record(values: object, where: str, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """The values of a JSON object with exactly these keys; ModelError names the first that is surplus, absent or wrong.

    A number without a fraction is taken where a float is expected; true and false are numbers nowhere.

    >>> record({"bias": 1}, "fusion", {"bias": float})
    {'bias': 1.0}
    """
    if not isinstance(values, Mapping):
        raise ModelError(f"{where}: found {_short(values)}, expected an object with {', '.join(kinds)}.")
    for key in values:
        if key not in kinds:
            near = get_close_matches(str(key), kinds, 1)
            raise ModelError(f"{where}: unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "."))
    for key in kinds:
        if key not in values:
            raise ModelError(f"{where}: {key!r} is missing; expected the keys {', '.join(kinds)}.")
    return {key: one(values[key], f"{where}.{key}", kind) for key, kind in kinds.items()}


def one(value: object, where: str, kind: Kind) -> Any:
    """A value of this type; whole numbers become floats where only floats are expected."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(value, bool) and bool not in kinds:
        raise ModelError(f"{where}: found {_short(value)}, expected {_named(kinds)}.")
    if float in kinds and int not in kinds and isinstance(value, int):
        return float(value)
    if not isinstance(value, kinds):
        raise ModelError(f"{where}: found {_short(value)}, expected {_named(kinds)}.")
    return value


def row(values: object, where: str, kind: Kind) -> tuple[Any, ...]:
    """A JSON list whose values are all of this type."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ModelError(f"{where}: found {_short(values)}, expected a list.")
    return tuple(one(value, f"{where}[{place}]", kind) for place, value in enumerate(values))


def texts(values: object, where: str) -> dict[str, str]:
    """A JSON object of texts by name."""
    found: Mapping[str, Any] = one(values, where, Mapping)
    return {key: one(value, f"{where}.{key}", str) for key, value in found.items()}


def inner(read: Callable[[Any], T], values: object, where: str) -> T:
    """What another room's `from_dict` makes of it, its complaint as a ModelError with the place."""
    try:
        return read(one(values, where, Mapping))
    except ModelError:
        raise
    except SinceraError as error:
        raise ModelError(f"{where}: {error}") from error


def plain(value: object, where: str) -> Any:
    """A value as JSON keeps it; ModelError for what JSON has no word for, NaN and infinity included."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ModelError(f"{where}: cannot be written as JSON ({error}).") from error


def finite(value: float, where: str) -> None:
    if isinstance(value, bool) or not math.isfinite(value):
        raise ModelError(f"{where}: found {value!r}, expected a finite number.")


def _named(kinds: Sequence[type]) -> str:
    words = {Mapping: "an object", str: "a text", float: "a number", int: "a whole number", type(None): "null"}
    return " or ".join(words.get(kind, "a list") for kind in kinds)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
