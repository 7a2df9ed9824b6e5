"""How long `sincera datasets check` looks at full-size trees: every official cell as a tiny real file.

    python benchmarks/audit/full_size.py [--out DIR] [--rounds 3] [--sets O C I M] [--frames 2]

Prints one row a set: files, the first audit (after writing, page cache warm), the median of the rounds, and beside it a
plain walk that only lists the tree and reads the same 400 bytes of every video, so that the figure is a ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

from sincera.data.audit import audit
from sincera.data.sources import SOURCES
from sincera.media import write_video

CODECS = {".avi": "mjpeg", ".mov": "mjpeg", ".mp4": "h264"}


def plant(root: Path, key: str, frames: int) -> int:
    """Write the whole grid; returns the number of videos."""
    source = import_module(SOURCES[key])
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(frames)]
    contents = {}
    for suffix in {Path(source.path(cell)).suffix for cell in source.grid()}:
        sample = root / f"sample{suffix}"
        root.mkdir(parents=True, exist_ok=True)
        write_video(sample, pictures, fps=25, codec=CODECS[suffix])
        contents[suffix] = sample.read_bytes()
        sample.unlink()
    texts = dict.fromkeys(map(source.annotation_path, source.grid()), "0 1 1 5 5\n") | source.side_files(source.grid())
    for cell in source.grid():
        path = root / source.path(cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[path.suffix])
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    return len(source.grid())


def walk(root: Path) -> None:
    """The least that any audit must do: list everything, open every video once."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 - the plain loop
            os.stat(path)  # noqa: PTH116
            if name.endswith((".avi", ".mov", ".mp4")):
                with open(path, "rb") as file:  # noqa: PTH123
                    file.read(400)


def seconds(work: Callable[[], object], rounds: int) -> list[float]:
    """Wall time of each round."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sets", nargs="*", default=["O", "C", "I", "M"])
    parser.add_argument("--frames", type=int, default=2)
    arguments = parser.parse_args()
    print(f"{'set':<4}{'videos':>8}{'first s':>9}{'median s':>10}{'plain walk s':>14}{'ratio':>7}  ok")
    with tempfile.TemporaryDirectory() as temporary:
        for key in arguments.sets:
            root = (arguments.out or Path(temporary)) / key
            videos = plant(root, key, arguments.frames)
            first, *_ = seconds(lambda key=key, root=root: audit(key, root), 1)
            median = statistics.median(seconds(lambda key=key, root=root: audit(key, root), arguments.rounds))
            plain = statistics.median(seconds(lambda root=root: walk(root), arguments.rounds))
            ok = audit(key, root).ok
            print(f"{key:<4}{videos:>8,}{first:>9.2f}{median:>10.2f}{plain:>14.2f}{median / plain:>7.1f}  {ok}")


if __name__ == "__main__":
    main()
