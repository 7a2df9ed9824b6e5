"""SiW-M, first version: 13 kinds of attack, 660 live and 968 attack videos.  Its owner has withdrawn it; copies remain.

    Live/{Train,Test}/Live_<n>.mov                       the owner's division of live videos; some copies lack it
    {Paper,Replay}/<prefix>_<n>.mov                      prefixes: Paper, Replay
    Mask/{HalfMask,SiliconeMask,TransparentMask,PaperMask,MannequinHead}/…    Mask_{Half,Silicone,Trans,Paper,Mann}
    Makeup/{Obfuscation,Impersonation,Cosmetic}/…                             Makeup_{Ob,Im,Co}
    Partial/{FunnyeyeGlasses,PaperGlasses,PaperCut}/…                         Partial_{Funnyeye,Paperglass,Cut}
    Live/…, Spoof/Mask_HalfMask/…, Spoof/Partial_Eye/…, Spoof/Partial_Mouth/… the same in flat folders

Numbers have gaps that nobody published, so `grid()` is nominal: as many cells as videos were released of each kind,
numbered from 1.  A simulated world is compared with it by name, a real copy by counts.  Names tell no person: each
video is a subject of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from sincera.clip import Clip, Label, Split
from sincera.data.sources.listing import Listing
from sincera.data.sources.siwm_kinds import Kind
from sincera.data.sources.siwm_tree import Tree, Version, Video, find_videos
from sincera.data.subjects import draw_subjects

KEY = "W"
TITLE = "SiW-M"
OPTIONS: tuple[str, ...] = ("seed",)  # of `read_clips`, that this set knows
ANNOTATION = None  # the videos alone are certain
PEOPLE = 493
KINDS: tuple[Kind, ...] = (  # in the order of the papers' leave-one-out tables; released: as recalled of the first one
    Kind("Replay", "Replay", "Replay", 99),
    Kind("Print", "Paper", "Paper", 118),
    Kind("HalfMask", "Mask/HalfMask", "Mask_Half", 72),
    Kind("SiliconeMask", "Mask/SiliconeMask", "Mask_Silicone", 27),
    Kind("TransparentMask", "Mask/TransparentMask", "Mask_Trans", 88),
    Kind("PaperMask", "Mask/PaperMask", "Mask_Paper", 17),
    Kind("MannequinHead", "Mask/MannequinHead", "Mask_Mann", 40),
    Kind("Obfuscation", "Makeup/Obfuscation", "Makeup_Ob", 23),
    Kind("Impersonation", "Makeup/Impersonation", "Makeup_Im", 61),
    Kind("Cosmetic", "Makeup/Cosmetic", "Makeup_Co", 50),
    Kind("FunnyeyeGlasses", "Partial/FunnyeyeGlasses", "Partial_Funnyeye", 160),
    Kind("PaperGlasses", "Partial/PaperGlasses", "Partial_Paperglass", 127),
    Kind("PartialPaper", "Partial/PaperCut", "Partial_Cut", 86, also=("Partial_Eye", "Partial_Mouth")),
)
LIVE = {"train": 528, "test": 132}  # of 660, nominal: four fifths train
TEST_SHARE = 0.2  # of the live videos, where a copy does not divide them
REGIONS: Mapping[str, str] = {"Partial_Eye": "eye", "Partial_Mouth": "mouth"}  # names that say what paper covers
_ATTACKS = sum(kind.released for kind in KINDS)
_KIND = {kind.word: kind for kind in KINDS}
_VERSION = Version(
    key=KEY,
    title=TITLE,
    begins_with="Live, Paper, Replay, Mask, Makeup and Partial, or Live and Spoof",
    kinds=KINDS,
    above="",
    parts=True,
    lenient=True,
    suffixes=(".mov",),
    betrays=frozenset(("mannequin", "silicone")),
    other=("V", "SiW-Mv2"),
)


@dataclass(frozen=True, slots=True)
class SiwmCell:
    """One video.  attack: a word of `KINDS`, "" for live.  number: the <n> of its name.  split: of attacks `train`,
    since every protocol trains on all kinds but one and tests that one whole.

    >>> cell = SiwmCell("FunnyeyeGlasses", 12)
    >>> path(cell), cell.subject, SiwmCell("", 600, "test").subject
    ('Partial/FunnyeyeGlasses/Partial_Funnyeye_12.mov', 'Partial_Funnyeye_12', 'Live_600')
    """

    attack: str
    number: int
    split: Split = "train"

    @property
    def label(self) -> Label:
        return Label.ATTACK if self.attack else Label.LIVE

    @property
    def subject(self) -> str:
        """The name of the video, which is all that is known of its person: no two cells share one."""
        return f"{_KIND[self.attack].prefix if self.attack else 'Live'}_{self.number}"

    @property
    def conditions(self) -> Mapping[str, str]:
        """None: the owner states nothing else."""
        return {}


def grid() -> tuple[SiwmCell, ...]:
    """All 1,628 nominal cells: live ones by split, then each kind in the order of `KINDS`."""
    numbers = {"train": range(1, LIVE["train"] + 1), "test": range(LIVE["train"] + 1, sum(LIVE.values()) + 1)}
    lives = [SiwmCell("", number, split) for split in ("train", "test") for number in numbers[split]]
    return (*lives, *(SiwmCell(kind.word, n) for kind in KINDS for n in range(1, kind.released + 1)))


def path(cell: SiwmCell) -> str:
    """Where the owner puts this cell's video, below the root."""
    folder = _KIND[cell.attack].folder if cell.attack else f"Live/{cell.split.capitalize()}"
    return f"{folder}/{cell.subject}.mov"


