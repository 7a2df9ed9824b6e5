"""The protocols of SiW-M and SiW-Mv2: attacks that training has not seen, and what else shifts.

    siwm/Replay … siwm/PartialPaper    13, in the papers' order: one kind of attack is tested whole, with the live test
                                       videos; the other kinds train, with the live train videos
    siwmv2/1                           all kinds on both sides, by the owner's lists
    siwmv2/2/Paper, …                  14: as siwm, live videos by the owner's lists
    siwmv2/3/A … siwmv2/3/E            trained on the base; tested on it, on new attacks, race, age, illumination

Two more do what the owner's code does and its text does not say.  `siwmv2/2-as-coded/Paper` takes every kind out of
training whose names hold the word Paper, paper masks and paper glasses too; of no other kind does that make a
difference.  `siwmv2/3-as-coded` tests all five lists of protocol III as one.

No owner has a development part: a tenth of the train subjects validate, and a subject is a video, since names tell no
person.  The first version's live videos are divided by Live/Train and Live/Test, or four to one by a seed where a copy
has no such folders: see `sources/siwm.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sincera.clip import Label
from sincera.data.protocols.protocol import Protocol, Validation
from sincera.data.protocols.selector import Selector
from sincera.data.sources import siwm as first
from sincera.data.sources import siwmv2 as second
from sincera.data.sources.siwm_kinds import Kind
from sincera.data.sources.siwmv2_lists import KNOWN, SHIFTS, shift

VALIDATION_SHARE = 0.1
FIRST, SECOND = first.KEY, second.KEY
SIWM: Mapping[str, str] = {f"siwm/{kind.word}": kind.word for kind in first.KINDS}
_ONE_OUT: Mapping[str, str] = {f"siwmv2/2/{kind.word}": kind.word for kind in second.KINDS}
_SHIFTED: Mapping[str, str] = {f"siwmv2/3/{letter}": letter for letter in SHIFTS}
_AS_CODED = ("siwmv2/2-as-coded/Paper", "siwmv2/3-as-coded")
SIWM_V2: tuple[str, ...] = ("siwmv2/1", *_ONE_OUT, *_SHIFTED, *_AS_CODED)


def siwm(name: str, *, validation: Validation = "source", seed: int = 0) -> Protocol:
    """One of the protocols of either version, by its name in `SIWM` or `SIWM_V2`.

    >>> [selector.to_dict().get("attacks", "live") for selector in siwm("siwm/Replay").test]
    ['live', ['Replay']]
    >>> sorted(set(siwm("siwmv2/2/Paper").train[0].attacks) - set(siwm("siwmv2/2-as-coded/Paper").train[0].attacks))
    ['Mask_PaperMask', 'Partial_PaperGlasses']
    """
    domain = FIRST if name in SIWM else SECOND
    train, test = _first(name) if name in SIWM else _second(name)
    return Protocol(
        name, (domain,), (domain,), (train,), (), test,
        validation=validation, seed=seed, validation_share=VALIDATION_SHARE,
    )  # fmt: skip


def _first(name: str) -> tuple[Selector, tuple[Selector, ...]]:
    held = SIWM[name]
    others = tuple(kind.word for kind in first.KINDS if kind.word != held)
    return (
        Selector((FIRST,), ("train",), attacks=others),
        (Selector((FIRST,), ("test",), (Label.LIVE,)), Selector((FIRST,), labels=(Label.ATTACK,), attacks=(held,))),
    )


def _second(name: str) -> tuple[Selector, tuple[Selector, ...]]:
    if name == "siwmv2/1":
        return _listed(KNOWN, "train"), (_listed(KNOWN, "test"),)
    if name in _SHIFTED or name == "siwmv2/3-as-coded":
        letters = tuple(SHIFTS) if name not in _SHIFTED else (_SHIFTED[name],)
        return _listed(shift("A"), "train"), tuple(_listed(shift(letter), "test") for letter in letters)
    as_coded = name not in _ONE_OUT
    held = next(kind for kind in second.KINDS if kind.word == name.rpartition("/")[2])
    return (
        _listed(KNOWN, "train", attacks=tuple(_others(held, as_coded=as_coded))),
        (
            _listed(KNOWN, "test", labels=(Label.LIVE,)),
            Selector((SECOND,), labels=(Label.ATTACK,), attacks=(held.word,)),
        ),
    )


def _listed(
    condition: str, side: str, *, labels: tuple[Label, ...] = (), attacks: tuple[str, ...] = ()
) -> Selector:  # fmt: skip
    return Selector((SECOND,), labels=labels, attacks=attacks, conditions={condition: (side,)})


def _others(held: Kind, *, as_coded: bool) -> Iterable[str]:
    """The kinds that train where one is held out; as coded: those whose prefix does not contain that of the one."""
    for kind in second.KINDS:
        if held.prefix not in kind.prefix if as_coded else kind is not held:
            yield kind.word
