"""A protocol, and how it divides clips so that no person stands on two sides and no clip in two lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sincera.clip import Clip, Label
from sincera.data.protocols.selector import Selector
from sincera.data.sources import FOLDER, key_of
from sincera.data.subjects import draw_subjects, natural
from sincera.errors import ProtocolError

Convention = Literal["all", "whole", "split"]
CONVENTIONS: tuple[Convention, ...] = get_args(Convention)
Validation = Literal["source", "none"]
VALIDATIONS: tuple[Validation, ...] = get_args(Validation)
VALIDATION_SHARE = 0.2  # of the train people, where the owner has no development part
Clips: TypeAlias = tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Lists:
    """The clips of one protocol, each list in order of domain and name; notes: what the division decided, in words."""

    train: Clips
    dev: Clips
    test: Clips
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, dict[str, int]]:
        """{"train": {"live": …, "attack": …, "subjects": …}, "dev": …, "test": …}"""
        return {name: _counts(clips) for name, clips in (("train", self.train), ("dev", self.dev), ("test", self.test))}


@dataclass(frozen=True, slots=True)
class Protocol:
    """Who trains, who validates, who is tested.

    lists: the convention of a cross-data-set protocol, None where the protocol itself says which splits.
    validation: "source" keeps people of the sources aside for choosing checkpoints and thresholds: `dev` where it
    selects something, a seeded share of the train people elsewhere.  "none" trains on everybody.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    train: tuple[Selector, ...]
    dev: tuple[Selector, ...]
    test: tuple[Selector, ...]
    lists: Convention | None = None
    validation: Validation = "source"
    seed: int = 0
    validation_share: float = VALIDATION_SHARE

    @property
    def title(self) -> str:
        """The name as papers show it: OCI→M."""
        return self.name.replace(":", "→")

    @property
    def domains(self) -> tuple[str, ...]:
        """All domains whose clips are needed."""
        return tuple(dict.fromkeys((*self.sources, *self.targets)))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON for run.json; the share of people who validate where it is not the usual one."""
        share = {} if self.validation_share == VALIDATION_SHARE else {"validation_share": self.validation_share}
        return {
            "name": self.name,
            "sources": list(self.sources),
            "targets": list(self.targets),
            "lists": self.lists,
            "validation": self.validation,
            "seed": self.seed,
            **share,
            "train": [selector.to_dict() for selector in self.train],
            "dev": [selector.to_dict() for selector in self.dev],
            "test": [selector.to_dict() for selector in self.test],
        }

    def divide(self, clips: Iterable[Clip]) -> Lists:
        """The three lists.  Clips of other domains are passed over; the order of the clips does not matter.

        A person whom two lists would share stays in the later one (test before dev before train), with a note.
        ProtocolError where a domain has no clips, the training list lacks a class, or the test list is empty.
        """
        ours = sorted(
            (clip for clip in clips if clip.domain in self.domains), key=lambda c: (c.domain, natural(c.name))
        )
        absent = [domain for domain in self.domains if all(clip.domain != domain for clip in ours)]
        if absent:
            raise ProtocolError(
                f"protocol {self.title}: no clips of domain {', '.join(absent)}. Give {absent[0]}=FOLDER too."
            )
        undivided = {domain for domain in self.domains if _undivided(ours, domain)}
        train = _taken(ours, self.train, undivided)
        test = _taken(ours, self.test, undivided)
        dev: Clips = ()
        notes: list[str] = []
        if self.validation == "source":
            dev, notes = self._validation(ours, train)
        train, dev, test, dropped = _disjoint(train, dev, test)
        lists = Lists(train, dev, test, (*notes, *dropped, *_thoughts(dev, test)))
        self._refuse_useless(lists, ours)
        return lists

    def _validation(self, clips: Sequence[Clip], train: Clips) -> tuple[Clips, list[str]]:
        """The development parts of the sources; where one has none, the train clips of the people drawn."""
        dev = list(_taken(clips, self.dev, frozenset()))
        notes = []
        for domain in self.sources:
            if any(clip.domain == domain for clip in dev):
                continue
            here = [clip for clip in train if clip.domain == domain]
            pool = [clip for clip in here if clip.split == "train"] or here
            people = {clip.subject for clip in pool}
            drawn = draw_subjects(pool, self.validation_share, seed=self.seed, salt=domain)
            dev += [clip for clip in here if clip.subject in drawn]
            some = ", ".join(sorted(drawn, key=natural)[:8]) + (" …" if len(drawn) > 8 else "")
            notes.append(
                f"{domain}: {len(drawn)} of {len(people)} train subjects validate (seed {self.seed}): {some}"
                if drawn
                else f"{domain}: too few subjects to keep any aside for validation"
            )
        return tuple(dev), notes

    def _refuse_useless(self, lists: Lists, clips: Sequence[Clip]) -> None:
        stated = {name for clip in clips for name in clip.conditions}
        asked = {name for selector in (*self.train, *self.test) for name in selector.conditions}
        unstated = ", ".join(sorted(asked - stated))
        repair = f"No clip states {unstated}: the owner's lists are not in the folder." if unstated else ""
        if not lists.test:
            raise ProtocolError(
                f"protocol {self.title}: no clips to test on. "
                + (repair or f"Check the splits of {', '.join(self.targets)}.")
            )
        lacking = [label for label in Label if all(clip.label is not label for clip in lists.train)]
        if lacking:
            raise ProtocolError(
                f"protocol {self.title}: no {' and no '.join(lacking)} clips to train on ({len(lists.train)} in all). "
                + (repair or f"Add a source that has them, or check the splits of {', '.join(self.sources)}.")
            )


def _undivided(clips: Iterable[Clip], domain: str) -> bool:
    """A folder set all of whose clips are `train`: nobody divided it."""
    return key_of(domain) == FOLDER and all(clip.split == "train" for clip in clips if clip.domain == domain)


def _taken(clips: Iterable[Clip], selectors: Sequence[Selector], undivided: Iterable[str]) -> Clips:
    whole = frozenset(undivided)
    return tuple(
        clip for clip in clips if any(selector.takes(clip, any_split=clip.domain in whole) for selector in selectors)
    )


def _disjoint(train: Clips, dev: Clips, test: Clips) -> tuple[Clips, Clips, Clips, list[str]]:
    """Take people out of the earlier list whom a later one has; validation people leaving `train` is the plan."""
    notes = []
    tested, validating = {clip.person for clip in test}, {clip.person for clip in dev}
    kept_dev = tuple(clip for clip in dev if clip.person not in tested)
    kept_train = tuple(clip for clip in train if clip.person not in tested | validating)
    lost = {clip.person for clip in (*train, *dev)} & tested
    if lost:
        some = ", ".join(sorted(lost, key=natural)[:8]) + (" …" if len(lost) > 8 else "")
        notes.append(f"{len(lost)} subjects are tested and therefore left out of training and validation: {some}")
    return kept_train, kept_dev, test, notes


def _thoughts(dev: Clips, test: Clips) -> Iterator[str]:
    for name, clips in (("dev", dev), ("test", test)):
        lacking = [label for label in Label if all(clip.label is not label for clip in clips)]
        if clips and lacking:
            yield f"{name} has no {' and no '.join(lacking)} clips"


def _counts(clips: Clips) -> dict[str, int]:
    live = sum(clip.label is Label.LIVE for clip in clips)
    return {"live": live, "attack": len(clips) - live, "subjects": len({clip.person for clip in clips})}
