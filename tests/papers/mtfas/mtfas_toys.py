"""Faces for MT-FAS's tables: noisy pictures with OULU-NPU's and SiW-M's conditions, and the maps that truth gives."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from folders import PREPARATION, SIDE, open_middle

from sincera.clip import Clip, Label
from sincera.data.prepare import prepare
from sincera.data.protocols.siwm import SIWM
from sincera.data.sources.oulu import ACCESSES
from sincera.data.store import Store

BRIEF = (
    "width=2",
    "length=2 steps",
    "batch=8",
    "evaluate_every=1",
    "log_every=1",
    "augment.flip=0",
)
META = (  # of what has a meta-teacher
    "teacher.width=2",
    "teacher.surrogate_width=2",
    "pretrain.length=2 steps",
    "pretrain.batch=8",
    "bilevel.length=2 steps",
    "bilevel.train=4",
    "bilevel.valid=2",
)
RIVAL = ("rival.length=2 steps", "rival.batch=8")  # of what may have another teacher
SPLITS = {**dict.fromkeys(range(1, 5), "train"), 5: "dev", 6: "test", 7: "test"}


def oulu_clips(folder: Path) -> Iterator[Clip]:
    """Seven people, both sides of protocol 1 and of the fourth split of protocols 3 and 4, every instrument."""
    for person, split in SPLITS.items():
        for phone, session in ((1, 1), (4, 3)):
            for access, attack in ACCESSES.items():
                name = f"{phone}_{session}_{person:02d}_{access}"
                label = Label.ATTACK if attack else Label.LIVE
                conditions = {"phone": str(phone), "session": str(session)}
                yield Clip(folder / "O" / f"{name}.png", label, attack, "O", str(person), split, conditions, name=name)


def siwm_clips(folder: Path) -> Iterator[Clip]:
    """Every video a person of its own; of each kind of attack several."""
    for number in range(9):
        name, split = f"Live_{number}", "train" if number < 6 else "test"
        yield Clip(folder / "W" / f"{name}.png", Label.LIVE, "", "W", name, split, name=name)
    for word in SIWM.values():
        for number in range(4):
            name = f"{word}_{number}"
            yield Clip(folder / "W" / f"{name}.png", Label.ATTACK, word, "W", name, "train", name=name)


def cross_clips(folder: Path) -> Iterator[Clip]:
    """Three people of each of the other data sets."""
    for domain in "CIM":
        for person in range(5):
            for label in Label:
                name, split = f"{person}-{label}", "test" if person > 2 else "train"
                attack = "print" if label is Label.ATTACK else ""
                yield Clip(folder / domain / f"{name}.png", label, attack, domain, str(person), split, name=name)


def write_all(clips: Iterable[Clip], *, truth: bool = True, blind: Callable[[Clip], bool] | None = None) -> None:
    """Attacks carry a fine pattern, but not all of them.  blind: whose pictures show nothing."""
    dice = np.random.default_rng(3)
    for clip in clips:
        pixels = 90 + dice.normal(0, 30, (SIDE + 8, SIDE + 8, 3))
        pixels[::2] += 25 * (clip.label is Label.ATTACK and dice.random() < 0.8)
        pixels *= not (blind is not None and blind(clip))
        clip.path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(clip.path), pixels.clip(0, 255).astype(np.uint8))
        if truth:
            write_truth(clip)


def write_truth(clip: Clip) -> None:
    """What a simulator knows: a live face's depth, an attack's mask."""
    attack = clip.label is Label.ATTACK
    flat = np.zeros((1, 18, 18), np.uint8)
    words = {name: np.array(json.dumps({})) for name in ("attributes", "instrument")}
    np.savez(
        clip.path.with_suffix(".truth.npz"),
        depth=flat + (0 if attack else 200),
        mask=flat + (255 if attack else 0),
        points=np.full((1, 5, 2), np.nan, np.float32),
        size=np.array((SIDE + 8, SIDE + 8)),
        **words,
    )


def make_store(folder: Path, makers=(oulu_clips, siwm_clips, cross_clips)) -> Store:
    """All three, with depth and masks."""
    clips = [clip for maker in makers for clip in maker(folder)]
    write_all(clips)
    prepare(clips, folder / "crops", PREPARATION, workers=1, opener=open_middle)
    return Store.open(folder / "crops")


def grid_of(page: str, heading: str) -> dict[str, dict[str, str]]:
    """{row: {column: text}} below a heading of the Markdown."""
    part = page.split(f"### {heading}\n")[1].split("\n### ")[0]
    lines = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in part.splitlines() if line.startswith("|")]
    return {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[2:]}
