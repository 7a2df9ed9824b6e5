"""Which videos of SiW-M lie in a folder, in either version: what each shows, by its name and by its folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sincera.data.sources.listing import SetAside
from sincera.data.sources.siwm_kinds import LIVE, Kind, Names
from sincera.data.sources.tree import PICTURE_SUFFIXES, VIDEO_SUFFIXES, File, walk
from sincera.data.sources.world import WORLD_FILE, World, find_world
from sincera.data.subjects import natural
from sincera.errors import LayoutError

_ABOVE = frozenset(("spoof", "mask", "makeup", "partial", "live"))  # the owner's folders above that of a video
UNNAMED = "names tell no person: every video counts as a subject of its own"


@dataclass(frozen=True, slots=True)
class Version:
    """One of the two releases.

    above: the folder over the kinds', with "/", or "".  parts: live videos lie in Train and Test.  lenient: a numbered
    video in a kind's folder counts although its own name is unheard of.  suffixes: the owner's.  betrays: folders that
    only the other release has, and `other`: its key and title.
    """

    key: str
    title: str
    begins_with: str
    kinds: tuple[Kind, ...]
    above: str
    parts: bool
    lenient: bool
    suffixes: tuple[str, ...]
    betrays: frozenset[str]
    other: tuple[str, str]


class Video(NamedTuple):
    """One video.

    name: the owner's path.  stem: its last part, without suffix.  kind: None for live.  called: by which of its kind's
    names the file and its folder go.  part: `train` or `test` for a live one in such a folder, else "".
    """

    name: str
    stem: str
    kind: Kind | None
    called: frozenset[str]
    part: str
    file: File


class Tree(NamedTuple):
    """root: where the owner's tree begins.  files: all there are.  videos: those with content, in order of name.
    there: how many of each kind, empty ones among them, "" for live."""

    root: Path
    files: tuple[File, ...]
    world: World | None
    videos: tuple[Video, ...]
    there: Counter[str]
    set_aside: tuple[SetAside, ...]
    surplus: tuple[str, ...]
    missing: tuple[str, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def find_videos(root: Path, version: Version) -> Tree:
    """Sort a folder's videos.  LayoutError where none is of this version, or where the folder is of the other one."""
    files = walk(root)
    world, world_root = find_world(files)
    intended = None if world is None else {_bare(name) for name in world.grid}
    names = Names(version.kinds)
    claims: dict[str, Video] = {}
    surplus: list[str] = []
    for file in files:
        if file.suffix not in VIDEO_SUFFIXES:
            continue
        video = _video(file, version, names)
        if video is None or (intended is not None and _bare(video.name) not in intended):
            surplus.append(file.name)
            continue
        first = claims.setdefault(_bare(video.name), video)
        if first is not video:
            surplus.append(file.name)
    _refuse(root, version, files, world, claims)
    ordered = sorted(claims.values(), key=lambda video: natural(video.name))
    return Tree(
        root=world_root or _unwrapped(root, claims.values()),
        files=files,
        world=world,
        videos=tuple(video for video in ordered if video.file.size),
        there=Counter(video.kind.word if video.kind else "" for video in ordered),
        set_aside=tuple(SetAside(video.name, "empty file") for video in ordered if not video.file.size),
        surplus=tuple(sorted(surplus)),
        missing=tuple(name for name in world.grid if _bare(name) not in claims) if world else (),
        faults=tuple(_misplaced(ordered, names)),
        warnings=(*_simulated(world), *_converted(ordered, version), UNNAMED),
    )


def _video(file: File, version: Version, names: Names) -> Video | None:
    """The video that a file is; None for one of no kind.  Its name counts before its folder."""
    stem = names.of_stem(os.path.splitext(file.parts[-1])[0])  # noqa: PTH122 - pathlib costs ten times as much here
    if stem is None or (stem.named is None and not version.lenient):
        return None
    folder = names.of_folder(file.parts)
    said = [named for named in (stem.named, folder.named if folder else None) if named is not None]
    if not said:
        return None
    kind = said[0].kind
    part = folder.part if folder is not None and kind is None and version.parts else ""
    place = (LIVE + (f"/{part.capitalize()}" if part else "")) if kind is None else version.above + kind.folder
    suffix = file.suffix if file.suffix in version.suffixes else version.suffixes[0]
    called = frozenset(named.name for named in said if named.kind is kind)
    return Video(f"{place}/{stem.spelled}{suffix}", stem.spelled, kind, called, part, file)


def _bare(name: str) -> str:
    """The name without suffix, since copies change it."""
    return name.rsplit(".", 1)[0]


def _unwrapped(root: Path, videos: Iterable[Video]) -> Path:
    """The folder in which the owner's tree begins; the given root where several wrapping folders do."""
    prefixes = set()
    for video in videos:
        begin = parts = len(video.file.parts) - 1
        while begin and (begin == parts or video.file.parts[begin - 1].lower() in _ABOVE):
            begin -= 1
        prefixes.add(video.file.parts[:begin])
    return root.joinpath(*next(iter(prefixes))) if len(prefixes) == 1 else root


def _misplaced(videos: Iterable[Video], names: Names) -> Iterator[str]:
    here = [v for v in videos if (folder := names.of_folder(v.file.parts)) and folder.named.kind is not v.kind]
    if here:
        yield f"{len(here):,} videos lie in the folder of another kind, their names count: first {here[0].file.name}"


def _simulated(world: World | None) -> Iterator[str]:
    if world is not None:
        yield f"simulated world ({WORLD_FILE}): compared with its own grid of {len(world.grid):,} clips"


def _converted(videos: Iterable[Video], version: Version) -> Iterator[str]:
    changed = Counter(v.file.suffix for v in videos if v.file.suffix not in version.suffixes)
    for suffix, count in sorted(changed.items()):
        owner = " or ".join(version.suffixes)
        yield f"{count:,} clips are {suffix} where the owner has {owner}: converted copies, not the owner's files"


def _refuse(
    root: Path, version: Version, files: Sequence[File], world: World | None, claims: Mapping[str, Video]
) -> None:  # fmt: skip
    """LayoutError where there is nothing to read, or where the other release would be read by this one's rules."""
    start = f"{root}: holds no video of {version.title}"
    if world is not None and world.domain != version.key:
        raise LayoutError(
            f"{start}; it is a simulated world of domain {world.domain}. Give it as {world.domain}={root}."
        )
    folders = {part.lower() for file in files for part in file.parts[:-1]}
    betrayed = sorted(folders & version.betrays)
    if betrayed:
        key, title = version.other
        raise LayoutError(f"{root}: folder {betrayed[0]!r} is of {title}, not of {version.title}. Give it as {key}=.")
    if claims:
        return
    suffixes = Counter(file.suffix for file in files)
    pictures = sum(suffixes[suffix] for suffix in PICTURE_SUFFIXES)
    if suffixes[".dat"]:
        found = f"{suffixes['.dat']:,} .dat files: faces cut for the owner's training code, without frame or box"
    elif pictures:
        found = f"{pictures:,} pictures: a re-upload as single frames, whose labels and splits cannot be trusted"
    else:
        inside = f"{version.begins_with}, directly or in folders of the archives' names"
        raise LayoutError(f"{start} among {len(files):,} files; expected {inside}. Give the folder that holds them.")
    raise LayoutError(
        f"{start} but {found}. Give the owner's videos ({version.begins_with}), or name your pictures as a folder set."
    )
