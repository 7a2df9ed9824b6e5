"""Who does the work: this process, a process a core, or a Ray cluster. The shards are the same."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

import cv2

from sincera.data.prepare.chunks import Chunk
from sincera.data.store import ClipRecord
from sincera.errors import MissingExtraError, StoreError

Finished = Iterator[list[ClipRecord]]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def here(work: Sequence[Chunk]) -> Finished:
    """One after the other, in this process."""
    for chunk in work:
        yield chunk.write()


def by_processes(work: Sequence[Chunk], workers: int) -> Finished:
    """By fresh processes, as they finish.  StoreError where one dies; what was finished stays."""
    context = multiprocessing.get_context("spawn")  # a fork would inherit threads of the nets and of the decoder
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        futures = [pool.submit(chunk.write) for chunk in work]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as error:
            raise StoreError(
                "a worker process died (killed, out of memory, or by a crash of a decoder). What is finished is kept: "
                "run the same command again, with fewer --workers where memory is short."
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


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


def _begin() -> None:
    """In a fresh worker: one thread, no say in the terminal's Ctrl-C, and no life after its parent."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
