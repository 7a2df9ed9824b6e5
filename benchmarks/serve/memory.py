"""Memory of the service after 1,000 and 10,000 requests (goal: within 5 %).

python benchmarks/serve/memory.py --requests 10000
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor

import httpx2
from running import picture, serving


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=1_000)
    arguments = parser.parse_args()
    whole = picture()
    bodies = (whole, whole, whole[:5000], b"words", picture(320, 240), b"")
    with (
        serving() as service,
        httpx2.Client(base_url=service.address, timeout=60, trust_env=False) as http,
        ThreadPoolExecutor(4) as pool,
    ):

        def ask(number: int) -> int:
            return http.post("/v1/judge", content=bodies[number % len(bodies)]).status_code

        statuses = list(pool.map(ask, range(arguments.first)))
        first = service.memory()
        statuses += pool.map(ask, range(arguments.first, arguments.requests))
        last = service.memory()
    print(
        json.dumps(
            {
                "requests": len(statuses),
                "statuses": {str(status): statuses.count(status) for status in sorted(set(statuses))},
                f"mib_after_{arguments.first}": round(first / 2**20, 1),
                f"mib_after_{arguments.requests}": round(last / 2**20, 1),
                "ratio": round(last / first, 4),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
