"""From a cold process to the first verdict on a 640×480 photo, against a Python that imports ONNX Runtime and OpenCV.

python benchmarks/judge/cold.py --rounds 5

Goal: at most 3 times, best of five.  On a machine that does other work too, the ratio of processor time says more than
the one of wall time; both are printed.  Modules are compiled beforehand, as pip does when it installs.  The photo is a
rendered face; no real person is in it.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from sincera.simulate.heads import Expression, Pose, front_lights, make_person, render

SINCERA = str(Path(sys.executable).with_name("sincera"))
BASE = "import onnxruntime, cv2"
LIBRARY = "from sincera.judge import Judge; print(Judge.load().verdict('face.jpg'))"


def photo(path: Path) -> None:
    """A face of about 200 pixels before a grey wall, 640×480."""
    drawn = render(make_person(3), Pose(scale=0.21), Expression(), front_lights(), size=(480, 640), supersample=1)
    linear = np.clip(drawn.rgb + 0.2 * (1 - drawn.alpha[..., None]), 0, 1)
    cv2.imwrite(str(path), np.round(255 * linear ** (1 / 2.2)).astype(np.uint8)[:, :, ::-1])


def spent(command: list[str], cwd: str) -> tuple[float, float]:
    """Wall and processor seconds of one process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = own | {"PYTHONPYCACHEPREFIX": str(Path(cwd, "compiled"))}
    subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    commands = {
        "import onnxruntime, cv2": [sys.executable, "-c", BASE],
        "Judge.load().verdict(photo)": [sys.executable, "-c", LIBRARY],
        "sincera judge photo": [SINCERA, "judge", "face.jpg"],
    }
    with tempfile.TemporaryDirectory() as folder:
        photo(Path(folder, "face.jpg"))
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for command in commands.values():
            spent(command, folder)  # files into the cache, modules compiled
        # Alternating, so that a busy machine slows all of them alike.
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(spent(command, folder))
    best = {name: [min(column) for column in zip(*rows, strict=True)] for name, rows in times.items()}
    base = next(iter(best.values()))
    print(
        json.dumps(
            {
                name: {
                    "best_wall_s": round(wall, 3),
                    "median_wall_s": round(statistics.median(row[0] for row in times[name]), 3),
                    "best_cpu_s": round(cpu, 3),
                    "wall_ratio": round(wall / base[0], 2),
                    "cpu_ratio": round(cpu / base[1], 2),
                }
                for name, (wall, cpu) in best.items()
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
