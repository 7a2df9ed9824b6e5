"""Short versions of benchmarks/serve/fuzz.py and memory.py."""

import os
import time
from collections import Counter
from pathlib import Path

import numpy as np

JUDGE = "/v1/judge"


def damaged(data, rng):
    """Some bytes changed, cut out or cut off, the more often the nearer to the header."""
    found = bytearray(data)
    for _ in range(rng.integers(1, 10)):
        at = int(rng.integers(0, max(1, int(len(found) * rng.random() ** 3))))
        found[at : at + int(rng.integers(0, 6))] = rng.bytes(int(rng.integers(0, 6)))
        if len(found) < 16:
            break
    return bytes(found[: int(rng.integers(1, len(found) + 1))] if rng.random() < 0.2 else found)


def test_damaged_files_are_answered_and_the_service_stays_well(service, made):
    rng = np.random.default_rng(0)
    image = made.coloured()
    whole = [made.encoded(image, suffix) for suffix in (".png", ".jpg", ".webp", ".bmp", ".tiff", ".ppm")]
    whole += [made.video(), made.video(form="avi"), made.video(form="matroska")]
    statuses = Counter()
    until = time.monotonic() + 3
    while time.monotonic() < until or sum(statuses.values()) < 50:
        statuses[service.post(JUDGE, content=damaged(whole[rng.integers(len(whole))], rng)).status_code] += 1
    assert set(statuses) <= {200, 413, 415, 422}
    assert len(statuses) > 1
    assert service.get("/healthz").status_code == service.post(JUDGE, content=whole[0]).status_code == 200


def test_memory_does_not_grow_with_requests(service, made):
    bodies = [made.picture, made.picture[:40], made.video(), b"words", b""]

    def memory_after(requests):
        for number in range(requests):
            service.post(JUDGE, content=bodies[number % len(bodies)])
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    first = memory_after(100)
    assert memory_after(150) < 1.05 * first
