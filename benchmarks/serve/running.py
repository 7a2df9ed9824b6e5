"""A service of its own process for the scripts beside this one, and the picture that they send."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import httpx2
import numpy as np

from sincera.simulate.heads import Expression, Pose, front_lights, make_person, render


@dataclass(frozen=True)
class Service:
    """address: http://host:port.  pid: of the process, whose memory is looked at."""

    address: str
    pid: int

    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(*options: str) -> Iterator[Service]:
    """`sincera serve` on a free port, ready; it ends with the block."""
    command = [str(Path(sys.executable).with_name("sincera")), "serve", "--port", "0", *options]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        address = next(word for word in child.stderr.readline().split() if word.startswith("http"))
        while httpx2.get(f"{address}/readyz", trust_env=False).status_code != 200:
            time.sleep(0.05)
        yield Service(address, child.pid)
    finally:
        child.terminate()
        child.wait()


def picture(width: int = 640, height: int = 480) -> bytes:
    """A made face before a grey wall, as a JPEG."""
    seen = render(make_person(3), Pose(scale=0.25), Expression(), front_lights(), size=(height, width), supersample=1)
    linear = np.clip(seen.rgb + 0.2 * (1 - seen.alpha[..., None]), 0, 1)
    image = np.round(255 * linear[..., ::-1] ** (1 / 2.2)).astype(np.uint8)
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
