"""One's own data: `<root>/{live,attack|spoof}/…` of pictures, videos and frame folders, or a manifest.csv, or both.

Without a manifest the folder below the label is the subject. A folder below `attack` that no folder below `live` shares
its name with is no person: it names the species, and a folder below it the subject. Where no folder says so, the
subject is the file itself and the species `unknown`.

A folder of pictures is one clip where its pictures are `frame_1.png`, `frame_2.png`, …, where it lies two or more
levels below the label and its pictures are numbered, or where the manifest names the folder. Else each picture is one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sincera.clip import Clip, Label, Split
from sincera.data.sources.listing import Listing, SetAside
from sincera.data.sources.manifest import MANIFEST, Row, read_manifest
from sincera.data.sources.shares import Shares, parse_shares
from sincera.data.sources.tree import PICTURE_SUFFIXES, VIDEO_SUFFIXES, File, walk
from sincera.data.sources.world import WORLD_FILE, read_world
from sincera.data.subjects import draw_subjects
from sincera.errors import LayoutError

TITLE = "folder set"
OPTIONS: tuple[str, ...] = ("splits", "seed")  # of `read_clips`, that this set knows
LABELS = {"live": Label.LIVE, "attack": Label.ATTACK, "spoof": Label.ATTACK}
UNKNOWN = "unknown"  # the species of an attack that nobody named
_SIDE_SUFFIXES = frozenset(
    f".{suffix}"
    for group in (
        "txt csv tsv json jsonl md rst html xml yaml yml toml ini log npz npy mat db face dat pts pdf doc docx",
        "zip rar 7z gz tar py m sh sha256 md5",
    )
    for suffix in group.split()
)
_FRAME = re.compile(r"frame[ _.-]?\d+", re.IGNORECASE)
_NUMBERED = re.compile(r"\D*\d+")


@dataclass(frozen=True, slots=True)
class _Item:
    """A clip to be: a file, or a folder of frames with the size of its largest frame."""

    path: Path
    parts: tuple[str, ...]
    size: int

    @property
    def name(self) -> str:
        return "/".join(self.parts)


def read(root: Path, domain: str, *, splits: str | None = None, seed: int = 0) -> Listing:
    """The clips of a folder set.

    splits: "60/20/20" divides the subjects into train, dev and test, seeded; a split column of the manifest goes
    before it.  Without either all clips are `train`, which the protocols take for undivided: all of it trains as a
    source, all of it is tested as a target.  LayoutError where there is neither a label folder nor a manifest.
    """
    shares = None if splits is None else parse_shares(splits)
    files = walk(root)
    base = _unwrapped(root, files)
    depth = len(base.relative_to(root).parts)
    files = tuple(File(f.path, f.parts[depth:], f.size) for f in files if f.path.is_relative_to(base))
    manifest = read_manifest(base / MANIFEST) if (base / MANIFEST).is_file() else None
    if manifest is None and not any(_label(file.parts) for file in files):
        raise LayoutError(_why_nothing(root, base, files))

    items, unknown = _items(file for file in files if _label(file.parts))
    clips = _from_folders(items, domain)
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    if manifest is not None:
        clips, missing = _from_manifest(manifest, base, domain, files, clips)
        surplus = tuple(sorted({item.name for item in items} - {clip.name for clip in clips}))
    if not clips:
        raise LayoutError(f"{root}: no picture, video or frame folder found. Put them below live/ and attack/.")
    warnings = list(_thoughts(clips))
    if shares is not None and any(row.split for row in manifest or ()):
        warnings.append(f"{MANIFEST} has a split column: --splits {splits} was not applied")
    elif shares is not None:
        clips = _divided(clips, shares, seed)

    sizes = {item.name: item.size for item in items} | {file.name: file.size for file in files}
    empty = [clip.name for clip in clips if sizes.get(clip.name) == 0]
    world = read_world(base)
    if world is not None:
        missing = (*missing, *sorted(set(world.grid) - {clip.name for clip in clips} - set(missing)))
        warnings.insert(0, f"simulated world ({WORLD_FILE})")
    return Listing(
        root=base,
        clips=tuple(clip for clip in clips if clip.name not in empty),
        set_aside=(*(SetAside(name, "empty file") for name in empty), *unknown),
        missing=missing,
        surplus=surplus,
        warnings=tuple(warnings),
        expected=None if manifest is None else tuple(row.path for row in manifest),
        simulated=world is not None,
    )


def _unwrapped(root: Path, files: Sequence[File]) -> Path:
    """The folder with the labels or the manifest: single wrapping folders are taken off."""
    base, parts = root, [file.parts for file in files]
    while parts and not any(_label(p) or (p[-1] == MANIFEST and len(p) == 1) for p in parts):
        folders = {p[0] for p in parts}
        if len(folders) > 1 or any(len(p) == 1 for p in parts):
            return root
        base, parts = base / folders.pop(), [p[1:] for p in parts]
    return base


def _label(parts: tuple[str, ...]) -> Label | None:
    return LABELS.get(parts[0].lower()) if len(parts) > 1 else None


def _items(files: Iterable[File]) -> tuple[list[_Item], list[SetAside]]:
    """The media below the label folders, frame folders as one; and files that are none, with the reason."""
    by_folder: dict[tuple[str, ...], list[File]] = defaultdict(list)
    for file in files:
        by_folder[file.parts[:-1]].append(file)
    items, unknown = [], []
    for folder, inside in by_folder.items():
        media = [file for file in inside if file.suffix in PICTURE_SUFFIXES or file.suffix in VIDEO_SUFFIXES]
        if _is_frame_folder(folder, media):
            items.append(_Item(media[0].path.parent, folder, max(file.size for file in media)))
            continue
        items += [_Item(file.path, file.parts, file.size) for file in media]
        for file in inside:
            if file not in media and file.suffix not in _SIDE_SUFFIXES:
                item = _Item(file.path, file.parts, file.size)
                items.append(item) if _is_media(file.path) else unknown.append(_none(file))
    return sorted(items, key=lambda item: item.parts), unknown


def _is_frame_folder(folder: tuple[str, ...], media: Sequence[File]) -> bool:
    if len(folder) < 2 or len(media) < 2 or any(file.suffix in VIDEO_SUFFIXES for file in media):
        return False
    stems = [file.parts[-1].rsplit(".", 1)[0] for file in media]
    return all(map(_FRAME.fullmatch, stems)) or (len(folder) > 2 and all(map(_NUMBERED.fullmatch, stems)))


def _is_media(path: Path) -> bool:
    """Whether a file of no known suffix holds a picture or a video all the same."""
    from sincera.media import sniff

    return sniff(path) is not None


def _none(file: File) -> SetAside:
    return SetAside(file.name, "empty file" if file.size == 0 else "neither a picture nor a video by its content")


def _from_folders(items: Sequence[_Item], domain: str) -> list[Clip]:
    people = {item.parts[1] for item in items if _label(item.parts) is Label.LIVE and len(item.parts) > 2}
    return [_clip(item, domain, people) for item in items]


def _clip(item: _Item, domain: str, people: set[str]) -> Clip:
    label = _label(item.parts) or Label.LIVE
    folders = item.parts[1:-1]
    species = UNKNOWN if label is Label.ATTACK else ""
    if label is Label.ATTACK and folders and folders[0] not in people:
        species, folders = folders[0], folders[1:]
    subject = folders[0] if folders else item.name
    return Clip(item.path, label, species, domain, subject, "train", name=item.name)


def _from_manifest(
    rows: Sequence[Row], base: Path, domain: str, files: Sequence[File], found: Sequence[Clip]
) -> tuple[list[Clip], tuple[str, ...]]:
    """The manifest's clips that exist, and the names of those that do not; `found` is what the label folders say."""
    present = {file.name for file in files}
    present |= {"/".join(file.parts[:end]) for file in files for end in range(1, len(file.parts))}
    by_name = {clip.name: clip for clip in found}
    clips = [_listed(row, base, domain, by_name.get(row.path)) for row in rows if row.path in present]
    return clips, tuple(row.path for row in rows if row.path not in present)


