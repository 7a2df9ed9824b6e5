"""Faces for tables: small noisy pictures of five domains, and teachers of a few channels."""

import socket
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from folders import PREPARATION, SIDE, open_middle

from sincera.clip import Clip, Label
from sincera.data.prepare import prepare
from sincera.data.store import Store
from sincera.nets.iresnet import iresnet
from sincera.nets.stargan import stargan_discriminator
from sincera.teachers.files import save_teacher

DOMAINS = "OCIMS"
PEOPLE = 5  # two of five are tested, of the other three one validates
PARTS = ("protocol1", "protocol2/low", "protocol2/middle", "protocol2/high")


def make_clips(folder: Path) -> list[Clip]:
    """A live and an attack picture of each person of each domain, those of S with CelebA-Spoof's sides."""
    dice = np.random.default_rng(5)
    clips = []
    for number, domain in enumerate(DOMAINS):
        for person in range(PEOPLE):
            split = "test" if person > 2 else "train"
            for label in Label:
                pixels = 60 + 20 * number + dice.normal(0, 20, (SIDE + 8, SIDE + 8, 3))
                pixels[::2] += 25 * label.number
                path = folder / domain / f"{person}-{label}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), pixels.clip(0, 255).astype(np.uint8))
                sides = dict.fromkeys(PARTS, split) if domain == "S" else {}
                attack = "print" if label is Label.ATTACK else ""
                clips.append(Clip(path, label, attack, domain, str(person), split, sides, name=path.name))
    return clips


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Store:
    """Do not change it: the session shares it."""
    folder = tmp_path_factory.mktemp("papers")
    prepare(make_clips(folder), folder / "crops", PREPARATION, workers=1, opener=open_middle)
    return Store.open(folder / "crops")


@pytest.fixture
def free_port() -> int:
    """Where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number: int = listener.getsockname()[1]
    return number


@pytest.fixture(scope="session")
def brief(tmp_path_factory) -> tuple[str, ...]:
    """Settings that make a training of any method two steps long, its teachers tiny."""
    folder = tmp_path_factory.mktemp("teachers")
    networks = {
        "recognition": iresnet(blocks=(1, 1, 1, 1), channels=(4, 4, 4, 4), width=12, size=32),
        "attributes": stargan_discriminator(size=32, width=4, repeat=4, attributes=5),
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        for kind, network in networks.items():
            save_teacher(folder / f"{kind}.safetensors", network, kind=kind, facts={})  # type: ignore[arg-type]
    files = {kind: folder / f"{kind}.safetensors" for kind in networks}
    return (
        "network=small",
        "length=2 steps",
        "batch=8",
        "evaluate_every=1",
        "augment.crop=1",
        "augment.jitter=0",
        "augment.rotate=0",
        f"recognition.teacher={files['recognition']}",
        f"editing.teacher={files['attributes']}",
        "domain.length=2 steps",
    )
