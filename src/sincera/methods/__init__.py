"""All methods by name, each "module:Class" and imported when it is used. A new one is a file and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.train import Method

__all__ = ["METHODS", "load_method"]

METHODS: dict[str, str] = {
    "baseline": "sincera.methods.baseline:Baseline",
    "dann": "sincera.methods.dann:DANN",
    "dtda": "sincera.methods.dtda:DTDA",
    "frtpad": "sincera.methods.frtpad:FRTPAD",
    "mtfas": "sincera.methods.metateacher:MTFAS",
    "okddip": "sincera.methods.okddip:OKDDip",
    "pixel": "sincera.methods.pixel:Pixel",
}


def load_method(name: str) -> type[Method]:
    """The class of a method; UsageError with the nearest name where there is none."""
    if name not in METHODS:
        from difflib import get_close_matches

        near = get_close_matches(name, METHODS, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(METHODS)}."
        raise UsageError(f"no method {name!r}{hint}")
    module, _, cls = METHODS[name].partition(":")
    method: type[Method] = getattr(import_module(module), cls)
    return method
