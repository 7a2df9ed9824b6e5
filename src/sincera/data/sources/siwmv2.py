"""SiW-Mv2 as released: 785 live and 915 attack videos of 14 kinds, and the lists that its owner's code keeps apart.

    Live/Live_<n>.{mov,mp4}                                    flat
    Spoof/<folder>/<prefix>_<n>.mov                            14 folders; most have other names than their videos
    pro_3_text/{trainlist,testlist}_{live,all}.txt, …          not in the archive: siwmv2_lists.py

Lists name videos that were withdrawn, and 20 released videos stand in none, so a copy is compared by counts.  A clip's
side in each list is a condition; its split is its side in protocol I, `train` where no list has it.  Names tell no
person: each video is a subject of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from sincera.clip import Clip, Label, Split
from sincera.data.counts import Counts, official_counts
from sincera.data.sources.listing import Listing
from sincera.data.sources.siwm_kinds import Kind, Names
from sincera.data.sources.siwm_tree import Tree, Version, find_videos
from sincera.data.sources.siwmv2_lists import KNOWN, Lists, read_lists

KEY = "V"
TITLE = "SiW-Mv2"
OPTIONS: tuple[str, ...] = ()  # of `read_clips`, that this set knows
ANNOTATION = None
LIVE = 785
PEOPLE = 1093  # 493 live, 600 of attacks
UNLISTED = 20  # released videos that no list of protocol I names
KINDS: tuple[Kind, ...] = (
    Kind("Makeup_Cosmetic", "Makeup_Cosmetic", "Makeup_Co", 52),
    Kind("Makeup_Impersonation", "Makeup_Impersonation", "Makeup_Im", 61),
    Kind("Makeup_Obfuscation", "Makeup_Obfuscation", "Makeup_Ob", 22),
    Kind("Mask_HalfMask", "Mask_HalfMask", "Mask_Half", 72),
    Kind("Mannequin", "Mannequin", "Mask_Mann", 40, also=("Mask_MannequinHead",)),
    Kind("Mask_PaperMask", "Mask_PaperMask", "Mask_Paper", 17),
    Kind("Silicone", "Silicone", "Mask_Silicone", 17, also=("Mask_SiliconeMask",)),
    Kind("Mask_TransparentMask", "Mask_TransparentMask", "Mask_Trans", 60),
    Kind("Paper", "Paper", "Paper", 135, also=("Print",)),
    Kind("Partial_Eye", "Partial_Eye", "Partial_Eye", 57),
    Kind("Partial_FunnyeyeGlasses", "Partial_FunnyeyeGlasses", "Partial_Funnyeye", 179),
    Kind("Partial_Mouth", "Partial_Mouth", "Partial_Mouth", 29),
    Kind("Partial_PaperGlasses", "Partial_PaperGlasses", "Partial_Paperglass", 76),
    Kind("Replay", "Replay", "Replay", 98),
)
_VERSION = Version(
    key=KEY,
    title=TITLE,
    begins_with="Live and Spoof",
    kinds=KINDS,
    above="Spoof/",
    parts=False,
    lenient=False,
    suffixes=(".mov", ".mp4"),
    betrays=frozenset(("papercut", "halfmask", "mannequinhead", "siliconemask", "transparentmask")),
    other=("W", "SiW-M"),
)


def read(root: Path, domain: str = KEY) -> Listing:
    """The clips of a SiW-Mv2 folder, with the sides of the owner's lists wherever in it they lie.

    LayoutError for re-uploads as frames and for the first version.
    """
    tree = find_videos(root, _VERSION)
    lists = read_lists(tree.files, Names(KINDS))
    clips = []
    for video in tree.videos:
        sides = lists.sides.get(video.stem, {})
        clips.append(
            Clip(
                path=video.file.path,
                label=Label.ATTACK if video.kind else Label.LIVE,
                attack=video.kind.word if video.kind else "",
                domain=domain,
                subject=video.stem,
                split=cast("Split", sides.get(KNOWN, "train")),
                conditions=sides,
                name=video.name,
            )
        )
    return Listing(
        root=tree.root,
        clips=tuple(clips),
        set_aside=tree.set_aside,
        missing=tree.missing,
        surplus=tree.surplus,
        faults=(*tree.faults, *lists.faults, *_against_the_release(tree)),
        warnings=(*tree.warnings, *lists.warnings, *_beside_the_lists(tree, lists)),
        expected=tree.world.grid if tree.world else None,
        simulated=tree.world is not None,
        counts=_counts(lists),
    )


def _counts(lists: Lists) -> Mapping[Split, Counts]:
    """What the release has of each split: all of it trains where the lists of protocol I are not all there."""
    if lists.knows(KNOWN):
        return official_counts(KEY)
    released = {kind.word: kind.released for kind in sorted(KINDS, key=lambda kind: kind.word)}
    return {"train": Counts(LIVE, sum(released.values()), None, released)}


def _against_the_release(tree: Tree) -> Iterator[str]:
    if tree.world is not None:
        return
    wanted = {"": LIVE} | {kind.word: kind.released for kind in KINDS}
    for word, there in wanted.items():
        if tree.there[word] != there:
            yield f"{word or 'live'}: {tree.there[word]:,} videos, the release has {there:,}"


def _beside_the_lists(tree: Tree, lists: Lists) -> Iterator[str]:
    here = {video.stem for video in tree.videos}
    gone = len(lists.sides.keys() - here)
    if gone:
        yield f"{gone:,} videos that the lists name are not here; the owner has withdrawn some of them"
    if lists.knows(KNOWN):
        left = sum(KNOWN not in lists.sides.get(stem, {}) for stem in here)
        if left:
            yield f"{left:,} videos stand in no list of protocol I (of the release {UNLISTED}): only II tests them"
