"""How fast a method scores faces: one at a time, warmed up, median and 95th percentile."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from sincera.train import Method
from sincera.train.precision import memory_format

WARM_UP = 20
TIMED = 200


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds a face, the frames a second that the median gives, and what was measured on.

    size: side of the crop.  timed: calls after the warm-up.  threads: of PyTorch on the CPU.
    """

    median_ms: float
    p95_ms: float
    fps: float
    size: int
    timed: int
    device: str
    threads: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def speed_of(
    method: Method, size: int, *, device: torch.device | None = None, warm_up: int = WARM_UP, timed: int = TIMED
) -> Speed:
    """Score one random face of size×size pixels again and again, in native precision, detection left out.

    The crop lies on the device already; a card is waited for before each reading of the clock.
    """
    device = device or torch.device("cpu")
    layout = memory_format(device)
    method = method.to(device).to(memory_format=layout).eval()
    crop = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0)).to(device, memory_format=layout)
    readings = []
    with torch.inference_mode():
        for turn in range(warm_up + timed):
            start = time.perf_counter()
            method.score(crop)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            if turn >= warm_up:
                readings.append(1000 * (time.perf_counter() - start))
    median, p95 = (float(np.percentile(readings, share)) for share in (50, 95))
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return Speed(median, p95, 1000 / median, size, timed, name, torch.get_num_threads())
