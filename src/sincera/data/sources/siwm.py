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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sincera.clip import Label, Split
from sincera.data.sources.siwm_kinds import Kind

KEY = "W"
TITLE = "SiW-M"
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
    Kind("PartialPaper", "Partial/PaperCut", "Partial_Cut", 86),
)
LIVE = {"train": 528, "test": 132}  # of 660: four fifths train
_KIND = {kind.word: kind for kind in KINDS}


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
