"""CelebA-Spoof as released: 561,575 pictures of some 9,190 people, whose lists say everything and whose folders little.

    Data/{train,test}/<subject>/{live,spoof}/NNNNNN.{jpg|png}     some people lack one of the two folders
                                            /NNNNNN_BB.txt        a box in a frame of 224 × 224: celeba_boxes.py
    metas/…/{train,test}_label.{json,txt}                         44 integers a picture: celeba_lists.py

There is no grid: what ought to be there is what the lists name. A clip's split is its side in `intra_test`, its label
is integer 43 (2,022 pictures in `live` folders are labelled spoof), and its side in every list is a condition. Folders
are listed; no picture is opened and none is asked for its size.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from sincera.clip import Clip, Label, Split
from sincera.data.counts import official_counts
from sincera.data.sources.celeba_boxes import SUFFIX as BOX
from sincera.data.sources.celeba_labels import ATTRIBUTES, Row
from sincera.data.sources.celeba_lists import INTRA, Lists, read_lists
from sincera.data.sources.celeba_tree import Tree, find_tree, natural_folder
from sincera.data.sources.listing import Listing
from sincera.data.sources.tree import PICTURE_SUFFIXES
from sincera.data.sources.world import WORLD_FILE, World, read_world
from sincera.errors import LayoutError

KEY = "S"
TITLE = "CelebA-Spoof"
OPTIONS: tuple[str, ...] = ()  # of `read_clips`, that this set knows
ANNOTATION = "frame224"
IN_BOTH_PARTS = frozenset(("5028", "7332", "9735"))  # people whom the owner's own release has in train and in test
UNION = 531_511  # pictures of protocols 1 and 2 together, as one user counted them: no ground for a fault
_FOLDER = re.compile(r"Data/(?P<part>train|test)/(?P<subject>[^/.][^/]*)/(?P<kind>live|spoof)")


@dataclass(slots=True)
class _Found:
    """What the folders gave so far."""

    clips: list[Clip] = field(default_factory=list)
    absent: list[Clip] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    converted: Counter[tuple[str, str]] = field(default_factory=Counter)


def read(root: Path, domain: str = KEY) -> Listing:
    """The clips of a CelebA-Spoof folder, wrapped and doubled as mirrors have it.

    LayoutError where it has no lists or no `Data`, or where a list is not of the owner's form.
    """
    tree = find_tree(root)
    world = None if tree.world is None else read_world(tree.world)
    if tree.metas is None or not tree.data:
        raise LayoutError(_why_nothing(root, tree, world))
    lists = read_lists(tree.metas)
    intended = None if world is None else frozenset(world.grid)
    found = _look(tree, lists, domain, intended, ATTRIBUTES if world is None else world.attributes or ATTRIBUTES)
    if not found.clips:
        raise LayoutError(f"{root}: the lists name {len(lists.rows):,} pictures, none of which lies below Data.")
    missing = [clip.name for clip in found.absent]
    if intended is not None:
        missing += sorted(intended - lists.rows.keys())
    faults, warnings = _remarks(found, lists, tree, simulated=world is not None)
    return Listing(
        root=tree.world or (tree.data[0] if len(tree.data) == 1 else tree.metas).parent,
        clips=tuple(found.clips),
        missing=tuple(missing),
        surplus=tuple(sorted(found.surplus)),
        faults=tuple(faults),
        warnings=tuple(warnings),
        expected=tuple(lists.rows) if world is None else world.grid,
        simulated=world is not None,
        absent=tuple(found.absent),
        shared=IN_BOTH_PARTS if world is None else frozenset(),
    )


def _look(
    tree: Tree, lists: Lists, domain: str, intended: frozenset[str] | None, known: tuple[str, ...]
) -> _Found:  # fmt: skip
    """List every folder that the lists name, and those that they do not name for what is too much."""
    by_folder: dict[str, list[str]] = defaultdict(list)
    for name in lists.rows:
        by_folder[name.rpartition("/")[0]].append(name)
    found = _Found()
    records = _Records(domain, lists, known)
    for folder in sorted(by_folder, key=natural_folder):
        match = _FOLDER.fullmatch(folder)
        if match is None:
            found.odd += by_folder[folder]
            continue
        _look_into(tree, folder, sorted(by_folder[folder]), intended, records.of(match), found)
    for folder in tree.folders():
        if folder not in by_folder:
            found.surplus += [f"{folder}/{name}" for name in _pictures(tree.names(folder)).values()]
    return found


def _look_into(
    tree: Tree, folder: str, names: Sequence[str], intended: frozenset[str] | None, records: _Of, found: _Found
) -> None:
    there = tree.names(folder)
    pictures = _pictures(there)
    for name in names:
        listed = name[len(folder) + 1 :]
        stem, dot, suffix = listed.rpartition(".")
        file = listed if listed in there else pictures.get(stem.lower())
        for key in (stem.lower(), listed.lower()):
            if file is not None and pictures.get(key) == file:
                del pictures[key]
        if intended is not None and name not in intended:
            if file is not None:
                found.surplus.append(name)
            continue
        if file is None:
            found.absent.append(records.clip(name, Path(name), None))
            continue
        if file[len(stem) :].lower() != (dot + suffix).lower():
            found.converted[dot + suffix.lower(), file[len(stem) :].lower()] += 1
        place = there[file]
        box = f"{stem}{BOX}"
        found.clips.append(records.clip(name, place / file, there[box] / box if box in there else None))
    found.surplus += [f"{folder}/{file}" for file in pictures.values()]


def _pictures(there: Mapping[str, Path]) -> dict[str, str]:
    """Pictures of a folder by their stem in lower case, since copies change suffixes and case; a second one of a stem
    by its whole name."""
    found: dict[str, str] = {}
    for file in there:
        stem, suffix = os.path.splitext(file)  # noqa: PTH122 - pathlib costs ten times as much here
        if suffix.lower() in PICTURE_SUFFIXES:
            found[file.lower() if stem.lower() in found else stem.lower()] = file
    return found


class _Records:
    """Makes clips; equal conditions are one object, for there are half a million of them and a few hundred kinds."""

    def __init__(self, domain: str, lists: Lists, known: tuple[str, ...]) -> None:
        self.domain = domain
        self.lists = lists
        self.known = known
        self.conditions: dict[tuple[object, ...], Mapping[str, str]] = {}

    def of(self, folder: re.Match[str]) -> _Of:
        """For the pictures of one folder."""
        return _Of(self, cast("Split", folder["part"]), folder["subject"], folder["kind"])


@dataclass(frozen=True, slots=True)
class _Of:
    records: _Records
    part: Split
    subject: str
    kind: str

    def clip(self, name: str, path: Path, annotation: Path | None) -> Clip:
        """One picture. Its split is where intra_test has it; what only the protocols name goes by its folder."""
        lists = self.records.lists
        row, sides = Row(lists.rows[name]), lists.sides[name]
        split = next((cast("Split", side) for where, side in sides if where == INTRA), self.part)
        contradicts = (self.kind == "live") != (row.label is Label.LIVE)
        key = (row.values[len(ATTRIBUTES) :] or row.values, sides, self.kind if contradicts else "")
        conditions = self.records.conditions.get(key)
        if conditions is None:
            conditions = row.conditions | dict(sides) | ({"folder": self.kind} if contradicts else {})
            self.records.conditions[key] = conditions
        return Clip(
            path,
            row.label,
            row.attack,
            self.records.domain,
            self.subject,
            split,
            conditions,
            name=name,
            annotation=annotation,
            attributes=row.attributes(self.records.known),
        )


def _remarks(found: _Found, lists: Lists, tree: Tree, *, simulated: bool) -> tuple[list[str], list[str]]:
    """Faults of this copy, and what is worth knowing of it and of the release."""
    faults = list(lists.faults)
    if found.odd:
        faults.append(
            f"{len(found.odd):,} listed paths are not Data/part/subject/kind/picture, left out: first {found.odd[0]}"
        )
    beyond = sum(INTRA not in dict(sides) for sides in lists.sides.values())
    if beyond:
        faults.append(f"{beyond:,} pictures stand in protocol lists and not in {INTRA}: their split follows the folder")
    warnings = [f"{file} is not there: what it lists cannot be used" for file in lists.absent]
    if simulated:
        warnings.insert(0, f"simulated world ({WORLD_FILE}): compared with its own {len(lists.rows):,} pictures")
    else:
        faults += _against_the_release(lists)
        union = sum(len(sides) > (INTRA in dict(sides)) for sides in lists.sides.values())
        if union and union != UNION:
            warnings.append(f"protocols 1 and 2 name {union:,} pictures together; {UNION:,} were once counted")
    turned = Counter(c.conditions["folder"] for c in found.clips if "folder" in c.conditions)
    for kind, count in sorted(turned.items()):
        other = "spoof" if kind == "live" else "live"
        warnings.append(f"{count:,} pictures in {kind} folders are labelled {other}: the label counts")
    nameless = sum(clip.attack == "unknown" for clip in found.clips)
    if nameless:
        warnings.append(f"{nameless:,} attacks have no spoof type: species unknown")
    warnings += [f"{stray}/ is no part of the release: passed over" for stray in tree.strays]
    for (owner, here), count in sorted(found.converted.items()):
        warnings.append(f"{count:,} pictures are {here} where the owner has {owner}: converted copies")
    both = {clip.subject for clip in found.clips} & IN_BOTH_PARTS if not simulated else set()
    if both:
        warnings.append(f"the owner's release has {', '.join(sorted(both))} in train and in test; no picture twice")
    return faults, [*warnings, *_overlapping_species(found)]


def _against_the_release(lists: Lists) -> Iterator[str]:
    """Lists that are shorter or longer than the owner's would hide what is missing."""
    counts: Counter[tuple[str, int]] = Counter()
    for name, sides in lists.sides.items():
        listed = dict(sides)
        if INTRA in listed:
            counts[listed[INTRA], lists.rows[name][-1]] += 1
    for split, official in official_counts(KEY).items():
        for label, wanted in enumerate((official.live, official.attack)):
            if counts[split, label] != wanted:
                word = ("live", "spoof")[label]
                yield f"metas/{INTRA}: {counts[split, label]:,} {word} pictures for {split}, the release has {wanted:,}"


def _overlapping_species(found: _Found) -> Iterator[str]:
    """Protocol 1 tests species that training has not seen, as far as anybody says: worth a word where it does not."""
    seen: dict[str, set[str]] = {"train": set(), "test": set()}
    for clip in found.clips:
        side = clip.conditions.get("protocol1")
        if side and clip.attack:
            seen[side].add(clip.attack)
    both = sorted(seen["train"] & seen["test"])
    if both:
        yield f"protocol 1 tests species that it also trains on: {', '.join(both)}"


def _why_nothing(root: Path, tree: Tree, world: World | None) -> str:
    start = f"{root}: holds no {TITLE}"
    if world is not None and world.domain != KEY:
        return f"{start}; it is a simulated world of domain {world.domain}. Give it as {world.domain}={root}."
    found = "Data but no metas" if tree.data else "metas but no Data" if tree.metas else "neither Data nor metas"
    return (
        f"{start}: found {found}, expected Data/{{train,test}} and metas/{INTRA}, directly or in folders of the "
        "archives' names. Labels stand in metas alone; give the folder that holds both."
    )
