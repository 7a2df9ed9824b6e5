"""A toy world: three domains of different brightness, attacks with a fine pattern that live faces lack."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sincera.clip import Clip, Label
from sincera.evaluate.memory import MemoryFaces


def toy_clip(domain: str, subject: int, number: int) -> Clip:
    label = Label.from_number(number % 2)
    attack = "" if label is Label.LIVE else f"print/{number % 4 // 2 + 1}"
    name = f"{subject}/{number}.png"
    return Clip(Path(name), label, attack, domain, str(subject), "train", name=name)


def toy_frames(clip: Clip, frames: int, side: int, dice: np.random.Generator) -> np.ndarray:
    base = 90 + 30 * (ord(clip.domain) % 4) + dice.normal(0, 12, (frames, 1, 1, 3))
    pixels = base + dice.normal(0, 6, (frames, side, side, 3))
    if clip.label is Label.ATTACK:
        pixels[:, ::2] += 14
    return pixels.clip(0, 255).astype(np.uint8)


@pytest.fixture
def toy() -> Callable[..., SimpleNamespace]:
    """Make a world: .faces, .clips and the lists .train, .dev (last subject of a source), .test (last domain)."""

    def make(
        domains: str = "ABC", subjects: int = 4, clips: int = 4, frames: int = 3, side: int = 16, faceless: int = 0
    ) -> SimpleNamespace:
        dice = np.random.default_rng(0)
        made = [toy_clip(d, s, n) for d in domains for s in range(subjects) for n in range(clips)]
        entries = [(clip, toy_frames(clip, frames, side, dice)) for clip in made]
        for number in range(faceless):
            place = len(entries) - 1 - number
            entries[place] = (entries[place][0], np.empty((0, side, side, 3), np.uint8))
        sources = [clip for clip in made if clip.domain != domains[-1]]
        extra: dict[str, Any] = {"mask": dice.random((sum(len(f) for _, f in entries), 4, 4)).astype(np.float32)}
        return SimpleNamespace(
            faces=MemoryFaces(entries, extra),
            clips=made,
            train=[clip for clip in sources if clip.subject != str(subjects - 1)],
            dev=[clip for clip in sources if clip.subject == str(subjects - 1)],
            test=[clip for clip in made if clip.domain == domains[-1]],
        )

    return make
