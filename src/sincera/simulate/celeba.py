"""Which pictures a simulated CelebA-Spoof holds: people, species, light and environment codes, and the owner's lists.

    OUT/S/Data/{train,test}/<subject>/{live,spoof}/NNNNNN.{jpg,png}, NNNNNN_BB.txt, NNNNNN.truth.npz
    OUT/S/metas/…

Every person has live pictures and attacks of several species, each in a light, an environment and by a capture device
of one quality, all spread evenly. intra_test divides people as the folders do; the protocols move the last of the train
people to their test side, as the owner's lists do not follow the folders either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sincera.data.sources.celeba import KEY
from sincera.data.sources.celeba_labels import ENVIRONMENTS, ILLUMINATIONS, SPECIES, numbers
from sincera.data.sources.celeba_lists import INTRA, LISTS, QUALITIES, SIDES, format_lists
from sincera.errors import UsageError
from sincera.simulate.heads.identity import draw_attributes
from sincera.simulate.heads.records import Attributes

UNSEEN = ("a4", "face_mask", "pc")  # protocol 1 tests these and trains on the others
FIRST_SUBJECT = {"train": 101, "test": 9001}
STEP = 37  # between subjects' ids: the owner's have gaps
DOMAIN_SEED = 11  # keeps these people apart from those of the other domains
YOUNG = 40.0  # years; CelebA's annotators judged by looks
KNOWN = (  # CelebA's attributes that the simulator knows; of the others the lists hold zeros that say nothing
    "5_o_Clock_Shadow", "Bald", "Black_Hair", "Blond_Hair", "Brown_Hair", "Eyeglasses", "Goatee", "Gray_Hair", "Male",
    "Mustache", "No_Beard", "Young",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """people: of train and test.  live, attacks: pictures of one.  longer: longer side of a picture in pixels."""

    people: tuple[int, int]
    live: int
    attacks: int
    longer: int


SCALES: Mapping[str, Scale] = {
    "mini": Scale((4, 2), 2, 5, 240),
    "tiny": Scale((12, 6), 4, 8, 320),
    "small": Scale((48, 24), 6, 10, 400),
}


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """One picture.  species, illumination, environment: empty for live.  quality: of the device that took it."""

    path: str
    species: str
    illumination: str
    environment: str
    quality: str

    @property
    def annotation(self) -> str:
        """Its box file."""
        return self.path.rpartition(".")[0] + "_BB.txt"


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """One person: the seed of the identity, what it looks like, its side in the owner's lists, its pictures."""

    identity: int
    attributes: Attributes
    part: str
    side: str
    pictures: tuple[PicturePlan, ...]


@dataclass(frozen=True)
class CelebaPlan:
    """All people of the domain at one scale."""

    key: str
    scale: Scale
    people: tuple[PersonPlan, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every picture, below the root."""
        return tuple(picture.path for person in self.people for picture in person.pictures)

    @cached_property
    def side_files(self) -> Mapping[str, str]:
        """The owner's lists: path → text."""
        members: dict[str, dict[str, list[int]]] = {f"{name}/{side}": {} for name in LISTS for side in SIDES}
        for person in self.people:
            holding = celeba_attributes(person.attributes)
            for picture in person.pictures:
                row = numbers(
                    () if picture.species else holding, picture.species, picture.illumination, picture.environment
                )
                for name in LISTS:
                    if side := _side(name, person, picture):
                        members[f"{name}/{side}"][picture.path] = row
        return format_lists(members)


def plan_celeba(scale: str, seed: int = 0) -> CelebaPlan:
    """The plan of one scale.  UsageError names the scales.

    >>> plan = plan_celeba("mini")
    >>> len(plan.people), len(plan.paths)
    (6, 42)
    """
    if scale not in SCALES:
        raise UsageError(
            f"scale {scale!r} does not exist for {KEY}: the release has 561,575 pictures; choose one of "
            f"{', '.join(SCALES)}"
        )
    size = SCALES[scale]
    parts = [(part, order) for part, count in zip(SIDES, size.people, strict=True) for order in range(count)]
    return CelebaPlan(
        KEY, size, tuple(_person(size, place, part, order, seed) for place, (part, order) in enumerate(parts))
    )


def _person(scale: Scale, place: int, part: str, order: int, seed: int) -> PersonPlan:
    identity = int(np.random.SeedSequence((seed, DOMAIN_SEED, place)).generate_state(1)[0])
    attributes = draw_attributes(np.random.default_rng([identity, 1]), {})
    subject = FIRST_SUBJECT[part] + STEP * order
    last = part == "train" and order == scale.people[0] - 1
    first = place * (scale.live + scale.attacks) + 1
    suffix = "jpg" if part == "train" else "png"
    kinds = [("", "", "", QUALITIES[(place + k) % 3]) for k in range(scale.live)]
    kinds += [_codes(place * scale.attacks + k) for k in range(scale.attacks)]
    pictures = tuple(
        PicturePlan(f"Data/{part}/{subject}/{'spoof' if kind[0] else 'live'}/{first + k:06d}.{suffix}", *kind)
        for k, kind in enumerate(kinds)
    )
    return PersonPlan(identity, attributes, part, "test" if last else part, pictures)


def _codes(number: int) -> tuple[str, str, str, str]:
    """Species, illumination, environment and device by turns; each round of species goes on with the next of others."""
    turn = number + number // 10
    light, place = ILLUMINATIONS[1 + turn % 4], ENVIRONMENTS[1 + (turn // 2 + number // 40) % 2]
    return SPECIES[1 + number % 10], light, place, QUALITIES[turn % 3]


def _side(name: str, person: PersonPlan, picture: PicturePlan) -> str | None:
    """The side of a list that names this picture; None where the list leaves it out."""
    if name == INTRA:
        return person.part
    if not picture.species:
        return person.side
    held_out = picture.species in UNSEEN if name == "protocol1" else picture.quality == name.rpartition("/")[2]
    return person.side if held_out == (person.side == "test") else None


def celeba_attributes(person: Attributes) -> tuple[str, ...]:
    """Those of CelebA's attributes that hold, as far as `KNOWN` goes.

    >>> from sincera.simulate.heads import make_person
    >>> celeba_attributes(make_person(3, sex=1.0, age=61, hair_style="bald", beard="full", glasses="none").attributes)
    ('Bald', 'Male', 'Mustache')
    """
    hair = "" if person.hair_style == "bald" else person.hair_colour
    holds = {
        "5_o_Clock_Shadow": person.beard == "stubble",
        "Bald": person.hair_style == "bald",
        "Black_Hair": hair == "black",
        "Blond_Hair": hair == "blond",
        "Brown_Hair": hair in ("dark brown", "brown", "light brown"),
        "Eyeglasses": person.glasses != "none",
        "Goatee": person.beard == "goatee",
        "Gray_Hair": hair in ("grey", "white"),
        "Male": person.sex > 0.5,
        "Mustache": person.beard in ("moustache", "full"),
        "No_Beard": person.beard == "none",
        "Young": person.age < YOUNG,
    }
    return tuple(name for name in KNOWN if holds[name])
