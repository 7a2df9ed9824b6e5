"""The app behind uvicorn: one process, one worker thread, an end in good order."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from sincera.judge import Judge
from sincera.serve.app import app
from sincera.serve.settings import ServiceSettings


def run(settings: ServiceSettings, opener: Callable[[], Judge] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C; what runs then is finished, for at most `grace` seconds.

    Raises ModelError or UsageError before the port is opened.
    """
    judge = (opener or (lambda: Judge.load(settings.model, threads=settings.threads, largest=settings.largest)))()
    server(app(lambda: judge, settings), settings).run()


def server(api: FastAPI, settings: ServiceSettings) -> uvicorn.Server:
    """uvicorn with these settings.  No header of a proxy is believed: nothing here depends on who asks."""
    return uvicorn.Server(
        uvicorn.Config(
            api,
            host=settings.host,
            port=settings.port,
            http="h11",
            ws="none",
            lifespan="on",
            proxy_headers=False,
            server_header=False,
            access_log=settings.access_log,
            log_level="info",
            timeout_graceful_shutdown=round(settings.grace),
        )
    )
