"""How long an epoch of the small student takes, and where the time goes, beside a plain loop.

    python benchmarks/train/speed.py [--crops 2000] [--size 112] [--batch 48] [--epochs 3] [--device cpu]

Random JPEG crops of one size stand for a store. Each line is the median epoch after the first; the first, which
decodes, is printed beside it. The plain loop is what one would write with torch's DataLoader: it decodes every crop
again in every epoch, in as many worker processes as there are cores. Run nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset

from sincera.clip import Clip, Label
from sincera.evaluate.faces import Remembered
from sincera.evaluate.memory import MemoryFaces
from sincera.nets import student
from sincera.train import Facts, Feed, descend
from sincera.train.feeder import Feeder, Target, rows_of
from sincera.train.precision import autocast, has_bf16


class Jpegs(MemoryFaces):
    """Faces that are decoded anew each time they are asked for, as a store's are."""

    def __init__(self, crops: int, size: int) -> None:
        dice = np.random.default_rng(0)
        pictures = [cv2.resize(dice.integers(0, 255, (16, 16, 3), dtype=np.uint8), (size, size)) for _ in range(crops)]
        super().__init__([(clip_of(number), np.zeros((1, 1, 1, 3), np.uint8)) for number in range(crops)])
        quality = [cv2.IMWRITE_JPEG_QUALITY, 95]
        self.jpegs = [cv2.imencode(".jpg", picture, quality)[1] for picture in pictures]

    def crops(self, rows: np.ndarray) -> np.ndarray:
        return np.stack([cv2.cvtColor(cv2.imdecode(self.jpegs[row], 1), cv2.COLOR_BGR2RGB) for row in rows])


def clip_of(number: int) -> Clip:
    label = Label.from_number(number % 2)
    name, attack = f"{number}.png", "print" if number % 2 else ""
    return Clip(Path(name), label, attack, "ABC"[number % 3], str(number % 20), "train", name=name)


class Plain(Dataset[tuple[torch.Tensor, int]]):
    def __init__(self, faces: Jpegs) -> None:
        self.faces = faces

    def __len__(self) -> int:
        return len(self.faces.clips)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, int]:
        crop = torch.from_numpy(self.faces.crops(np.array([number]))[0]).permute(2, 0, 1).float() / 255
        return (crop.flip(-1) if torch.rand(()) < 0.5 else crop), number % 2


def epochs_of(batches: Callable[[], Iterator[Any]], step: Callable[[Any], None], epochs: int) -> tuple[float, float]:
    """Seconds of the first epoch, and the median of the others."""
    spent = []
    for _ in range(epochs + 1):
        start = time.perf_counter()
        for batch in batches():
            step(batch)
        spent.append(time.perf_counter() - start)
    return spent[0], statistics.median(spent[1:])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("crops", 2000), ("size", 112), ("batch", 48), ("epochs", 3)):
        options.add_argument(f"--{name}", type=int, default=value)
    options.add_argument("--network", default="small")
    options.add_argument("--device", default="cpu")
    asked = options.parse_args()
    device, cores = torch.device(asked.device), os.cpu_count() or 1
    faces = Jpegs(asked.crops, asked.size)
    facts = Facts(("A", "B", "C"), tuple(sorted({clip.person for clip in faces.clips})), asked.crops, asked.size)
    steps = asked.crops // asked.batch
    print(f"{asked.network}, {asked.crops} crops of {asked.size} px, batch {asked.batch}, {device}, {cores} cores")
    print(f"{'':34}{'first epoch s':>14}{'epoch s':>9}{'crops/s':>9}")

    def report(name: str, first: float, later: float) -> None:
        print(f"{name:34}{first:14.2f}{later:9.2f}{steps * asked.batch / later:9.0f}", flush=True)

    kept = Remembered(faces)
    feeder = Feeder(kept, Feed(size=asked.batch), rows_of(faces, faces.clips, facts), seed=0, stage="train")
    turn = iter(range(10**6))

    def fed(target: Target) -> Iterator[Any]:
        start = next(turn) * steps
        return feeder.batches(start, start + steps, target)

    report("feed alone", *epochs_of(lambda: fed(Target(device)), lambda _: None, asked.epochs))
    for layout in (torch.contiguous_format, torch.channels_last):
        for precision in ("native", "bf16") if has_bf16(device) else ("native",):
            target = Target(device, layout=layout)
            step = trained(asked.network, device, layout, precision)
            name = f"sincera, {str(layout).removeprefix('torch.')}, {precision}"
            report(name, *epochs_of(lambda target=target: fed(target), step, asked.epochs))
    loader = DataLoader(Plain(faces), asked.batch, shuffle=True, drop_last=True, num_workers=cores)
    plain = trained(asked.network, device, torch.contiguous_format, "native")
    report("plain loop", *epochs_of(lambda: iter(loader), plain, asked.epochs))


def trained(network: str, device: torch.device, layout: torch.memory_format, precision: Any) -> Callable[[Any], None]:
    """One step of cross-entropy on a fresh network."""
    torch.manual_seed(0)
    net = student(network).to(device).to(memory_format=layout).train()
    optimiser = torch.optim.AdamW(net.parameters(), 1e-3)

    def step(batch: Any) -> None:
        crops, labels = (batch.crops, batch.labels) if hasattr(batch, "crops") else (part.to(device) for part in batch)
        with autocast(precision, device):
            loss = cross_entropy(net(crops), labels)
        descend(loss, optimiser)
        if device.type == "cuda":
            torch.cuda.synchronize()

    return step


if __name__ == "__main__":
    main()
