"""The protocols that can be made of a set of domains, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from sincera.data.protocols.celeba import CELEBA
from sincera.data.protocols.celeba import DOMAIN as CELEBA_SPOOF
from sincera.data.protocols.siwm import FIRST, SECOND, SIWM, SIWM_V2
from sincera.data.sources.oulu_lists import PROTOCOLS as OULU

FOUR = ("O", "C", "I", "M")
_OWN: Mapping[str, Sequence[str]] = {
    "O": tuple(f"oulu/{protocol.name}" for protocol in OULU),
    CELEBA_SPOOF: tuple(CELEBA),
    FIRST: tuple(SIWM),
    SECOND: SIWM_V2,
}
OWNERS = tuple(_OWN)  # sets with protocols of their own
_USUAL = {frozenset(letters): letters for letters in ("OCI", "OMI", "OCM", "ICM", "MI")}  # the papers' order of letters


def leave_one_out(domains: Sequence[str]) -> tuple[str, ...]:
    """Every domain tested once, all others training.

    >>> leave_one_out("OCIM")
    ('ICM:O', 'OMI:C', 'OCM:I', 'OCI:M')
    """
    return tuple(_name([d for d in domains if d != target], target) for target in domains if len(domains) > 1)


def two_source(domains: Sequence[str]) -> tuple[str, ...]:
    """Every pair of domains training, every further one tested; nothing below four, where that leaves one out.

    >>> two_source("OCIM")[-2:]
    ('MI:O', 'MI:C')
    """
    if len(domains) < 4:
        return ()
    return tuple(_name(pair, target) for pair in combinations(domains, 2) for target in domains if target not in pair)


def own_of(domains: Sequence[str]) -> tuple[str, ...]:
    """The protocols that a set's owner made, where the set is among the domains."""
    return tuple(name for domain, names in _OWN.items() if domain in domains for name in names)


def runs_of(name: str) -> tuple[str, ...]:
    """The runs of which papers give the mean, for a name that stands for several; else the name itself.

    >>> runs_of("celeba/2"), runs_of("OCI:M"), len(runs_of("siwm"))
    (('celeba/2/low', 'celeba/2/middle', 'celeba/2/high'), ('OCI:M',), 13)
    """
    return tuple(run for run in own_of(OWNERS) if run.startswith(f"{name}/")) or (name,)


def _name(sources: Sequence[str], target: str) -> str:
    usual = _USUAL.get(frozenset(sources))
    return f"{usual or ('' if all(d in FOUR for d in sources) else '+').join(sources)}:{target}"


PROTOCOLS: tuple[str, ...] = (*leave_one_out(FOUR), *two_source(FOUR), *own_of(OWNERS))