def side_files(cells: Iterable[SiwmCell]) -> dict[str, str]:  # noqa: ARG001 - the same form for every source
    """None: the folders say everything."""
    return {}


def read(root: Path, domain: str = KEY, *, seed: int = 0) -> Listing:
    """The clips of a SiW-M folder in one of its layouts.

    seed: draws the live test videos where the copy has no Live/Train and Live/Test.  LayoutError for the `.dat` files
    of the owner's training code, for re-uploads as frames and for SiW-Mv2.
    """
    tree = find_videos(root, _VERSION)
    clips, faults, warnings = _divided([_clip(video, domain) for video in tree.videos], tree, seed)
    if tree.world is None:
        faults += _against_the_release(tree)
        warnings += _against_the_table(tree)
    return Listing(
        root=tree.root,
        clips=tuple(clips),
        set_aside=tree.set_aside,
        missing=tree.missing,
        surplus=tree.surplus,
        faults=(*tree.faults, *faults),
        warnings=(*tree.warnings, *warnings),
        expected=tree.world.grid if tree.world else None,
        simulated=tree.world is not None,
        counts={},
    )


def _clip(video: Video, domain: str) -> Clip:
    regions = [region for name, region in REGIONS.items() if name in video.called]
    return Clip(
        path=video.file.path,
        label=Label.ATTACK if video.kind else Label.LIVE,
        attack=video.kind.word if video.kind else "",
        domain=domain,
        subject=video.stem,
        split=cast("Split", video.part or "train"),
        conditions={"region": regions[0]} if regions else {},
        name=video.name,
    )


def _divided(clips: list[Clip], tree: Tree, seed: int) -> tuple[list[Clip], list[str], list[str]]:
    """The clips with their splits, and what is off and worth knowing about the division of the live ones."""
    lives = [clip for clip in clips if clip.label is Label.LIVE]
    parts = {video.part for video in tree.videos if video.kind is None}
    if parts - {""}:
        faults = [f"no live video lies in Live/{part.capitalize()}" for part in LIVE if part not in parts]
        if "" in parts:
            faults.append("some live videos lie neither in Live/Train nor in Live/Test: they train")
        return clips, faults, []
    tested = draw_subjects(lives, TEST_SHARE, seed=seed, salt=KEY)
    words = f"Live has no Train and Test: {len(tested)} of {len(lives)} live videos are drawn for testing (seed {seed})"
    drawn = [replace(c, split="test") if c.label is Label.LIVE and c.subject in tested else c for c in clips]
    return drawn, [], [words]


def _against_the_release(tree: Tree) -> Iterator[str]:
    """Live and attack are counted by several; a withdrawn set's copy that has others is not whole."""
    attacks = sum(tree.there.values()) - tree.there[""]
    for word, here, there in (("live", tree.there[""], sum(LIVE.values())), ("attack", attacks, _ATTACKS)):
        if here != there:
            yield f"{here:,} {word} videos, the release has {there:,}"


def _against_the_table(tree: Tree) -> Iterator[str]:
    """The numbers of the kinds are known from memory of one table: worth a word, no ground for a fault."""
    for kind in KINDS:
        if tree.there[kind.word] != kind.released:
            yield f"{kind.word}: {tree.there[kind.word]:,} videos, {kind.released:,} by the first paper's table"
