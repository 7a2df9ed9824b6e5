"""The detectors by name; a new one is a file with its network and a line in `DETECTORS`."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from typing import Protocol

from sincera.errors import UsageError
from sincera.nets.cdcn import cdcn, cdcnpp
from sincera.nets.detector import Detector, Ending
from sincera.nets.dtn import dtn
from sincera.nets.fasdr import fasdr, fasdr_light
from sincera.nets.resnet8 import resnet8
from sincera.nets.rfmetafas import rfmetafas


class Factory(Protocol):
    """Makes a fresh detector; width: filters of its first layer, the others in proportion."""

    def __call__(self, *, width: int = ...) -> Detector: ...


def _light(*, width: int = 8, ending: Ending = "detector") -> Detector:
    return fasdr_light((width, 2 * width, 4 * width), head=2 * width, ending=ending)


def _resnet8(*, width: int = 16, ending: Ending = "detector") -> Detector:
    return resnet8((width, 2 * width, 4 * width, 8 * width), ending=ending)


DETECTORS: Mapping[str, Factory] = {
    "fasdr": fasdr,
    "fasdr_bc": partial(fasdr, branch=True),
    "fasdr_deep": partial(fasdr, deep=True),
    "fasdr_light": _light,
    "resnet8": _resnet8,
    "cdcn": cdcn,
    "cdcnpp": cdcnpp,
    "dtn": dtn,
    "rfmetafas": rfmetafas,
}

MAP_TEACHERS: Mapping[str, Factory] = {
    "fasdr_light": partial(_light, ending="teacher"),
    "resnet8": partial(_resnet8, ending="teacher"),
}


def detector(name: str, *, width: int | None = None) -> Detector:
    """The detector called `name`, its weights drawn from torch's generator.

    width: filters of its first layer, the others in proportion; None is the paper's.  Raises UsageError for an unknown
    name.

    >>> detector("fasdr", width=32).name
    'fasdr'
    """
    return _made("detector", DETECTORS, name, width)


def map_teacher(name: str, *, width: int | None = None) -> Detector:
    """The meta-teacher's network called `name`: its map is raw, for a sigmoid to follow.

    >>> import torch
    >>> map_teacher("fasdr_light")(torch.rand(1, 3, 64, 64)).shape
    torch.Size([1, 1, 8, 8])
    """
    return _made("map teacher", MAP_TEACHERS, name, width)


def _made(kind: str, factories: Mapping[str, Factory], name: str, width: int | None) -> Detector:
    if name not in factories:
        near = get_close_matches(name, factories, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise UsageError(f"{kind} {name!r} does not exist{hint} There are {', '.join(factories)}")
    if width is not None and width < 1:
        raise UsageError(f"{kind} {name}: width {width}; it is the number of filters of its first layer, 1 or more")
    return factories[name]() if width is None else factories[name](width=width)
