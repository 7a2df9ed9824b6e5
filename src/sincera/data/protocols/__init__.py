"""Who trains, who validates, who is tested: protocols as frozen values that divide clips into three lists."""

from __future__ import annotations

from sincera.data.protocols.celeba import CELEBA, celeba
from sincera.data.protocols.listing import PROTOCOLS, leave_one_out, runs_of, two_source
from sincera.data.protocols.names import cross, oulu, parse_protocol
from sincera.data.protocols.own import from_toml
from sincera.data.protocols.protocol import Convention, Lists, Protocol, Validation
from sincera.data.protocols.selector import Selector
from sincera.data.protocols.siwm import SIWM, SIWM_V2, siwm

__all__ = [
    "CELEBA",
    "PROTOCOLS",
    "SIWM",
    "SIWM_V2",
    "Convention",
    "Lists",
    "Protocol",
    "Selector",
    "Validation",
    "celeba",
    "cross",
    "from_toml",
    "leave_one_out",
    "oulu",
    "parse_protocol",
    "runs_of",
    "siwm",
    "two_source",
]
