"""CelebA-Spoof's 44 integers of a picture: 40 attributes of CelebA, spoof type, illumination, environment, label.

Label 43 is 0 for live and 1 for spoof. The attributes belong to live pictures; spoof ones have zeros that say nothing.
A list in text form has the label alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sincera.clip import Label

ATTRIBUTES = (  # CelebA's words in CelebA's order
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips", "Big_Nose",
    "Black_Hair", "Blond_Hair", "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin", "Eyeglasses",
    "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones", "Male", "Mouth_Slightly_Open", "Mustache",
    "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks",
    "Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick",
    "Wearing_Necklace", "Wearing_Necktie", "Young",
)  # fmt: skip
TYPE, ILLUMINATION, ENVIRONMENT, SPOOF = 40, 41, 42, 43  # places in the row
SPECIES = (  # by spoof type
    "", "photo", "poster", "a4", "face_mask", "upper_body_mask", "region_mask", "pc", "pad", "phone", "3d_mask",
)  # fmt: skip
MEDIA: Mapping[str, str] = (  # the owner's coarse groups
    dict.fromkeys(SPECIES[1:4], "print")
    | dict.fromkeys(SPECIES[4:7], "paper_cut")
    | dict.fromkeys(SPECIES[7:10], "replay")
    | {"3d_mask": "3d"}
)
ILLUMINATIONS = ("", "normal", "strong", "back", "dark")
ENVIRONMENTS = ("", "indoor", "outdoor")
UNKNOWN = "unknown"  # the species of an attack whose type nobody named


class Attributes(Mapping[str, float]):
    """Attributes by name as 0.0 and 1.0, a byte each: a dict for every picture of the release would fill the memory.

    >>> Attributes(("Bald", "Male"), b"\\0\\1")["Male"]
    1.0
    """

    __slots__ = ("_names", "_values")

    def __init__(self, names: tuple[str, ...], values: bytes) -> None:
        self._names = names
        self._values = values

    def __getitem__(self, name: str) -> float:
        try:
            return float(self._values[self._names.index(name)])
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"Attributes({dict(self)})"


@dataclass(frozen=True, slots=True)
class Row:
    """What the owner says of one picture. values: the 44 integers as bytes, or the label alone as one.

    >>> row = Row(pack([0] * 40 + [3, 2, 1, 1]))
    >>> row.label.value, row.attack, row.conditions
    ('attack', 'a4', {'medium': 'print', 'illumination': 'strong', 'environment': 'indoor'})
    """

    values: bytes

    @property
    def label(self) -> Label:
        return Label.ATTACK if self.values[-1] else Label.LIVE

    @property
    def attack(self) -> str:
        """The species in the owner's words; "" for live, `unknown` for an attack of type 0."""
        if not self.values[-1]:
            return ""
        return (SPECIES[self.values[TYPE]] if self.whole else "") or UNKNOWN

    @property
    def whole(self) -> bool:
        """All 44 integers are there."""
        return len(self.values) > 1

    @property
    def conditions(self) -> dict[str, str]:
        """Medium, illumination and environment of an attack; of live pictures the owner states none."""
        if not self.values[-1] or not self.whole:
            return {}
        found = {
            "medium": MEDIA.get(self.attack, ""),
            "illumination": ILLUMINATIONS[self.values[ILLUMINATION]],
            "environment": ENVIRONMENTS[self.values[ENVIRONMENT]],
        }
        return {name: word for name, word in found.items() if word}

    def attributes(self, known: tuple[str, ...] = ATTRIBUTES) -> Mapping[str, float]:
        """Those of a live picture, of which a simulated world knows only some; none of an attack."""
        if self.values[-1] or not self.whole:
            return {}
        if known is ATTRIBUTES:
            return Attributes(ATTRIBUTES, self.values[: len(ATTRIBUTES)])
        return Attributes(known, bytes(self.values[ATTRIBUTES.index(name)] for name in known))


def pack(numbers: Sequence[int]) -> bytes:
    """The 44 integers of a picture, checked.  ValueError says which one is not of the owner's codes.

    >>> pack([0] * 43)
    Traceback (most recent call last):
    ValueError: 43 integers, expected 44
    """
    if len(numbers) != SPOOF + 1:
        raise ValueError(f"{len(numbers)} integers, expected {SPOOF + 1}")
    values = bytes(numbers)
    limits = (SPECIES, ILLUMINATIONS, ENVIRONMENTS, (0, 1))
    for place, codes in zip((TYPE, ILLUMINATION, ENVIRONMENT, SPOOF), limits, strict=True):
        if values[place] >= len(codes):
            raise ValueError(f"integer {place} is {values[place]}, expected 0 to {len(codes) - 1}")
    if max(values[:TYPE]) > 1:
        raise ValueError("an attribute is neither 0 nor 1")
    return values


def numbers(attributes: Iterable[str], species: str = "", illumination: str = "", environment: str = "") -> list[int]:
    """The 44 integers in the owner's order: attributes that hold (live), or the codes of an attack."""
    holding = set(attributes)
    row = [int(name in holding) for name in ATTRIBUTES]
    row += [SPECIES.index(species), ILLUMINATIONS.index(illumination), ENVIRONMENTS.index(environment)]
    return [*row, int(bool(species))]