def _listed(row: Row, base: Path, domain: str, by_folder: Clip | None) -> Clip:
    """The clip of one row; what the row leaves open comes from the label folder, where the clip lies in one."""
    label = row.label or (by_folder.label if by_folder else _label(tuple(row.path.split("/"))))
    if label is None:
        raise LayoutError(
            f"{base / MANIFEST}, line {row.line}: {row.path!r} has no label and lies in no label folder. "
            f"Write live or attack into the column label."
        )
    attack = ""
    if label is Label.ATTACK:
        attack = row.attack or (by_folder.attack if by_folder else "") or UNKNOWN
    subject = row.subject or (by_folder.subject if by_folder else row.path)
    split: Split = row.split or "train"
    return Clip(base / row.path, label, attack, domain, subject, split, row.conditions, name=row.path)


def _divided(clips: Sequence[Clip], shares: Shares, seed: int) -> list[Clip]:
    """Deal whole subjects out to test, dev and train."""
    rest = list(clips)
    given: dict[str, Split] = {}
    left = 1.0
    parts: tuple[tuple[Split, float], ...] = (("test", shares.test), ("dev", shares.dev))
    for split, share in parts:
        if share and rest:
            drawn = draw_subjects(rest, share / left, seed=seed, salt=f"{clips[0].domain}/{split}")
            given |= dict.fromkeys(drawn, split)
            rest = [clip for clip in rest if clip.subject not in drawn]
        left -= share
    return [replace(clip, split=given.get(clip.subject, "train")) for clip in clips]


def _thoughts(clips: Sequence[Clip]) -> Iterator[str]:
    counts = Counter(clip.label for clip in clips)
    for label in Label:
        if not counts[label]:
            yield f"no {label} clips: it can be trained on only beside other sets, and not be tested on"


def _why_nothing(root: Path, base: Path, files: Sequence[File]) -> str:
    folders = sorted({file.parts[0] for file in files if len(file.parts) > 1})[:8]
    found = f"folders {', '.join(folders)}" if folders else f"{len(files)} files" if files else "nothing"
    where = "" if base == root else f" (below {base.relative_to(root)})"
    return (
        f"{root}{where}: found {found}, expected live/ and attack/ (or spoof/), or a {MANIFEST} with the columns "
        f"path,label,subject,attack,session. OULU-NPU, CASIA-FASD, Replay-Attack and MSU-MFSD are named O, C, I and M."
    )
