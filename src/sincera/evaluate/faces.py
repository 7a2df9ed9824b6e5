"""Where faces come from, as scoring and training see it: a store, or anything that looks like one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip

T = TypeVar("T")
R = TypeVar("R")


class Faces(Protocol):
    """Crops by row number, and what belongs to them. `sincera.data.store.Store` is one.

    clips: all clips, with and without faces.  clip, frame, view: (R,) a row's index into clips, frame and view.
    digest: changes when the crops do.  `crops` and `extra` are called from several threads.
    """

    @property
    def clips(self) -> Sequence[Clip]: ...
    @property
    def clip(self) -> NDArray[Any]: ...
    @property
    def frame(self) -> NDArray[Any]: ...
    @property
    def view(self) -> NDArray[Any]: ...
    @property
    def digest(self) -> str: ...
    @property
    def attribute_names(self) -> Sequence[str]: ...

    def rows(self, clips: Iterable[Clip], view: str | None = None) -> NDArray[Any]:
        """Row numbers of the clips' faces in one view, the first by default."""
        ...

    def crops(self, rows: NDArray[Any]) -> NDArray[np.uint8]:
        """(N, H, W, 3) RGB."""
        ...

    def has(self, name: str) -> bool: ...

    def extra(self, name: str, rows: NDArray[Any]) -> NDArray[Any]:
        """`depth`, `mask` (N, h, w) or `attributes` (N, K), float32."""
        ...


class Remembered:
    """Faces whose decoded crops stay in memory where they fit, since decoding costs more than anything else here.

    budget: bytes that may be used; half of what the machine has free by default.
    """

    def __init__(self, faces: Faces, *, budget: int | None = None) -> None:
        self._faces = faces
        self._left = _free_memory() // 2 if budget is None else budget
        self._have = np.zeros(len(faces.clip), dtype=bool)
        self._place = np.zeros(len(faces.clip), dtype=np.int64)
        self._kept: dict[str, NDArray[np.uint8] | None] = {}
        self._lock = Lock()
        self.clips, self.digest, self.attribute_names = faces.clips, faces.digest, faces.attribute_names
        self.clip, self.frame, self.view = faces.clip, faces.frame, faces.view
        self.rows, self.has, self.extra = faces.rows, faces.has, faces.extra
        self.cache: Path | None = getattr(faces, "cache", None)

    def crops(self, rows: NDArray[Any]) -> NDArray[np.uint8]:
        """As the faces give them; rows of one call are of one view."""
        if len(rows) == 0:
            return self._faces.crops(rows)
        view = str(self._faces.view[rows[0]])
        with self._lock:
            if view not in self._kept:
                self._kept[view] = self._room(view, rows[:1])
        kept = self._kept[view]
        if kept is None:
            return self._faces.crops(rows)
        lacking = np.unique(rows[~self._have[rows]])
        if len(lacking):
            kept[self._place[lacking]] = self._faces.crops(lacking)  # two threads may do the same work: harmless
            self._have[lacking] = True
        crops: NDArray[np.uint8] = kept[self._place[rows]]
        return crops

    def _room(self, view: str, sample: NDArray[Any]) -> NDArray[np.uint8] | None:
        """An array for all crops of a view; the system gives it memory as it fills."""
        shape = self._faces.crops(sample).shape[1:]
        mine = np.flatnonzero(self._faces.view == view)
        size = len(mine) * int(np.prod(shape))
        if size > self._left:
            return None
        self._left -= size
        self._place[mine] = np.arange(len(mine))
        return np.empty((len(mine), *shape), dtype=np.uint8)


def ahead(work: Callable[[T], R], items: Iterable[T], *, threads: int = 2, depth: int = 4) -> Generator[R, None, None]:
    """`map` whose results are computed before they are asked for, in order; at most `depth` of them wait.

    >>> list(ahead(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="sincera-feed")
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _free_memory() -> int:
    """Bytes that can be taken without swapping; 0 where the system does not say, and then nothing is kept."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    kib = next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), 0)
    return 1024 * kib
