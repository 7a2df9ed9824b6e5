"""Damaged pictures and videos at a running service, for a minute: none may be answered 5xx, and it must stay well.

python benchmarks/serve/fuzz.py --seconds 60
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

import cv2
import httpx2
import numpy as np
from running import picture, serving

from sincera.media import write_video

ANSWERS = {200, 413, 415, 422}


def seeds(folder: str) -> list[bytes]:
    """Whole files of several kinds, to be damaged."""
    image = cv2.imdecode(np.frombuffer(picture(160, 120), np.uint8), cv2.IMREAD_COLOR)
    kinds = [cv2.imencode(suffix, image)[1].tobytes() for suffix in (".jpg", ".png", ".webp", ".bmp", ".tiff", ".ppm")]
    for suffix in ("mp4", "avi"):
        path = Path(folder, f"clip.{suffix}")
        write_video(path, [image[..., ::-1]] * 10, fps=10, codec="mjpeg" if suffix == "avi" else "h264")
        kinds.append(path.read_bytes())
    return kinds


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """Bytes changed, cut out, doubled or cut off."""
    found = bytearray(data)
    for _ in range(rng.integers(1, 12)):
        at = int(rng.integers(0, min(len(found), 600) if rng.random() < 0.6 else len(found)))
        match rng.integers(0, 4):
            case 0:
                found[at] = int(rng.integers(0, 256))
            case 1:
                found[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
            case 2:
                del found[at : at + int(rng.integers(1, 40))]
            case _:
                found[at:at] = found[at : at + 20]
        if len(found) < 20:
            break
    return bytes(found[: int(rng.integers(1, len(found)))] if rng.random() < 0.2 else found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    statuses: Counter[int] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        whole = seeds(folder)
    with serving() as service, httpx2.Client(base_url=service.address, timeout=60, trust_env=False) as http:
        start = time.perf_counter()
        while time.perf_counter() - start < arguments.seconds:
            body = damaged(whole[rng.integers(len(whole))], rng)
            begun = time.perf_counter()
            statuses[http.post("/v1/judge", content=body).status_code] += 1
            slowest = max(slowest, time.perf_counter() - begun)
        well = http.get("/healthz").status_code == http.post("/v1/judge", content=whole[0]).status_code == 200
    print(json.dumps({"statuses": dict(statuses), "slowest_s": round(slowest, 2), "well": well}))
    raise SystemExit(0 if well and set(statuses) <= ANSWERS else 1)


if __name__ == "__main__":
    main()
