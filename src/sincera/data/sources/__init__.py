"""One file a data set: the grammar of its owner's names, and the reader that turns its folder into clips.

A new data set is a module with `grid`, `path(cell)` and `read(root, domain)`, and one line in `_KNOWN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from sincera.data.sources.listing import Listing, SetAside
from sincera.errors import UsageError

__all__ = ["FOLDER", "LONG_NAMES", "SOURCES", "Listing", "Root", "SetAside", "parse_root", "parse_roots", "read_clips"]

FOLDER = "folder"
_KNOWN: Mapping[str, tuple[str, ...]] = {  # letter → module, then the names that may be typed instead of the letter
    "O": ("sincera.data.sources.oulu", "oulu-npu", "oulu"),
    "C": ("sincera.data.sources.casia", "casia-fasd", "casia-mfsd", "casia"),
    "I": ("sincera.data.sources.replay", "replay-attack", "replay"),
    "M": ("sincera.data.sources.msu", "msu-mfsd", "msu"),
    "S": ("sincera.data.sources.celeba", "celeba-spoof", "celeba"),
    "W": ("sincera.data.sources.siwm", "siw-m", "siwm"),
    "V": ("sincera.data.sources.siwmv2", "siw-mv2", "siwmv2"),
    FOLDER: ("sincera.data.sources.folder",),
}
SOURCES: Mapping[str, str] = {key: module for key, (module, *_) in _KNOWN.items()}
LONG_NAMES: Mapping[str, str] = {name: key for key, (_, *names) in _KNOWN.items() for name in names}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Root(NamedTuple):
    """NAME=ROOT as typed: the domain, the source that reads it, and the folder."""

    domain: str
    key: str
    path: Path


def domain_of(name: str) -> str:
    """The domain that a name stands for: the long names of the known sets are their letters.

    >>> domain_of("OULU-NPU"), domain_of("webcam")
    ('O', 'webcam')
    """
    return LONG_NAMES.get(name.lower(), name)


def key_of(domain: str) -> str:
    """The source that reads a domain."""
    return domain if domain in SOURCES else FOLDER


def parse_root(text: str) -> Root:
    """Take NAME=ROOT apart.  UsageError where it is not of that form or the name would not fit into a protocol's.

    >>> parse_root("replay-attack=data/replay")
    Root(domain='I', key='I', path=PosixPath('data/replay'))
    """
    name, equals, path = text.partition("=")
    if not equals or not path or not name:
        raise UsageError(
            f"{text!r}: expected NAME=FOLDER, as O=/data/oulu for OULU-NPU or office=/data/office for your own"
        )
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{text!r}: the name {name!r} may hold letters, digits, '.', '_' and '-' only. Choose another."
        )
    letters = [letter for letter in SOURCES if len(letter) == 1]
    if len(name) > 1 and all(letter in letters for letter in name):
        raise UsageError(
            f"{text!r}: {name!r} would be read as the domains {'+'.join(name)}. Give the set another name."
        )
    domain = domain_of(name)
    return Root(domain, key_of(domain), Path(path).expanduser())


def parse_roots(texts: Iterable[str]) -> tuple[Root, ...]:
    """Several NAME=ROOT; UsageError where two have the same domain."""
    roots = tuple(parse_root(text) for text in texts)
    for index, root in enumerate(roots):
        twin = next((other for other in roots[:index] if other.domain == root.domain), None)
        if twin is not None:
            raise UsageError(f"domain {root.domain} is given twice: {twin.path} and {root.path}. Give one of them.")
    return roots


def read_clips(
    domain: str, key: str, root: Path, *, enrolment: bool = False, splits: str | None = None, seed: int = 0
) -> Listing:
    """The clips of a root, by the source that `key` names.

    enrolment: Replay-Attack's enrolment clips too, as live.  splits, seed: divide a folder set's subjects.  Both
    concern the sets that know them and leave the others alone.  LayoutError where the folder is not that data set.
    """
    if key not in SOURCES:
        raise UsageError(f"source {key!r} is none of {', '.join(SOURCES)}")
    source = import_module(SOURCES[key])
    options = {"enrolment": enrolment, "splits": splits, "seed": seed}
    listing: Listing = source.read(root, domain, **{name: options[name] for name in source.OPTIONS})
    return listing
