"""Which clips a simulated world holds: a part of each owner's grid, people and conditions spread evenly over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sincera.clip import Split
from sincera.data.sources import casia, msu, oulu, replay, siwm
from sincera.data.sources.annotations import Form
from sincera.errors import UsageError
from sincera.simulate.camera import resolution
from sincera.simulate.domains import DOMAINS, Device, DomainKey

OFFICIAL = 10**6
Item = TypeVar("Item")
FLAT = ("Replay", "Print")  # of W's kinds of attack; the others are worn


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a world is.

    people: most people of a split, by domains with and without a dev part.  live, attacks: most clips a person.
    frames: of a clip.  longer: longer side of a frame in pixels.  takes: how often a person sat down: clips of one
    take share its rendered heads.  alone: clips of W, whose people have one each: live train, live test, of each kind.
    """

    people: Mapping[str, int]
    people_without_dev: Mapping[str, int]
    live: int
    attacks: int
    frames: int
    longer: int
    takes: int
    fps: int
    alone: tuple[int, int, int]


SCALES: Mapping[str, Scale] = {
    "mini": Scale({"train": 2, "dev": 1, "test": 1}, {"train": 2, "test": 2}, 2, 2, 5, 320, 1, 10, (5, 3, 1)),
    "tiny": Scale({"train": 4, "dev": 2, "test": 4}, {"train": 5, "test": 5}, 3, 3, 13, 480, 2, 10, (32, 8, 4)),
    "small": Scale({"train": 8, "dev": 5, "test": 7}, {"train": 10, "test": 10}, 5, 7, 20, 480, 3, 10, (128, 32, 12)),
    "paper": Scale(dict.fromkeys(("train", "dev", "test"), OFFICIAL), dict.fromkeys(("train", "test"), OFFICIAL),
                   OFFICIAL, OFFICIAL, 60, 640, 6, 25, (OFFICIAL, OFFICIAL, OFFICIAL)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """One clip to be written. fills: whether its medium fills the frame, None for live and for what is worn.
    number: within its person."""

    domain: DomainKey
    path: str
    annotation: tuple[Form, str] | None
    subject: str
    species: str
    device: str
    size: tuple[int, int]
    frames: int
    fps: int
    number: int
    take: int
    support: str
    fills: bool | None
    still: bool | None
    rotation: int
    adverse: bool


@dataclass(frozen=True, slots=True)
class DomainPlan:
    """All clips of a domain by person, and the owner's lists over them: path → text."""

    key: DomainKey
    people: tuple[tuple[ClipPlan, ...], ...]
    side_files: Mapping[str, str]

    @property
    def clips(self) -> tuple[ClipPlan, ...]:
        return tuple(clip for person in self.people for clip in person)


def plan_world(scale: str, domains: Iterable[str] = "OCIM") -> tuple[DomainPlan, ...]:
    """The plan of each domain.  UsageError names what exists.

    >>> [len(domain.clips) for domain in plan_world("tiny")]
    [60, 60, 60, 60]
    """
    if scale not in SCALES:
        raise UsageError(f"scale {scale!r} does not exist; choose one of {', '.join(SCALES)}")
    keys = tuple(domains)
    unknown = [key for key in keys if key not in DOMAINS]
    if unknown or not keys:
        raise UsageError(f"domain {unknown or ''!r} cannot be simulated; choose from {', '.join(DOMAINS)}")
    return tuple(_PLANS[key](SCALES[scale]) for key in DOMAINS if key in keys)


def _first(numbers: Iterable[Item], most: int) -> list[Item]:
    """Evenly spread over the owner's ids, so that odd and even ones and both ends occur."""
    ids = list(numbers)
    if most >= len(ids):
        return ids
    return [ids[(2 * i + 1) * len(ids) // (2 * most)] for i in range(most)]


def _turn(items: list[Any], by: int, most: int) -> list[Any]:
    """At most `most` items, starting at another one for each person."""
    by %= len(items)
    return (items[by:] + items[:by])[:most]


def _size(device: Device, longer: int) -> tuple[int, int]:
    shape = (1000 * device.shape, 1000.0)
    return resolution((int(shape[0]), int(shape[1])), device.longer or longer)


def _clip(
    key: DomainKey, scale: Scale, number: int, cell: Any, path: str, device: str, *,
    annotation: tuple[Form, str] | None, support: str = "hand", still: bool | None = None, rotation: int = 0,
    adverse: bool = False, frames: int | None = None,
) -> ClipPlan:  # fmt: skip
    made = DOMAINS[key].devices[device]
    return ClipPlan(
        domain=key, path=path, annotation=annotation, subject=cell.subject, species=cell.attack, device=device,
        size=_size(made, scale.longer), frames=frames or scale.frames, fps=scale.fps, number=number,
        take=number % scale.takes, support=support, fills=None if not cell.attack else number % 2 == 0, still=still,
        rotation=rotation, adverse=adverse,
    )  # fmt: skip


def _numbered(lives: list[Any], attacks: list[Any], person: int) -> list[tuple[int, Any]]:
    """Cells with running numbers from which take and filling follow: both parities in each class, by turns."""
    return [(n, c) for n, c in enumerate(lives)] + [(n + person, c) for n, c in enumerate(attacks)]


def _oulu(scale: Scale) -> DomainPlan:
    people, cells = [], []
    for order, user in enumerate(_people(oulu.USERS, scale.people)):
        slots = [(phone, session) for phone in oulu.PHONES for session in oulu.SESSIONS]
        slots = sorted(slots, key=lambda s: ((s[0] - s[1] - order) % 6, s[1]))  # neighbours differ in both
        lives = [oulu.OuluCell(p, s, user, 1) for p, s in slots][: scale.live]
        kinds = [2 + (order + k) % 4 for k in range(4)]
        if scale.attacks >= 4 * len(slots):
            attacks = [oulu.OuluCell(p, s, user, kind) for p, s in slots for kind in kinds]
        else:
            attacks = [
                oulu.OuluCell(*slots[k % len(slots)], user, kinds[(k + k // len(slots)) % 4])
                for k in range(scale.attacks)
            ]
        chosen = _numbered(lives, attacks, order)
        cells += [cell for _, cell in chosen]
        people.append(
            tuple(
                _clip("O", scale, number, cell, oulu.path(cell), "phone",
                      annotation=("eyes", oulu.annotation_path(cell)), support="fixed" if cell.session == 1 else "hand")
                for number, cell in chosen
            )
        )  # fmt: skip
    return DomainPlan("O", tuple(people), oulu.side_files(cells))


def _casia(scale: Scale) -> DomainPlan:
    people, cells = [], []
    ids = [
        (split, n)
        for split, most in scale.people_without_dev.items()
        for n in _first(casia.SUBJECTS[_split(split)], most)
    ]
    for order, (split, subject) in enumerate(ids):
        codes = [casia.CasiaCell(_split(split), subject, code) for code in casia.CODES]
        lives = _turn([cell for cell in codes if not cell.attack], order, scale.live)
        # One of each species first, on a camera that changes with the person.
        by_kind = [[c for c in codes if c.attack == kind] for kind in ("warped", "cut", "video")]
        spread = [by_kind[(k + order) % 3][(k // 3 + order + k) % 3] for k in range(9)]
        chosen = _numbered(lives, spread[: scale.attacks], order)
        cells += [cell for _, cell in chosen]
        people.append(
            tuple(
                _clip("C", scale, number, cell, casia.path(cell), cell.resolution, annotation=None)
                for number, cell in chosen
            )
        )
    return DomainPlan("C", tuple(people), casia.side_files(cells))


def _replay(scale: Scale) -> DomainPlan:
    people, cells = [], []
    by_client: dict[int, list[replay.ReplayCell]] = {}
    for cell in replay.grid():
        by_client.setdefault(cell.client, []).append(cell)
    for order, client in enumerate(_people(replay.CLIENTS, scale.people)):
        mine = by_client[client]
        lives = _turn([c for c in mine if not c.attack], order, scale.live)
        kinds = [[c for c in mine if c.attack == kind] for kind in ("print", "mobile", "highdef")]
        if scale.attacks >= 20:
            attacks = [c for kind in kinds for c in kind]
        else:
            attacks = [_pick(kinds[(k + order) % 3], 5 * order + 3 * (k // 3) + k) for k in range(scale.attacks)]
            attacks = list(dict.fromkeys(attacks))
        chosen = _numbered(lives, attacks, order)
        cells += [cell for _, cell in chosen]
        people.append(
            tuple(
                _clip("I", scale, number, cell, replay.path(cell), "webcam",
                      annotation=("box", replay.annotation_path(cell)), support=cell.support or "fixed",
                      still=cell.medium == "photo" if cell.attack else None, adverse=cell.light == "adverse")
                for number, cell in chosen
            )
        )  # fmt: skip
    return DomainPlan("I", tuple(people), replay.side_files(cells))


def _msu(scale: Scale) -> DomainPlan:
    people, cells = [], []
    for order, client in enumerate(_people(msu.CLIENTS, scale.people_without_dev)):
        devices = _turn(list(msu.SUFFIXES), order, 2)
        lives = [msu.MsuCell(client, device) for device in devices][: scale.live]
        pairs = [(device, msu.ATTACKS[(k + order) % 3]) for k in range(3) for device in devices]
        # Neighbours differ in species; the grid has two live clips a person, so attacks make up the number.
        pairs = sorted(pairs, key=lambda p: (msu.ATTACKS.index(p[1]) + devices.index(p[0])) % 3)
        attacks = [msu.MsuCell(client, device, attack) for device, attack in _turn(pairs, 2 * order, _more(scale))]
        chosen = _numbered(lives, attacks, order)
        cells += [cell for _, cell in chosen]
        people.append(
            tuple(
                _clip("M", scale, number, cell, msu.path(cell), cell.device,
                      annotation=("corners", msu.annotation_path(cell)), rotation=cell.rotation,
                      support="fixed" if cell.attack == "printed_photo" else "hand", frames=_longer(scale))
                for number, cell in chosen
            )
        )  # fmt: skip
    return DomainPlan("M", tuple(people), msu.side_files(cells))


def _siwm(scale: Scale) -> DomainPlan:
    """Each video has a person of its own; every kind is filmed by both cameras, held and standing, as live is."""
    by_kind: dict[tuple[str, str], list[siwm.SiwmCell]] = {}
    for cell in siwm.grid():
        by_kind.setdefault((cell.attack, cell.split), []).append(cell)
    train, test, each = scale.alone
    most = {("", "train"): train, ("", "test"): test}
    people = []
    for kind, ((word, split), cells) in enumerate(by_kind.items()):
        for order, cell in enumerate(_first(cells, most.get((word, split), each))):
            turn = kind + order
            clip = _clip(
                "W", scale, turn // 2, cell, siwm.path(cell), ("webcam", "camera")[turn % 2], annotation=None,
                support="fixed" if turn % 3 == 0 else "hand",
            )  # fmt: skip
            people.append((clip if word in FLAT else replace(clip, fills=None),))
    return DomainPlan("W", tuple(people), siwm.side_files(siwm.grid()))


def _more(scale: Scale) -> int:
    """MSU's attacks a person: its two live clips leave room in the number of clips that a person has elsewhere."""
    return max(scale.attacks, scale.live + scale.attacks - 2)


def _longer(scale: Scale) -> int:
    """MSU's frames a clip: more of its fewer live clips, so that it too has enough live pictures."""
    return scale.frames if scale.live <= 2 or scale.live == OFFICIAL else round(scale.frames * 1.25)


def _people(ids: Mapping[Split, Any], most: Mapping[str, int]) -> list[int]:
    return [number for split, count in most.items() for number in _first(ids[_split(split)], count)]


def _split(name: str) -> Split:
    splits: Mapping[str, Split] = {"train": "train", "dev": "dev", "test": "test"}
    return splits[name]


def _pick(cells: list[Any], number: int) -> Any:
    return cells[number % len(cells)]


_PLANS: Mapping[DomainKey, Callable[[Scale], DomainPlan]] = {
    "O": _oulu,
    "C": _casia,
    "I": _replay,
    "M": _msu,
    "W": _siwm,
}
