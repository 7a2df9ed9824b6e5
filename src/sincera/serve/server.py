"""The app behind uvicorn: one process, an end in good order."""

from __future__ import annotations

import socket
from collections.abc import Callable

import cv2
import uvicorn
from fastapi import FastAPI

from sincera.errors import UsageError
from sincera.judge import Judge
from sincera.serve.app import app
from sincera.serve.settings import ServiceSettings

_BACKLOG = 2048


def run(
    settings: ServiceSettings, opener: Callable[[], Judge] | None = None, told: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGTERM or Ctrl-C; what runs then is finished, for at most `grace` seconds.

    opener: gives the judge; the settings' model where None.  told: is given the address once the port is taken.
    Raises ModelError or UsageError before anything is answered.
    """
    cv2.setNumThreads(settings.threads)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # a line for each damaged picture, else
    judge = (opener or (lambda: Judge.load(settings.model, threads=settings.threads, largest=settings.largest)))()
    api = app(lambda: judge, settings)
    with listen(settings) as port:
        if told is not None:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            told(f"http://{host}:{port.getsockname()[1]}")
        server(api, settings).run(sockets=[port])


def listen(settings: ServiceSettings) -> socket.socket:
    """The port of the settings, taken.  Raises UsageError where that cannot be."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"{settings.host} port {settings.port}: cannot be listened on ({error.strerror or error}). "
            "Name another by --host and --port; port 0 takes a free one."
        ) from error


def server(api: FastAPI, settings: ServiceSettings) -> uvicorn.Server:
    """uvicorn with these settings.  No header of a proxy is believed: nothing here depends on who asks."""
    return uvicorn.Server(
        uvicorn.Config(
            api,
            http="h11",
            ws="none",
            lifespan="on",
            proxy_headers=False,
            server_header=False,
            access_log=settings.access_log,
            log_level="info" if settings.access_log else "warning",
            backlog=_BACKLOG,
            timeout_graceful_shutdown=round(settings.grace),
        )
    )
