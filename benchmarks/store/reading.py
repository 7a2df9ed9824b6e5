"""Random batches out of the store, against what training consumes and against plain files.

    python benchmarks/store/reading.py --crops 8000 --students small,mobilenet_v2 --out FILE

Made-up crops of 256 pixels (about 20 KB each, as real ones).  Batches are drawn at random over the whole store.
`read` gives JPEG bytes, `crops` decoded arrays; `no cache` keeps no row group in memory, as a store far larger than the
cache.  Training is one step of a student (forward, backward, step) on such batches, already decoded.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from sincera.clip import Clip, Label
from sincera.data.prepare.clip import encode
from sincera.data.store import ClipRecord, FaceRow, Preparation, Store, reader, shards

CLIPS_A_SHARD, FRAMES = 64, 8


def face(rng: np.random.Generator) -> np.ndarray:
    """Smooth shades with some grain: a crop whose JPEG is as large as a real one's."""
    coarse = rng.integers(0, 255, (24, 24, 3), np.uint8)
    smooth = cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return np.clip(smooth + rng.normal(0, 0.8, smooth.shape), 0, 255).astype(np.uint8)


def make(folder: Path, crops: int) -> None:
    rng = np.random.default_rng(0)
    jpegs = [encode(face(rng), 95) for _ in range(256)]  # drawn from again and again: their bytes are what is read
    text, placed = Preparation().to_json(), []
    where = (np.zeros(4, np.float32), np.zeros((5, 2), np.float32))
    for start in range(0, crops // FRAMES, CLIPS_A_SHARD):
        found = []
        for number in range(start, min(start + CLIPS_A_SHARD, crops // FRAMES)):
            clip = Clip(Path("made"), Label.LIVE, "", "A", str(number), "train", name=f"{number:06}.avi")
            rows = [FaceRow(i, None, "face", *where, 1.0, jpegs[rng.integers(256)]) for i in range(FRAMES)]
            found.append((ClipRecord(clip, "ok"), rows))
        header = shards.write_shard(folder / f"faces-A-{start:06}.parquet", text, found)
        placed += header.placed()
    shards.write_clips(folder, text, placed)


def write_files(folder: Path, store: Store) -> list[Path]:
    paths = [folder / f"{row}.jpg" for row in range(len(store))]
    for path, jpeg in zip(paths, store.jpegs(np.arange(len(store))), strict=True):
        path.write_bytes(jpeg)
    return paths


def rate(work: Callable[[np.ndarray], object], rows: int, batch: int, seconds: float) -> float:
    """Crops a second of `work` on random batches; the first is not counted."""
    rng = np.random.default_rng(1)
    work(rng.integers(0, rows, batch))
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        numbers = rng.integers(0, rows, batch)
        start = time.perf_counter()
        work(numbers)
        times.append(time.perf_counter() - start)
    return batch / statistics.median(times)


def training(name: str, batch: int, seconds: float) -> float:
    import torch

    from sincera.nets import student

    network = student(name).train()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    crops, labels = torch.rand(batch, 3, 256, 256), torch.randint(0, 2, (batch,))

    def step(_: np.ndarray) -> None:
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(crops), labels).backward()
        optimiser.step()

    return rate(step, 1, batch, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crops", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--students", default="small,mobilenet_v2,resnet18", help="empty for none")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, options.crops)
        start = time.perf_counter()
        store = Store.open(folder)
        opened = time.perf_counter() - start
        (folder / "files").mkdir()
        paths = write_files(folder / "files", store)
        pool = ThreadPoolExecutor(reader.default_threads())

        def files(rows: np.ndarray) -> list[np.ndarray]:
            return list(pool.map(lambda row: cv2.cvtColor(cv2.imread(str(paths[row])), cv2.COLOR_BGR2RGB), rows))

        reader.CACHE_BYTES = 1
        bare = Store.open(folder)
        works: dict[str, Callable[[np.ndarray], object]] = {
            "read": store.jpegs,
            "crops": store.crops,
            "read, no cache": bare.jpegs,
            "crops, no cache": bare.crops,
            "plain files, cv2.imread by threads": files,
        }
        for title, work in works.items():
            rates[title] = rate(work, len(store), options.batch, options.seconds)
        pool.shutdown()
        size = sum(path.stat().st_size for path in folder.glob("faces-*"))
    for student in filter(None, options.students.split(",")):
        rates[f"training {student}"] = training(student, options.batch, options.seconds)
    report = {
        "machine": {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "settings": {"crops": options.crops, "batch": options.batch, "bytes_a_crop": round(size / options.crops)},
        "open_seconds": round(opened, 3),
        "crops_per_second": {title: round(value, 1) for title, value in rates.items()},
    }
    text = json.dumps(report, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
