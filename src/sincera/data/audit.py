"""Is a data set's folder whole: compared with the official counts and grid before anybody trains on it."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sincera.clip import SPLITS, Clip, Split
from sincera.data.containers import cut_short, unreadable
from sincera.data.counts import Counts, count, official_counts
from sincera.data.sources import FOLDER, SOURCES, key_of, read_clips
from sincera.data.sources.listing import Listing, SetAside
from sincera.data.subjects import natural
from sincera.errors import MediaError
from sincera.progress import Track, silent

Finding = tuple[str | None, str | None]  # why a clip is unusable, and what it lacks; None where nothing is off
_HEADER_THREADS = 16  # headers on a network disk are waiting time, not work


@dataclass(frozen=True, slots=True)
class Audit:
    """What a folder holds and what is wrong with it.

    name: the domain.  root: as given; begins: where the owner's tree begins in it.  expected: what the owner's release
    or the simulated world should hold, empty for folder sets.  faults: what is off beside missing, surplus and set
    aside clips; warnings: what is worth knowing and no fault.
    """

    name: str
    title: str
    root: Path
    begins: Path
    simulated: bool
    counts: Mapping[Split, Counts]
    expected: Mapping[Split, Counts]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    set_aside: tuple[SetAside, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing is missing, surplus, unusable or contradictory."""
        return not (self.missing or self.surplus or self.set_aside or self.faults)

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits that are there or should be."""
        return tuple(split for split in SPLITS if split in self.counts or split in self.expected)

    def found(self, split: Split) -> Counts:
        """The usable clips of a split."""
        return self.counts.get(split, Counts(0, 0, 0))

    @property
    def attacks(self) -> dict[str, int]:
        """Usable clips by species, over all splits; a species that should be there and is not counts 0."""
        total: Counter[str] = Counter()
        for counts in (*self.expected.values(), *self.counts.values()):
            total.update(dict.fromkeys(counts.attacks, 0))
        for counts in self.counts.values():
            total.update(counts.attacks)
        return dict(sorted(total.items()))

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `sincera datasets check --json`."""
        return {
            "name": self.name,
            "root": str(self.root),
            "splits": {s: {"live": self.found(s).live, "attack": self.found(s).attack} for s in self.splits},
            "attacks": self.attacks,
            "subjects": {s: self.found(s).subjects for s in self.splits},
            "missing": list(self.missing),
            "surplus": list(self.surplus),
            "set_aside": [{"path": item.path, "reason": item.reason} for item in self.set_aside],
            "warnings": [*self.faults, *self.warnings],
        }


def audit(
    domain: str,
    root: Path,
    *,
    deep: bool = False,
    splits: str | None = None,
    seed: int = 0,
    track: Track = silent,
) -> Audit:
    """Compare a folder with what its owner released.

    Names, sizes and headers are looked at; deep decodes every frame of every clip too.  splits, seed: as in
    `read_clips`.  LayoutError where the folder is not that data set at all.
    """
    key = key_of(domain)
    listing = read_clips(domain, key, root, splits=splits, seed=seed)
    set_aside, faults = _looked_at(listing.clips, _header, "headers", _HEADER_THREADS, track)
    if deep:
        bad = {item.path for item in set_aside}
        left = [clip for clip in listing.clips if clip.name not in bad]
        undecodable, short = _looked_at(left, _decode, "decoding", os.cpu_count() or 1, track)
        set_aside, faults = [*set_aside, *undecodable], [*faults, *short]
    unusable = {item.path for item in set_aside}
    clips = [clip for clip in listing.clips if clip.name not in unusable]
    return Audit(
        name=domain,
        title=import_module(SOURCES[key]).TITLE,
        root=root,
        begins=listing.root,
        simulated=listing.simulated,
        counts=count((clip.split, clip.label, clip.attack, clip.subject) for clip in clips),
        expected=_expected(key, listing),
        missing=listing.missing,
        surplus=listing.surplus,
        set_aside=tuple(sorted({*listing.set_aside, *set_aside}, key=lambda item: item.path)),
        faults=(*listing.faults, *overlaps(clips, known=listing.shared), *faults),
        warnings=listing.warnings,
    )


def overlaps(clips: Iterable[Clip], *, known: frozenset[str] = frozenset()) -> Iterator[str]:
    """One sentence for each pair of splits that share people; `known` ones are the release's doing, not this copy's."""
    people: dict[Split, set[str]] = defaultdict(set)
    for clip in clips:
        people[clip.split].add(clip.subject)
    for first, second in (("train", "dev"), ("train", "test"), ("dev", "test")):
        shared = sorted((people[first] & people[second]) - known, key=natural)  # type: ignore[index]
        if shared:
            some = ", ".join(shared[:8]) + (" …" if len(shared) > 8 else "")
            yield f"{len(shared)} subjects are both in {first} and in {second}: {some}"


def _expected(key: str, listing: Listing) -> Mapping[Split, Counts]:
    if key == FOLDER or not listing.simulated:
        return official_counts(key) if listing.counts is None else listing.counts
    module = import_module(SOURCES[key])
    if not hasattr(module, "grid"):  # its lists say what each clip is, not its name
        return count((c.split, c.label, c.attack, c.subject) for c in (*listing.clips, *listing.absent))
    cells = {module.path(cell): cell for cell in module.grid()}
    wanted = (cells[name] for name in listing.expected or () if name in cells)
    return count((cell.split, cell.label, cell.attack, cell.subject) for cell in wanted)


def _looked_at(
    clips: Sequence[Clip], look: Callable[[Path], Finding], title: str, threads: int, track: Track
) -> tuple[list[SetAside], list[str]]:
    """Clips that `look` rules out, and sentences about those that it finds cut short."""
    set_aside, faults = [], []
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda clip: look(clip.path), clips)
        for clip, (reason, lack) in zip(clips, track(found, title, len(clips)), strict=True):
            if reason:
                set_aside.append(SetAside(clip.name, reason))
            elif lack:
                faults.append(f"{clip.name}: {lack}")
    return set_aside, faults


def _header(path: Path) -> Finding:
    """What the headers alone say."""
    try:
        reason = unreadable(path)
        return reason, None if reason else cut_short(path)
    except (OSError, MediaError) as error:
        return str(error), None


def _decode(path: Path) -> Finding:
    """What decoding every frame says."""
    from sincera.media import read_frames

    try:
        frames = read_frames(path, threads=1)
        for _ in frames:
            pass
    except MediaError as error:
        return str(error).removeprefix(f"{path}: "), None
    return None, frames.shortfall
