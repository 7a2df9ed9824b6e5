"""Latency and throughput of the service against the judge in a plain loop, same threads, same picture (goal: 0.9×).

python benchmarks/serve/latency.py --seconds 10
"""

from __future__ import annotations

import argparse
import json
import threading
import time

import cv2
import httpx2
import numpy as np
from running import picture, serving

from sincera.judge import Judge


def plain_loop(data: bytes, seconds: float, threads: int) -> float:
    """Verdicts a second of decode, detect, crop and networks in this process."""
    cv2.setNumThreads(threads)
    judge = Judge.load(threads=threads)
    judge.verdict(data)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        judge.verdict(data)
        count += 1
    return count / (time.perf_counter() - start)


def over_http(address: str, data: bytes, seconds: float, clients: int) -> dict[str, float]:
    """Percentiles in milliseconds and verdicts a second of so many clients, each asking one after another."""
    times: list[float] = []
    refused = 0
    lock = threading.Lock()
    start = time.perf_counter()

    def client() -> None:
        nonlocal refused
        with httpx2.Client(base_url=address, timeout=60, trust_env=False) as http:
            while (begun := time.perf_counter()) - start < seconds:
                status = http.post("/v1/judge", content=data).status_code
                with lock:
                    if status == 200:
                        times.append(time.perf_counter() - begun)
                    else:
                        refused += 1

    workers = [threading.Thread(target=client) for _ in range(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    passed = time.perf_counter() - start
    p50, p95, p99 = (round(1000 * float(np.percentile(times, share)), 1) for share in (50, 95, 99))
    return {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "a_second": round(len(times) / passed, 2), "refused": refused}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    data = picture()
    found: dict[str, object] = {"picture_bytes": len(data), "threads": arguments.threads}
    with serving("--threads", str(arguments.threads), "--queue", "32") as service:
        for clients in (1, 8, 32):  # the plain loop before each, so that a busy machine slows both alike
            loop = plain_loop(data, arguments.seconds, arguments.threads)
            asked = over_http(service.address, data, arguments.seconds, clients)
            ratio = round(asked["a_second"] / loop, 2)
            found[f"{clients} clients"] = {**asked, "plain_loop_a_second": round(loop, 2), "ratio": ratio}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
