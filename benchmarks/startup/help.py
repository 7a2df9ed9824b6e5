"""How long `sincera --help` and `sincera measure` take against a Python that imports NumPy (goal: at most 4 times).

python benchmarks/startup/help.py --rounds 20
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SINCERA = str(Path(sys.executable).with_name("sincera"))


def seconds(command: list[str], cwd: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    commands = {
        "import numpy": [sys.executable, "-c", "import numpy"],
        "--help": [SINCERA, "--help"],
        "measure": [SINCERA, "measure", "scores.csv", "--rounds", "100"],
    }
    with tempfile.TemporaryDirectory() as folder:
        rows = "".join(
            f"{label},{0.01 * n + 0.3 * (label == 'attack')}\n" for n in range(40) for label in ("live", "attack")
        )
        Path(folder, "scores.csv").write_text("label,score\n" + rows)
        # Alternating, so that a busy machine slows all of them alike.
        times = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(seconds(command, folder))
    median = {name: statistics.median(values) for name, values in times.items()}
    base = median["import numpy"]
    print(
        json.dumps(
            {name: {"median_s": round(value, 3), "ratio": round(value / base, 2)} for name, value in median.items()},
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
