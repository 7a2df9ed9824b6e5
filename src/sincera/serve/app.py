"""The service as one ASGI app: routes, what they answer, and what begins and ends with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from sincera.judge import Judge
from sincera.serve.engine import Engine
from sincera.serve.keys import read_keys
from sincera.serve.metrics import Metrics
from sincera.serve.openapi import describe
from sincera.serve.page import add_page
from sincera.serve.problems import add_handlers
from sincera.serve.routes import add_routes
from sincera.serve.settings import ServiceSettings
from sincera.serve.watch import Watch


def app(opener: Callable[[], Judge], settings: ServiceSettings | None = None) -> FastAPI:
    """The service.

    opener: gives the judge; called once, in the worker's thread, when the app starts.  Until it has given a first
    verdict, `/readyz` answers 503.  Raises UsageError where the API keys cannot be read.
    """
    settings = settings or ServiceSettings()
    keys = read_keys(settings)
    metrics = Metrics(settings.queue)
    engine = Engine(opener, settings, metrics)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncGenerator[None]:
        engine.start()
        yield
        engine.close()

    api = FastAPI(
        title="sincera",
        version=version("sincera"),
        summary="Tells a live face from a presented picture, screen or mask.",
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
    )
    add_handlers(api)
    add_routes(api, engine, keys, metrics, settings)
    if settings.page:
        add_page(api)
    describe(api, locked=bool(keys))
    api.add_middleware(Watch, metrics=metrics)
    return api
