"""How protocols are spelled: `OCI:M`, `nuaa+O+C:webcam`, `oulu/1`, `siwm/Replay`, or a TOML file of one's own."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from sincera.clip import SPLITS, Split
from sincera.data.protocols.celeba import CELEBA, celeba
from sincera.data.protocols.listing import PROTOCOLS, runs_of
from sincera.data.protocols.own import from_toml
from sincera.data.protocols.protocol import CONVENTIONS, VALIDATIONS, Convention, Protocol, Validation
from sincera.data.protocols.selector import Selector
from sincera.data.protocols.siwm import FIRST, SECOND, SIWM, SIWM_V2, siwm
from sincera.data.sources import FOLDER, SOURCES, domain_of
from sincera.data.sources.oulu import ACCESSES
from sincera.data.sources.oulu_lists import PROTOCOLS as OULU
from sincera.data.sources.oulu_lists import OuluProtocol
from sincera.errors import ProtocolError

_SOURCE_SPLITS: dict[Convention, tuple[Split, ...]] = {"all": ("train", "test"), "whole": SPLITS, "split": ("train",)}
_TARGET_SPLITS: dict[Convention, tuple[Split, ...]] = {"all": ("train", "test"), "whole": SPLITS, "split": ("test",)}


def parse_protocol(
    name: str, *, lists: Convention = "all", validation: Validation = "source", seed: int = 0
) -> Protocol:
    """The protocol of a name, or of the TOML file that it ends in.

    lists: the convention of a cross-data-set protocol; owners' and TOML protocols say themselves what they take.
    seed: draws the validation people.  ProtocolError for a name that is none.

    >>> parse_protocol("nuaa+O+C:webcam").sources
    ('nuaa', 'O', 'C')
    >>> parse_protocol("OCI:M").title, parse_protocol("oulu/4/6").name
    ('OCI→M', 'oulu/4/6')
    """
    if lists not in CONVENTIONS:
        raise ProtocolError(f"lists {lists!r} is none of {', '.join(CONVENTIONS)}")
    if validation not in VALIDATIONS:
        raise ProtocolError(f"validation {validation!r} is none of {', '.join(VALIDATIONS)}")
    if name.endswith(".toml"):
        return from_toml(Path(name), validation=validation, seed=seed)
    spelled = name.replace("→", ":")
    if ":" in spelled:
        before, _, after = spelled.partition(":")
        sources, targets = _domains(before, name), _domains(after, name)
        return cross(sources, targets, lists=lists, validation=validation, seed=seed)
    found = next((protocol for protocol in OULU if f"oulu/{protocol.name}" == name), None)
    if found is not None:
        return oulu(found, validation=validation, seed=seed)
    if name in CELEBA:
        return celeba(name, validation=validation, seed=seed)
    if name in SIWM or name in SIWM_V2:
        return siwm(name, validation=validation, seed=seed)
    raise ProtocolError(f"protocol {name!r}: {_nearest(name)}. `sincera protocols` lists them.")


def cross(
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    *,
    lists: Convention = "all",
    validation: Validation = "source",
    seed: int = 0,
) -> Protocol:
    """Train on some domains, test on others.

    lists: `all` takes train and test parts on both sides and no dev part, as SSDG's published lists do; `whole` takes
    every clip; `split` takes the sources' train and the targets' test parts.  Under `whole` dev people train only with
    validation "none"; else they validate.
    """
    shared = sorted(set(sources) & set(targets))
    if shared:
        raise ProtocolError(
            f"domain {shared[0]} is source and target at once. Within one set use its own protocols (oulu/1) or a TOML."
        )
    if any({FIRST, SECOND} == {source, target} for source in sources for target in targets):
        raise ProtocolError(
            f"{FIRST} and {SECOND} are SiW-M and SiW-Mv2, which share people and videos: one cannot test the other."
        )
    source_splits = _SOURCE_SPLITS["all" if lists == "whole" and validation == "source" else lists]
    return Protocol(
        name=f"{_spelled(sources)}:{_spelled(targets)}",
        sources=sources,
        targets=targets,
        train=(Selector(sources, source_splits),),
        dev=(Selector(sources, ("dev",)),),
        test=(Selector(targets, _TARGET_SPLITS[lists]),),
        lists=lists,
        validation=validation,
        seed=seed,
    )


def oulu(protocol: OuluProtocol, *, validation: Validation = "source", seed: int = 0) -> Protocol:
    """One of OULU-NPU's own fourteen protocols; its dev list follows the conditions of training."""
    train, dev, test = (_oulu_selector(protocol, split) for split in SPLITS)
    return Protocol(
        f"oulu/{protocol.name}", ("O",), ("O",), (train,), (dev,), (test,), validation=validation, seed=seed
    )


def _oulu_selector(protocol: OuluProtocol, split: Split) -> Selector:
    return Selector(
        domains=("O",),
        splits=(split,),
        attacks=tuple(ACCESSES[access] for access in protocol.accesses(split) if ACCESSES[access]),
        conditions={
            "phone": tuple(map(str, protocol.phones(split))),
            "session": tuple(map(str, protocol.sessions(split))),
        },
    )


def _domains(text: str, name: str) -> tuple[str, ...]:
    """The domains of one side: joined by +, or letters of known sets written together."""
    found: list[str] = []
    for part in text.split("+"):
        letters = len(part) > 1 and all(_is_letter(character) for character in part)
        found += list(part) if letters else [domain_of(part)]
    if not all(found):
        raise ProtocolError(f"protocol {name!r}: a side is empty. Write sources:target, as OCI:M or nuaa+O:webcam.")
    twice = next((domain for domain in found if found.count(domain) > 1), None)
    if twice:
        raise ProtocolError(f"protocol {name!r}: domain {twice} stands twice on one side. Name it once.")
    return tuple(found)


def _spelled(domains: tuple[str, ...]) -> str:
    return ("" if all(map(_is_letter, domains)) else "+").join(domains)


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text in SOURCES and text != FOLDER


def _nearest(name: str) -> str:
    runs = runs_of(name)
    if len(runs) > 1:
        return f"it has {len(runs)} runs, name one of {', '.join(runs)}"
    near = get_close_matches(name, PROTOCOLS, 1)
    hint = f"did you mean {near[0]}" if near else "expected sources:target"
    return f"unknown; {hint} (as OCI:M, nuaa+O:webcam, oulu/1, oulu/4/6 or my.toml)"
