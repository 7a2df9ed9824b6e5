"""Small teachers' files, and DTDA at a size that a test bears; as a script, one rank of a training."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sincera.clip import Clip, Label
from sincera.data.protocols import Lists
from sincera.evaluate import MemoryFaces
from sincera.methods.dtda import DTDA, DTDARecipe
from sincera.nets.iresnet import iresnet
from sincera.nets.stargan import stargan_discriminator
from sincera.recipe import load_recipe
from sincera.runs import Run
from sincera.teachers.files import save_teacher
from sincera.train import Facts, Trainer, build_method
from sincera.train.ranks import process_group

SIDE = 64
BRIEF = (
    "network=small",
    "batch=12",
    "length=4 steps",
    "evaluate_every=2",
    "checkpoint_every=1",
    "domain.length=2 steps",
    "augment.crop=1",
    "augment.jitter=0",
    "augment.rotate=0",
)


@dataclass
class Remembering:
    """Faces with a folder for derived values."""

    faces: MemoryFaces
    cache: Path

    def __getattr__(self, name: str) -> Any:
        return getattr(self.faces, name)


def write_teachers(folder: Path) -> dict[str, Path]:
    torch.manual_seed(7)
    folder.mkdir(parents=True, exist_ok=True)
    networks = {
        "recognition": iresnet(blocks=(1, 1, 1, 1), channels=(4, 8, 8, 8), width=12, size=32),
        "attributes": stargan_discriminator(size=32, width=4, repeat=3, attributes=5),
    }
    for kind, network in networks.items():
        save_teacher(folder / f"{kind}.safetensors", network, kind=kind, facts={})  # type: ignore[arg-type]
    return {kind: folder / f"{kind}.safetensors" for kind in networks}


def recipe(teachers: dict[str, Path], *sets: str) -> DTDARecipe:
    files = (f"recognition.teacher={teachers['recognition']}", f"editing.teacher={teachers['attributes']}")
    return load_recipe(DTDARecipe, preset="demo", sets=[*BRIEF, *files, *sets])


def world(domains: str = "AB") -> tuple[MemoryFaces, Lists, Facts]:
    """Lives and attacks of four people a domain; attacks carry lines. The last person validates, Z is the target."""
    dice = np.random.default_rng(0)
    entries = []
    for domain in (*domains, "Z"):
        for number in range(16):
            label = Label.from_number(number % 2)
            name = f"{number // 4}/{number}.png"
            clip = Clip(Path(name), label, "print" * label.number, domain, str(number // 4), "train", name=name)
            pixels = 80 + 15 * ord(domain) % 60 + dice.normal(0, 12, (1, SIDE, SIDE, 3))
            pixels[:, ::2] += 30 * label.number
            entries.append((clip, pixels.clip(0, 255).astype(np.uint8)))
    clips = [clip for clip, _ in entries]
    sources = [clip for clip in clips if clip.domain != "Z"]
    lists = Lists(
        tuple(clip for clip in sources if clip.subject != "3"),
        tuple(clip for clip in sources if clip.subject == "3"),
        tuple(clip for clip in clips if clip.domain == "Z"),
    )
    people = tuple(sorted({clip.person for clip in sources}))
    return MemoryFaces(entries), lists, Facts(tuple(domains), people, clips=len(lists.train), size=SIDE)


def train(
    folder: Path,
    options: DTDARecipe,
    *,
    remembering: Path | None = None,
    double: bool = False,
    domains: str = "AB",
    runs: Path | None = None,
) -> DTDA:
    """remembering: a folder for what frozen networks say of the faces, as a store has one."""
    memory, lists, facts = world(domains)
    method = build_method(DTDA, options, facts, seed=3)
    assert isinstance(method, DTDA)
    method = method.double() if double else method
    faces = memory if remembering is None else Remembering(memory, remembering)
    Trainer(method, faces, lists, Run(folder), seed=3, identity={}, runs=runs).train()  # type: ignore[arg-type]
    return method


if __name__ == "__main__":
    torch.set_num_threads(1)
    here = Path(sys.argv[1])
    files = {kind: here / f"{kind}.safetensors" for kind in ("recognition", "attributes")}
    with process_group(torch.device("cpu")):
        train(here / "two", recipe(files), double=True)
