"""How long a simulated world takes, and one recaptured picture on one core.

    python benchmarks/simulate/world.py [--scale tiny] [--pictures 60]

Prints seconds for the world on all cores (into a temporary folder), and median and 95th percentile milliseconds of one
attack frame of 480 × 360 (scene and capture, without encoding), first frames apart, for each species.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from sincera.cli.progress import bar
from sincera.simulate.camera import CameraModel
from sincera.simulate.instruments.handling import View
from sincera.simulate.instruments.sheet import Shot
from sincera.simulate.instruments.species import SPECIES, instrument
from sincera.simulate.room import RoomStyle, draw_room
from sincera.simulate.scene import Anchor, Scene
from sincera.simulate.world import write_world

SIZE = (480, 360)


def milliseconds(species: str, pictures: int) -> list[float]:
    """The time of each frame of one presentation, its first one left out."""
    rng = np.random.default_rng(0)
    picture = cv2.resize(rng.integers(0, 255, (12, 9, 3), np.uint8), SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    points = np.array([[150, 210], [210, 210], [180, 240], [155, 270], [205, 270]], np.float32)
    view = View(SIZE, Anchor(180, 250, 64))
    shots = [Shot(np.asarray(picture, np.uint8), points, 0.6)] * 4
    presented = instrument(species).present(shots, view, pictures + 1, rng)
    behind = Scene(draw_room(rng, SIZE, RoomStyle()), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8), None)
    camera = CameraModel().draw(rng, SIZE)
    settings = camera.meter(presented.scene(0, behind))
    times = []
    for index in range(pictures + 1):
        start = time.perf_counter()
        camera.capture(presented.scene(index, behind), settings, rng)
        times.append(1000 * (time.perf_counter() - start))
    return times[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="tiny")
    parser.add_argument("--pictures", type=int, default=60)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, scale {given.scale}")
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_world(Path(folder), scale=given.scale, track=bar)
        print(f"world: {time.perf_counter() - start:.1f} s")
    cv2.setNumThreads(1)
    everything = []
    for species in SPECIES:
        times = milliseconds(species, given.pictures)
        everything += times
        print(f"{species:14s} median {np.median(times):5.1f} ms, 95 % {np.quantile(times, 0.95):5.1f} ms")
    print(f"{'all':14s} median {np.median(everything):5.1f} ms, 95 % {np.quantile(everything, 0.95):5.1f} ms")


if __name__ == "__main__":
    main()
