"""Reading a complete official grid: which of its cells lie in a folder, which are missing, and what else is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from sincera.clip import Clip
from sincera.data.sources.cell import Cell
from sincera.data.sources.listing import Listing, SetAside
from sincera.data.sources.tree import PICTURE_SUFFIXES, VIDEO_SUFFIXES, File, walk
from sincera.data.sources.world import WORLD_FILE, World, find_world
from sincera.errors import LayoutError

C = TypeVar("C", bound=Cell)
Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a source's own check has to say: contradictions, and what is merely worth knowing."""

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


Lists = Mapping[str, Path]  # the owner's text files: path below the root in lower case → file
Check = Callable[[Sequence[C], Lists], Remarks]


@dataclass(frozen=True, slots=True)
class Grammar(Generic[C]):
    """What `read_grid` must know of an owner.

    tail: the owner's own part of a path, wrapping folders taken off, or None where the path is not in the tree.
    left_out: cells that the owner ships and that are not wanted.  check: looks into the owner's lists.
    """

    key: str
    title: str
    begins_with: str
    cells: tuple[C, ...]
    path: Callable[[C], str]
    annotation_path: Callable[[C], str]
    tail: Callable[[Parts], Parts | None]
    left_out: tuple[C, ...] = ()
    check: Check[C] = lambda _cells, _lists: Remarks()


def clip(grammar: Grammar[C], cell: C, domain: str, path: Path, annotation: Path | None = None) -> Clip:
    """The record of one cell; its name is the owner's, whatever the copy's folders and suffix look like."""
    return Clip(
        path=path,
        label=cell.label,
        attack=cell.attack,
        domain=domain,
        subject=cell.subject,
        split=cell.split,
        conditions=cell.conditions,
        name=grammar.path(cell),
        annotation=annotation,
    )


def read_grid(grammar: Grammar[C], root: Path, domain: str) -> Listing:
    """The clips of a folder in the owner's layout.

    LayoutError where the folder holds no clip of the grid, above all for re-uploads as single frames.
    """
    files = walk(root)
    world, world_root = find_world(files)
    wanted = _wanted(grammar, world)
    tails = {file: tail for file in files if (tail := grammar.tail(file.parts)) is not None}
    claims, surplus = _claims(grammar, files, tails, wanted)
    if not claims:
        raise LayoutError(_why_nothing(grammar, root, files, world))

    lists = {"/".join(tail).lower(): file.path for file, tail in tails.items()}
    clips, set_aside = [], []
    for name, cell in wanted.items():
        if name not in claims:
            continue
        if claims[name].size == 0:
            set_aside.append(SetAside(name, "empty file"))
            continue
        annotation = lists.get(grammar.annotation_path(cell).lower())
        clips.append(clip(grammar, cell, domain, claims[name].path, annotation))
    expected = world.grid if world else tuple(wanted)
    remarks = grammar.check(tuple(wanted.values()), lists)
    return Listing(
        root=world_root or _unwrapped(root, tails, claims),
        clips=tuple(clips),
        set_aside=tuple(set_aside),
        missing=tuple(name for name in expected if name not in claims),
        surplus=tuple(sorted(surplus)),
        faults=remarks.faults,
        warnings=(*_simulated(world), *remarks.warnings, *_converted(claims)),
        expected=expected,
        simulated=world is not None,
    )


def _wanted(grammar: Grammar[C], world: World | None) -> dict[str, C]:
    """The cells to look for, by name: the owner's grid, or the part of it that a simulated world set out to write."""
    named = {grammar.path(cell): cell for cell in grammar.cells}
    if world is None:
        return named
    return {name: named[name] for name in world.grid if name in named}


def _claims(
    grammar: Grammar[C], files: Sequence[File], tails: Mapping[File, Parts], wanted: Mapping[str, C]
) -> tuple[dict[str, File], list[str]]:
    """Which video stands for which cell, and the names of the videos that stand for none."""
    by_stem = {_stem(name): name for name in wanted}
    left_out = {_stem(grammar.path(cell)) for cell in grammar.left_out}
    claims: dict[str, File] = {}
    surplus = []
    for file in files:
        if file.suffix not in VIDEO_SUFFIXES:
            continue
        shown = "/".join(tails.get(file, file.parts))
        if _stem(shown) in left_out:
            continue
        name = by_stem.get(_stem(shown)) if file in tails else None
        if name is None:
            surplus.append(shown)
        elif name in claims:
            first, second = sorted(
                (claims[name], file), key=lambda f: (f.suffix != PurePosixPath(name).suffix, f.parts)
            )
            claims[name] = first
            surplus.append(second.name)
        else:
            claims[name] = file
    return claims, surplus


def _stem(name: str) -> str:
    """The key under which a file and a cell meet: lower case, no suffix, since copies change both."""
    return name.rsplit(".", 1)[0].lower()


def _unwrapped(root: Path, tails: Mapping[File, Parts], claims: Mapping[str, File]) -> Path:
    """The folder in which the owner's tree begins; the given root where several wrapping folders do."""
    prefixes = {file.parts[: len(file.parts) - len(tails[file])] for file in claims.values()}
    return root.joinpath(*next(iter(prefixes))) if len(prefixes) == 1 else root


def _simulated(world: World | None) -> Iterable[str]:
    if world is not None:
        yield f"simulated world ({WORLD_FILE}): compared with its own grid of {len(world.grid):,} clips"


def _converted(claims: Mapping[str, File]) -> Iterable[str]:
    changes = Counter((PurePosixPath(name).suffix, file.suffix) for name, file in claims.items())
    for (owner, here), count in sorted(changes.items()):
        if owner != here:
            yield f"{count:,} clips are {here} where the owner has {owner}: converted copies, not the owner's files"


def _why_nothing(grammar: Grammar[C], root: Path, files: Sequence[File], world: World | None) -> str:
    start = f"{root}: holds no video of {grammar.title}"
    if world is not None and world.domain != grammar.key:
        return f"{start}; it is a simulated world of domain {world.domain}. Give it as {world.domain}={root}."
    pictures = sum(file.suffix in PICTURE_SUFFIXES for file in files)
    if pictures:
        return (
            f"{start} but {pictures:,} pictures: a re-upload as single frames, whose labels and splits cannot be "
            f"trusted. Give the owner's videos ({grammar.begins_with}), or name your pictures as a folder set."
        )
    inside = f"{grammar.begins_with}, directly or in folders of the archives' names"
    return f"{start} among {len(files):,} files; expected {inside}. Give the folder that holds the owner's tree."
