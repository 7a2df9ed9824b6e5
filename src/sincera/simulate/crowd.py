"""Work for every core: the same function over many tasks, results as they come."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

import cv2

T = TypeVar("T")


def cores(workers: int | None) -> int:
    """The number of processes to use; None is one for each core that this process may use."""
    if workers is not None:
        return max(1, workers)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each_of(work: Callable[[T], Sequence[str]], tasks: Sequence[T], workers: int) -> Iterator[str]:
    """All results of `work(task)`, one after the other, tasks in any order; in this process where one is enough."""
    if workers == 1 or len(tasks) < 2:
        for task in tasks:
            yield from work(task)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context, initializer=_one_thread)
    try:
        for done in as_completed([pool.submit(work, task) for task in tasks]):
            yield from done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    cv2.setNumThreads(1)
