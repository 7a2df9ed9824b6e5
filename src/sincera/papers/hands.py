"""Cells on a Ray cluster: one task a cell, those that share a stage one before the others."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sincera.errors import MissingExtraError, RunError, SinceraError
from sincera.workers import cores

Task = TypeVar("Task")
Result = TypeVar("Result")
Key = tuple[object, ...]

PATIENCE = 5.0  # seconds; Ray itself asks for half a minute, and ends the process where a machine is silent
_PLACE = re.compile(r"(?P<client>ray://)?\[?(?P<host>[^/\[\]]+?)\]?:(?P<port>[0-9]{1,5})")


class Turns:
    """Who may start: of those with one key, the first alone until it is done; then all others at once.

    >>> turns = Turns([("a",), ("a",), None, ("a",)])
    >>> turns.ready()
    [0, 2]
    >>> turns.finish(2); turns.ready()
    []
    >>> turns.finish(0); turns.ready()
    [1, 3]
    """

    def __init__(self, keys: Sequence[Key | None]) -> None:
        self._keys = list(keys)
        self._queue = list(range(len(keys)))
        self._begun: set[Key] = set()
        self._made: set[Key] = set()

    def ready(self) -> list[int]:
        """Numbers that may start now; each is given once."""
        found = []
        for number in self._queue:
            key = self._keys[number]
            if key is None or key in self._made or key not in self._begun:
                found.append(number)
                self._begun |= set() if key is None else {key}
        self._queue = [number for number in self._queue if number not in found]
        return found

    def finish(self, number: int) -> None:
        """Say that one is done."""
        key = self._keys[number]
        self._made |= set() if key is None else {key}


def on_ray(
    work: Callable[[Task], Result], tasks: Sequence[Task], keys: Sequence[Key | None], address: str, device: str
) -> Iterator[tuple[int, Result]]:
    """(number, work(task)) as they finish; every node must see the same files under the same paths.

    keys: see `Turns`.  address: as `ray.init` takes it; "local" starts a cluster of this machine for the time of the
    work.  device: `cuda` takes one card a task, `auto` too where the cluster has any.
    MissingExtraError without Ray; RunError where no cluster answers; what a task raised for the user is raised here.
    """
    ray = _library()
    ours = not ray.is_initialized()
    if ours:
        _begin(ray, address)
    try:
        cards = device == "cuda" or (device == "auto" and ray.cluster_resources().get("GPU", 0) > 0)
        remote = ray.remote(num_cpus=1, num_gpus=int(cards))(_in_folder)
        turns = Turns(keys)
        waiting: dict[Any, int] = {}
        here = Path.cwd()
        while True:
            waiting |= {remote.remote(work, tasks[number], here): number for number in turns.ready()}
            if not waiting:
                return
            for one in ray.wait(list(waiting))[0]:
                number = waiting.pop(one)
                yield number, _fetched(ray, one)
                turns.finish(number)
    finally:
        if ours:
            ray.shutdown()


def check_cluster(address: str | None) -> None:
    """Whether anybody listens at HOST:PORT or ray://HOST:PORT, within seconds; RunError where not.

    None, `local`, `auto` and other words pass: Ray answers for those at once.
    """
    if address is None or not ({":", "/"} & set(address)):
        return
    place = _PLACE.fullmatch(address)
    if place is None:
        raise RunError(f"--ray {address}: expected local, auto, HOST:PORT or ray://HOST:PORT.")
    try:
        socket.create_connection((place["host"], int(place["port"])), timeout=PATIENCE).close()
    except (OSError, OverflowError, UnicodeError) as error:
        usual = "its client port, usually 10001" if place["client"] else "the port of `ray start --head`, usually 6379"
        raise RunError(
            f"no Ray cluster answers at {address!r} ({getattr(error, 'strerror', None) or error}). "
            f"Check host and port ({usual}), or start one with `ray start --head`."
        ) from None


def _library() -> Any:
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtraError("ray", "ray") from error
    return ray


def _begin(ray: Any, address: str) -> None:
    check_cluster(address)
    cpus = cores() if address == "local" else None
    try:
        ray.init(
            address=address, num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR
        )
    except (ConnectionError, ValueError) as error:
        raise RunError(
            f"no Ray cluster answers at {address!r} ({error}). Start one with `ray start`; if it asks for a token, "
            "set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN here too."
        ) from error


def _fetched(ray: Any, reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, SinceraError):
            raise cause from None
        raise


def _in_folder(work: Callable[[Task], Result], task: Task, folder: Path) -> Result:
    """Relative paths mean what they mean to whoever asked."""
    with contextlib.chdir(folder):
        return work(task)
