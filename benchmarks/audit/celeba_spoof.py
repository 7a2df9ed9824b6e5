"""How long a CelebA-Spoof tree of many pictures takes to read, to divide and to audit, and the memory that it needs.

    python benchmarks/audit/celeba_spoof.py [--pictures 100000] [--out DIR]

Writes that many pictures of 24 bytes with their boxes, and all ten lists. Each figure comes from a fresh process, page
cache warm. The plain walk beside it lists the tree and asks every file for its size.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sincera.data.audit import audit
from sincera.data.protocols import parse_protocol
from sincera.data.sources import read_clips
from sincera.data.sources.celeba_labels import ATTRIBUTES, SPECIES, numbers
from sincera.data.sources.celeba_lists import LISTS, format_lists

PICTURES_OF_ONE = 61  # 561,575 pictures of 9,196 people
LIVE = 20


def plant(root: Path, pictures: int) -> None:
    """A tree like the release's, smaller: nine of ten people in Data/train, every protocol on the same two sides."""
    sides: dict[str, dict[str, list[int]]] = {"train": {}, "test": {}}
    for number in range(pictures):
        subject, turn = divmod(number, PICTURES_OF_ONE)
        side = "test" if subject % 10 == 9 else "train"
        kind = "live" if turn < LIVE else "spoof"
        folder = root / f"Data/{side}/{subject + 1}/{kind}"
        if turn in (0, LIVE):
            folder.mkdir(parents=True, exist_ok=True)
        name = f"{number:06d}.{'png' if side == 'test' else 'jpg'}"
        (folder / name).write_bytes(b"\xff\xd8\xff" + bytes(21))
        (folder / f"{number:06d}_BB.txt").write_bytes(b"49 38 104 140 0.9986783\n")
        holding = [word for bit, word in enumerate(ATTRIBUTES) if number * 2654435761 >> bit & 1]
        codes = (SPECIES[1 + turn % 10], "normal", "indoor") if kind == "spoof" else ()
        sides[side][f"Data/{side}/{subject + 1}/{kind}/{name}"] = numbers(holding if kind == "live" else (), *codes)
    lists = {f"{where}/{side}": entries for where in LISTS for side, entries in sides.items()}
    for name, text in format_lists(lists).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def walk(root: Path) -> None:
    """The plain loop: every file's size."""
    for folder, _, names in os.walk(root):
        for name in names:
            os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118


def peak() -> float:
    """Most memory that this process has held, in MB; `getrusage` would tell its parent's."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def measured(what: str, root: Path) -> None:
    """Do one thing in this process and say what it took."""
    start = time.perf_counter()
    if what == "plain walk":
        walk(root)
    elif what == "audit":
        audit("S", root)
    else:
        clips = read_clips("S", "S", root).clips
        if what == "read, celeba/1":
            parse_protocol("celeba/1").divide(clips)
    seconds = time.perf_counter() - start
    print(f"{what:<16}{seconds:>8.2f} s {peak():>7.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--only", default=None)
    asked = parser.parse_args()
    if asked.only:
        measured(asked.only, asked.out)
        return
    with tempfile.TemporaryDirectory() as temporary:
        root = asked.out or Path(temporary) / "S"
        if not root.exists():
            plant(root, asked.pictures)
        for what in ("plain walk", "read", "read, celeba/1", "audit"):
            subprocess.run([sys.executable, __file__, "--out", root, "--only", what], check=True)


if __name__ == "__main__":
    main()
