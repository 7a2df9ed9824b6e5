"""Memory and processor time of one meta-gradient by each route (goal at K = 5: 0.5× and 1.0× of the unrolled one).

    python -m benchmarks.metateacher.cost [--steps 1 2 3 5] [--routes adjoint unrolled …] [--layouts plain last]
        [--size 256] [--train 40] [--valid 20] [--rounds 3] --out FILE

FAS-DR-Light as teacher and surrogate, float32, one thread, batch norms in training mode.  Each cell runs in a process
of its own: `peak` is its largest resident set less that before the first call, `seconds` the least processor time of
the rounds (user and system), `apart` the relative distance from the gradient of the unrolled route in the same layout.
Layouts: `plain` as images lie by default, `last` with channels last, as the trainer hands them over.
Routes may be those of `attempts.py` too.  Cells that FILE holds are not run again, so several short calls fill it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

LAYOUTS = ("plain", "last")
KNOWN = ("adjoint", "low_memory", "unrolled", "torch_norm", "own_jvp", "shared_forward", "bf16", "compiled",
         "checkpointed")  # fmt: skip
PAGE = resource.getpagesize()


def measure(asked: argparse.Namespace) -> dict[str, float]:
    """One cell, in this process."""
    import torch
    from benchmarks.metateacher.attempts import ATTEMPTS

    from sincera.losses import metagradient
    from sincera.losses.innerpath import ROUTES
    from sincera.nets.fasdr import fasdr_light

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    route, layout = asked.routes[0], asked.layouts[0]
    if route in ATTEMPTS:
        ROUTES["adjoint"] = ATTEMPTS[route]
        route = "adjoint"
    detector, teacher = fasdr_light().train(), fasdr_light(ending="teacher").train()
    faces, judged = (torch.rand(count, 3, asked.size, asked.size) for count in (asked.train, asked.valid))
    maps = 2 * torch.rand(asked.valid, 1, asked.size // 8, asked.size // 8)
    if layout == "last":
        detector, teacher = (one.to(memory_format=torch.channels_last) for one in (detector, teacher))
        faces, judged = (one.contiguous(memory_format=torch.channels_last) for one in (faces, judged))
    labels = torch.arange(asked.train) % 2
    before = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    seconds, walls = [], []
    for _ in range(asked.rounds):
        start, wall = time.process_time(), time.perf_counter()
        gradients, _ = metagradient.meta_gradient(
            detector, teacher, (faces, labels), (judged, maps),
            alpha=1e-3, inner_steps=asked.steps[0], mu=1e-3, route=route,
        )  # fmt: skip
        seconds.append(time.process_time() - start)
        walls.append(time.perf_counter() - wall)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    torch.save(torch.cat([value.flatten() for value in gradients.values()]), asked.keep)
    return {
        "peak_gib": round(peak / 2**30, 3),
        "seconds": round(min(seconds), 2),
        "wall_seconds": round(min(walls), 2),
        "first_seconds": round(seconds[0], 2),
    }


def in_a_process(asked: argparse.Namespace, route: str, steps: int, layout: str, keep: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.metateacher.cost", "--one", "--keep", str(keep)]
    command += ["--routes", route, "--steps", str(steps), "--layouts", layout]
    command += [f"--{name}={getattr(asked, name)}" for name in ("size", "train", "valid", "rounds")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1][:300]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def against_unrolled(cells: dict[str, dict[str, Any]]) -> None:
    """Ratios of each cell to the unrolled one of its K, in its own layout and in the better of both."""
    for name, cell in cells.items():
        _, steps, layout = name.split()
        base = cells.get(f"unrolled {steps} {layout}")
        every = [other for kind in LAYOUTS if (other := cells.get(f"unrolled {steps} {kind}"))]
        if base and "peak_gib" in cell:
            cell["memory"] = round(cell["peak_gib"] / base["peak_gib"], 3)
            cell["time"] = round(cell["seconds"] / base["seconds"], 3)
            cell["time_of_the_faster_layout"] = round(cell["seconds"] / min(one["seconds"] for one in every), 3)


def apart(keep: Path, base: Path) -> float | None:
    import torch

    if not base.exists() or not keep.exists():
        return None
    one, other = (torch.load(path).double() for path in (keep, base))
    return float(f"{float((one - other).norm() / other.norm()):.2g}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("size", 256), ("train", 40), ("valid", 20), ("rounds", 3)):
        options.add_argument(f"--{name}", type=int, default=value)
    options.add_argument("--steps", type=int, nargs="+", default=[1, 2, 3, 5])
    options.add_argument("--routes", nargs="+", choices=KNOWN, default=["unrolled", "adjoint", "low_memory"])
    options.add_argument("--layouts", nargs="+", choices=LAYOUTS, default=list(LAYOUTS))
    options.add_argument("--work", type=Path, help="where gradients are kept, to compare those of several calls")
    options.add_argument("--out", type=Path)
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--keep", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        print(json.dumps(measure(asked)))
        return
    settings = {name: getattr(asked, name) for name in ("size", "train", "valid")}
    report: dict[str, Any] = {"settings": settings, "cells": {}}
    if asked.out and asked.out.exists():
        report = json.loads(asked.out.read_text())
    if report["settings"] != settings:
        options.error(f"{asked.out} holds figures of {report['settings']}; give another --out")
    with tempfile.TemporaryDirectory() as scratch:
        work = asked.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        for steps in asked.steps:
            for layout in asked.layouts:
                for route in asked.routes:
                    name = f"{route} {steps} {layout}"
                    if name in report["cells"]:
                        continue
                    keep = work / f"{route}-{steps}-{layout}.pt"
                    cell = in_a_process(asked, route, steps, layout, keep)
                    cell["rounds"] = asked.rounds
                    cell["apart"] = apart(keep, work / f"unrolled-{steps}-{layout}.pt")
                    report["cells"][name] = cell
                    against_unrolled(report["cells"])
                    print(name, cell, flush=True)
                    if asked.out:
                        asked.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
