"""MT-FAS's protocols, in the groups of which its tables print one figure each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from sincera.data.protocols import runs_of
from sincera.data.protocols.siwm import SIWM
from sincera.papers.dtda.tasks import ONE_OUT

OULU, SIW_M, FOUR = "O", "W", "OCIM"  # domains that are simulated where nothing is given


@dataclass(frozen=True, slots=True)
class Group:
    """Protocols with one figure: a single one, or several whose mean is printed.

    title: as shown.  printed: what the paper calls it, empty where it has no such figure.
    """

    title: str
    printed: str
    protocols: tuple[str, ...]

    def within(self, protocols: Iterable[str]) -> Group | None:
        """Of these protocols alone; None where there is none.  What is left of several is no printed figure any more.

        >>> OULU_GROUPS[3].within(["oulu/4/2", "oulu/4/5"])
        Group(title='OULU-NPU 4, 2 of 6 parts', printed='', protocols=('oulu/4/2', 'oulu/4/5'))
        """
        kept = tuple(name for name in self.protocols if name in set(protocols))
        if len(kept) == len(self.protocols):
            return self
        return Group(f"{self.title}, {len(kept)} of {len(self.protocols)} parts", "", kept) if kept else None


OULU_GROUPS = tuple(
    Group(f"OULU-NPU {number}", f"OULU-NPU {number}", tuple(runs_of(f"oulu/{number}"))) for number in range(1, 5)
)
_SPELLED: Mapping[str, str] = {
    "HalfMask": "Half Mask",
    "SiliconeMask": "Silicone Mask",
    "TransparentMask": "Transparent Mask",
    "PaperMask": "Paper Mask",
    "MannequinHead": "Mannequin",
    "FunnyeyeGlasses": "Funny Eye",
    "PaperGlasses": "Paper Glasses",
    "PartialPaper": "Partial Paper",
}
SIWM_GROUPS = (
    *(Group(_SPELLED.get(word, word), f"SiW-M {_SPELLED.get(word, word)}", (name,)) for name, word in SIWM.items()),
    Group("Average", "SiW-M Average", tuple(SIWM)),
)
FOUR_GROUPS = tuple(Group(name.replace(":", "→"), printed, (name,)) for name, printed in ONE_OUT.items())


def groups_of(known: Sequence[Group], protocols: Sequence[str]) -> tuple[Group, ...]:
    """The table's groups, or what others are asked for: `oulu/4` stands for its splits.

    Those of a known group stay together, every other one stands for itself.

    >>> [group.title for group in groups_of(OULU_GROUPS, ("oulu/1", "oulu/4/2", "OC:M"))]
    ['OULU-NPU 1', 'OULU-NPU 4, 1 of 6 parts', 'OC→M']
    """
    if not protocols:
        return tuple(known)
    asked = list(dict.fromkeys(chain.from_iterable(runs_of(name) for name in protocols)))
    found = [group.within(asked) for group in known]
    there = {name for group in known for name in group.protocols}
    others = (Group(name.replace(":", "→"), "", (name,)) for name in asked if name not in there)
    made = [*(group for group in found if group is not None), *others]
    alone = {group.protocols for group in made if len(group.protocols) == 1 and group.printed}
    # The mean of one part that has a figure of its own says nothing.
    return tuple(group for group in made if group.printed or group.protocols not in alone)


def protocols_of(groups: Iterable[Group]) -> tuple[str, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(chain.from_iterable(group.protocols for group in groups)))
