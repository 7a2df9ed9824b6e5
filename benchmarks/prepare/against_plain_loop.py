"""Frames a second of `sincera prepare` against the plain loop that a user would write with facenet-pytorch (goal 5×).

    python benchmarks/prepare/against_plain_loop.py O=world/O C=world/C --peer-python PEER/bin/python --out FILE

The same clips, frames, smallest face and crop size, alternating round by round; the median counts.  Ours is the whole
command, started anew each time, with its processes' start and the store's writing; of the peer only the loop is timed.
PEER is any environment with facenet-pytorch 2.6.0, opencv-python-headless and Pillow; benchmarks/faces/detectors.py
can make one.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sincera.data.sources import parse_roots, read_clips
from sincera.media import sniff

SINCERA = Path(sys.executable).with_name("sincera")
PLAIN = Path(__file__).with_name("plain_loop.py")


def ours(roots: list[str], store: Path, options: argparse.Namespace) -> dict[str, float]:
    shutil.rmtree(store, ignore_errors=True)
    command = [SINCERA, "prepare", *roots, "--store", store, "--frames", str(options.frames), "--json"]
    start = time.perf_counter()
    done = subprocess.run([*command, "--min-face", str(options.min_face)], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode == 2:
        raise SystemExit(done.stderr)
    summary = json.loads(done.stdout)
    return {"seconds": seconds, "frames": summary["frames"], "faces": summary["faces"]}


def plain(files: list[str], folder: Path, options: argparse.Namespace) -> dict[str, float]:
    listed = folder / "files.json"
    listed.write_text(json.dumps(files))
    out = folder / "plain"
    out.mkdir(exist_ok=True)
    command = [options.peer_python, PLAIN, listed, out, str(options.frames), str(options.min_face)]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", metavar="NAME=ROOT")
    parser.add_argument("--peer-python", type=Path, help="without it only ours is timed")
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--min-face", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    clips = [clip for root in parse_roots(options.roots) for clip in read_clips(*root).clips]
    # OpenCV reads pictures as videos of one frame; frame folders it does not, so they stay out on both sides.
    files = [str(clip.path) for clip in clips if sniff(clip.path) != "frames"]
    results: dict[str, list[dict[str, float]]] = {"sincera prepare": [], "plain loop": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            results["sincera prepare"].append(ours(options.roots, Path(folder) / "store", options))
            if options.peer_python:
                results["plain loop"].append(plain(files, Path(folder), options))
    rates = {
        name: {
            "frames_per_second": round(statistics.median(one["frames"] / one["seconds"] for one in rounds), 2),
            "frames": rounds[0]["frames"],
            "faces": rounds[0]["faces"],
        }
        for name, rounds in results.items()
        if rounds
    }
    report = {
        "machine": {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "settings": {
            "frames": options.frames,
            "min_face": options.min_face,
            "rounds": options.rounds,
            "clips": len(files),
        },
        "results": rates,
    }
    if options.peer_python:
        ours_rate, plain_rate = (rates[name]["frames_per_second"] for name in ("sincera prepare", "plain loop"))
        report["ratio"] = round(ours_rate / plain_rate, 2)
    text = json.dumps(report, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
