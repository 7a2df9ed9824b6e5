"""Progress on stderr: a bar with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")
LINE_EVERY_S = 10.0


def bar(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """A `Track` for people: yields the items and shows how many are done, how fast, and how long it takes still."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    return _on_terminal(items, title, total) if sys.stderr.isatty() else _in_lines(items, title, total)


def _on_terminal(items: Iterable[T], title: str, total: int | None) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as progress:
        yield from progress.track(items, total=total, description=title)


def _in_lines(items: Iterable[T], title: str, total: int | None) -> Iterator[T]:
    start = last = time.monotonic()
    done = 0
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= LINE_EVERY_S:
            last = now
            print(_line(title, done, total, now - start), file=sys.stderr, flush=True)
    print(_line(title, done, total, time.monotonic() - start), file=sys.stderr, flush=True)


def _line(title: str, done: int, total: int | None, seconds: float) -> str:
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {(total - done) / rate:.0f} s left" if total and rate and done < total else ""
    of = f"/{total}" if total is not None else ""
    return f"{title}: {done}{of} in {seconds:.1f} s ({rate:.1f}/s{left})"
