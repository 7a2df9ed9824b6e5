"""One's own protocol from a small TOML file.

    name = "new-phones"

    [[train]]
    domains = ["O"]
    splits = ["train", "dev"]
    conditions = { phone = ["1", "2", "3"] }

    [[test]]
    domains = ["O", "office"]
    splits = ["test"]
    attacks = ["print/*", "unknown"]

Each of `train`, `dev` and `test` takes the clips of any of its tables. Where `dev` has none of a source, a fifth of its
train people validate.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from sincera.clip import SPLITS, Label
from sincera.data.protocols.protocol import Protocol, Validation
from sincera.data.protocols.selector import Selector
from sincera.data.sources import domain_of
from sincera.errors import ProtocolError

_TOP = ("name", "train", "dev", "test")
_KEYS = ("domains", "splits", "labels", "attacks", "subjects", "conditions")


def from_toml(file: Path, *, validation: Validation = "source", seed: int = 0) -> Protocol:
    """Read a protocol.  ProtocolError names the key that is unknown, missing or of another type."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ProtocolError(f"{file}: cannot be read as TOML ({error})") from error
    _refuse_unknown(found, _TOP, f"{file}")
    train, dev, test = (_selectors(found.get(part, []), f"{file}, [[{part}]]") for part in SPLITS)
    for part, selectors in (("train", train), ("test", test)):
        if not selectors:
            raise ProtocolError(f'{file}: no [[{part}]]. Write one with domains = ["…"] at least.')
    return Protocol(
        name=_text(found.get("name", file.stem), f"{file}: name"),
        sources=_all_domains(train),
        targets=_all_domains(test),
        train=train,
        dev=dev,
        test=test,
        validation=validation,
        seed=seed,
    )


def _all_domains(selectors: tuple[Selector, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(domain for selector in selectors for domain in selector.domains))


def _selectors(tables: Any, where: str) -> tuple[Selector, ...]:
    if isinstance(tables, Mapping):
        tables = [tables]
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise ProtocolError(f"{where}: expected tables of {', '.join(_KEYS)}, found {tables!r}")
    return tuple(_selector(table, where) for table in tables)


def _selector(table: Mapping[str, Any], where: str) -> Selector:
    _refuse_unknown(table, _KEYS, where)
    texts = {key: _texts(table[key], f"{where}: {key}") for key in _KEYS if key in table and key != "conditions"}
    if not texts.get("domains"):
        raise ProtocolError(f'{where}: domains is missing. Write domains = ["O"], with the names given as NAME=ROOT.')
    for key, known in (("splits", SPLITS), ("labels", tuple(Label))):
        odd = [text for text in texts.get(key, ()) if text not in known]
        if odd:
            raise ProtocolError(f"{where}: {key} {odd[0]!r} is none of {', '.join(known)}")
    conditions = table.get("conditions", {})
    if not isinstance(conditions, Mapping):
        raise ProtocolError(f'{where}: expected conditions = {{ phone = ["1", "2"] }}, found {conditions!r}')
    return Selector(
        domains=tuple(map(domain_of, texts["domains"])),
        splits=cast(Any, texts.get("splits", ())),
        labels=tuple(map(Label, texts.get("labels", ()))),
        attacks=texts.get("attacks", ()),
        subjects=texts.get("subjects", ()),
        conditions={name: _texts(value, f"{where}: conditions.{name}") for name, value in conditions.items()},
    )


def _texts(value: Any, where: str) -> tuple[str, ...]:
    """A text, a whole number or a list of them, as texts."""
    values = value if isinstance(value, list) else [value]
    return tuple(_text(str(item) if type(item) is int else item, where) for item in values)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ProtocolError(f"{where}: expected text, found {value!r}")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            raise ProtocolError(
                f"{where}: unknown key {key!r}; {f'did you mean {near[0]}' if near else 'expected'} "
                f"({', '.join(known)})"
            )
