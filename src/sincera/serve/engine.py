"""The workers: two bounded lines of requests, pictures and videos, judged together as they come.

A worker takes whatever waits in its line, up to a batch, decodes and finds the faces of each, and scores all of them
in one call of the networks.  Nobody waits for company: a lone request is a batch of one.  Pictures and videos have a
line each, so that a picture is not held up by the seconds that a video takes to decode.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from sincera.judge import Judge, Look, Verdict
from sincera.media import Limits
from sincera.serve.admission import Kind, check_size
from sincera.serve.metrics import Metrics
from sincera.serve.problems import RefusedError
from sincera.serve.settings import ServiceSettings

_log = logging.getLogger("sincera.serve")


@dataclass(slots=True, eq=False)
class Upload:
    """Bytes to be judged, and where their verdict goes.

    deadline: on time.monotonic's clock.  mapped: whether the maps of members that have some are wanted, which are then
    in `maps`, (N, h, w) of the N scored frames by member.
    """

    data: bytes
    kind: Kind
    deadline: float
    mapped: bool = False
    maps: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    answer: Future[Verdict] = field(default_factory=Future)
    entered: float = field(default_factory=time.perf_counter)


class Seat:
    """A place in the line, held while the body arrives; it goes to the worker with the upload, or back at the end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held = True

    def submit(self, upload: Upload) -> Future[Verdict]:
        """Hand the upload over; the future holds its verdict, or the RefusedError."""
        self._held = False
        self._engine.put(upload)
        return upload.answer

    def __enter__(self) -> Seat:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            self._engine.leave()


class Engine:
    """Judges in two threads, one a line.

    opener: gives the judge; called once, in the pictures' thread.  At most settings.queue requests wait, beside the
    settings.batch that may be in work.
    """

    def __init__(self, opener: Callable[[], Judge], settings: ServiceSettings, metrics: Metrics) -> None:
        self._opener = opener
        self._settings = settings
        self._limits = Limits(
            settings.max_bytes, settings.max_bytes, pixels=settings.max_pixels, frames=settings.max_frames
        )
        self._places = settings.queue + settings.batch
        self._metrics = metrics
        self._lines: dict[Kind, queue.SimpleQueue[Upload | None]] = {
            "picture": queue.SimpleQueue(),
            "video": queue.SimpleQueue(),
        }
        self._threads = [
            threading.Thread(target=self._judge_pictures, name="pictures", daemon=True),
            threading.Thread(target=self._judge_videos, name="videos", daemon=True),
        ]
        self._opened = threading.Event()
        self._lock = threading.Lock()
        self._inside = 0
        self._closing = False
        self.judge: Judge | None = None

    def start(self) -> None:
        """Begin: the judge is loaded and warmed up in the background."""
        for thread in self._threads:
            thread.start()

    @property
    def ready(self) -> bool:
        """Whether the judge has given its warm-up verdict, and nothing has been told to end."""
        return self.judge is not None and self.alive and not self._closing

    @property
    def alive(self) -> bool:
        """Whether both workers work."""
        return all(thread.is_alive() for thread in self._threads)

    def enter(self) -> Seat:
        """Take a place.  Raises RefusedError 503 where there is none, or no judge yet."""
        if not self.ready:
            raise RefusedError(503, "Not ready: the model is being loaded, or the service ends. Ask again.")
        with self._lock:
            if self._inside >= self._places:
                raise RefusedError(503, f"{self._inside} requests are waiting or in work, and no more fit. Ask again.")
            self._inside += 1
        return Seat(self)

    def put(self, upload: Upload) -> None:
        """Only for a Seat."""
        self._metrics.waiting.inc()
        self._lines[upload.kind].put(upload)

    def leave(self) -> None:
        """Give a place back."""
        with self._lock:
            self._inside -= 1

    def close(self) -> None:
        """Finish what was handed over, then end."""
        self._closing = True
        for line in self._lines.values():
            line.put(None)
        for thread in self._threads:
            thread.join()

    def _judge_pictures(self) -> None:
        try:
            judge = self._opener()
            warm_up(judge)
            self._metrics.describe(judge)
            self.judge = judge
        except Exception:
            _log.exception("the judge cannot be opened")
            return
        finally:
            self._opened.set()
        self._work(judge, self._lines["picture"])

    def _judge_videos(self) -> None:
        self._opened.wait()
        if self.judge is not None:
            self._work(self.judge, self._lines["video"])

    def _work(self, judge: Judge, line: queue.SimpleQueue[Upload | None]) -> None:
        while True:
            uploads, ended = self._waiting(line)
            looked = [(upload, look) for upload in uploads if (look := self._look(judge, upload)) is not None]
            if looked:
                self._decide(judge, looked)
            for _ in uploads:
                self.leave()
            if ended:
                return

    def _waiting(self, line: queue.SimpleQueue[Upload | None]) -> tuple[list[Upload], bool]:
        """Who waits in the line, at least one and at most a batch; True where the end was told."""
        uploads: list[Upload] = []
        while len(uploads) < self._settings.batch:
            try:
                upload = line.get(block=not uploads)
            except queue.Empty:
                break
            if upload is None:
                return uploads, True
            self._metrics.waiting.dec()
            self._metrics.observe("wait", time.perf_counter() - upload.entered)
            uploads.append(upload)
        return uploads, False

    def _look(self, judge: Judge, upload: Upload) -> Look | None:
        """Decode and find faces; None where the answer is there already, or nobody waits for it any longer."""
        if not upload.answer.set_running_or_notify_cancel():
            return None
        start = time.perf_counter()
        try:
            if time.monotonic() > upload.deadline:
                raise RefusedError(504, "Not judged within the time limit; send a smaller file, or ask again later.")
            check_size(upload.data, upload.kind, self._settings)
            return judge.look(upload.data, limits=self._limits)
        except Exception as error:
            upload.answer.set_exception(error)
            return None
        finally:
            self._metrics.observe("look", time.perf_counter() - start)

    def _decide(self, judge: Judge, looked: list[tuple[Upload, Look]]) -> None:
        start = time.perf_counter()
        try:
            verdicts = judge.decide([look for _, look in looked])
            for upload, look in looked:
                if upload.mapped:
                    upload.maps = judge.maps(look)
        except Exception as error:
            if len(looked) == 1:
                looked[0][0].answer.set_exception(error)
                return
            for one in looked:  # one of them spoils it for all: each alone, so that only that one fails
                self._decide(judge, [one])
            return
        for (upload, _), verdict in zip(looked, verdicts, strict=True):
            upload.answer.set_result(verdict)
        self._metrics.observe("score", time.perf_counter() - start)
        self._metrics.batch.observe(sum(len(look.scorable) for _, look in looked))


def warm_up(judge: Judge) -> Verdict:
    """A first verdict, on a made picture: detector and buffers are there before anybody waits."""
    picture = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    return judge.verdict(picture)
