"""Who does the work: this process, a process a core, or a Ray cluster. The shards are the same."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool

import cv2

from sincera.data.prepare.chunks import Chunk
from sincera.data.store import ClipRecord
from sincera.errors import MissingExtraError, StoreError
from sincera.workers import cores, each_done

Finished = Iterator[list[ClipRecord]]


def by_processes(work: Sequence[Chunk], workers: int) -> Finished:
    """By fresh processes, as they finish; in this one where one is enough.

    StoreError where a process dies; what was finished stays.
    """
    try:
        yield from each_done(Chunk.write, work, workers)
    except BrokenProcessPool as error:
        raise StoreError(
            "a worker process died (killed, out of memory, or by a crash of a decoder). What is finished is kept: "
            "run the same command again, with fewer --workers where memory is short."
        ) from error


def on_ray(work: Sequence[Chunk], address: str, workers: int | None) -> Finished:
    """By a Ray cluster, as they finish; every node must see clips and store under the same paths.

    address: as `ray.init` takes it; "local" starts a cluster of this machine for the time of the work.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtraError("ray", "ray") from error
    ours = not ray.is_initialized()
    if ours:
        cpus = (workers or cores()) if address == "local" else None
        try:
            ray.init(
                address=address,
                num_cpus=cpus,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, ValueError) as error:
            raise StoreError(f"no Ray cluster answers at {address!r} ({error}). Start one with `ray start`.") from error
    try:
        task = ray.remote(_alone)
        waiting = [task.remote(chunk) for chunk in work]
        while waiting:
            finished, waiting = ray.wait(waiting)
            for one in finished:
                yield ray.get(one)
    finally:
        if ours:
            ray.shutdown()


def _alone(chunk: Chunk) -> list[ClipRecord]:
    cv2.setNumThreads(1)
    return chunk.write()
