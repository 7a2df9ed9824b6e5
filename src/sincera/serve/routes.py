"""What is answered at which address."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import numpy as np
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from sincera.judge import Outcome, Verdict
from sincera.serve.admission import kind_of
from sincera.serve.body import read_body
from sincera.serve.card import model_card
from sincera.serve.engine import Engine, Upload
from sincera.serve.keys import Keys, shown_keys
from sincera.serve.metrics import Metrics
from sincera.serve.openapi import UPLOAD
from sincera.serve.problems import RefusedError, answers
from sincera.serve.schema import Health, ModelCard, VerdictBody
from sincera.serve.settings import ServiceSettings
from sincera.serve.watch import JUDGE_PATH

Maps = Annotated[bool, Query(description="Give the maps of networks that have one, too")]


def add_routes(api: FastAPI, engine: Engine, keys: Keys, metrics: Metrics, settings: ServiceSettings) -> None:
    """Add `/v1/judge`, `/v1/model`, `/healthz`, `/readyz` and `/metrics`."""

    async def admitted(request: Request) -> None:
        shown = shown_keys(request.headers.get("authorization"), request.headers.get("x-api-key"))
        if not keys.admit(shown):
            raise RefusedError(401, "Show a key that is known here: `Authorization: Bearer KEY` or `X-API-Key: KEY`.")

    locked = [Depends(admitted)]

    @api.post(
        JUDGE_PATH,
        dependencies=locked,
        response_model=VerdictBody,
        responses=answers(400, 401, 408, 413, 415, 422, 500, 503, 504),
        openapi_extra=UPLOAD,
        summary="Judge a picture or a short video",
    )
    async def judge(request: Request, maps: Maps = False) -> Response:
        deadline = time.monotonic() + settings.time_limit
        with engine.enter() as seat:
            start = time.perf_counter()
            data = await read_body(request, settings)
            metrics.observe("read", time.perf_counter() - start)
            upload = Upload(data, kind_of(data), deadline, mapped=maps)
            answer = seat.submit(upload)
        verdict = await _in_time(asyncio.wrap_future(answer), deadline)
        if verdict.outcome is Outcome.UNREADABLE:
            raise RefusedError(422, verdict.error or "The file cannot be read.")
        request.scope["state"]["outcome"] = verdict.outcome.value
        found = {name: np.round(values, 3).tolist() for name, values in upload.maps.items()}
        return JSONResponse(verdict.to_dict() | ({"maps": found} if maps else {}))

    @api.get(
        "/v1/model",
        dependencies=locked,
        response_model=ModelCard,
        responses=answers(401, 503),
        summary="The model, its thresholds and the limits of the service",
    )
    async def model() -> Response:
        if engine.judge is None:
            raise RefusedError(503, "Not ready: the model is being loaded. Ask again.")
        return JSONResponse(model_card(engine.judge, settings))

    @api.get("/healthz", response_model=Health, responses=answers(503), summary="Does the service work?")
    async def healthz() -> Response:
        if not engine.alive:
            raise RefusedError(503, "The worker has ended; restart the service. Its log says why.")
        return JSONResponse({"status": "ok"})

    @api.get("/readyz", response_model=Health, responses=answers(503), summary="Has the warm-up verdict been given?")
    async def readyz() -> Response:
        if not engine.ready:
            raise RefusedError(503, "Not ready: no warm-up verdict yet, or the service ends.")
        return JSONResponse({"status": "ready"})

    @api.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}}},
        summary="Counts and times for Prometheus",
    )
    async def numbers() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


async def _in_time(answer: asyncio.Future[Verdict], deadline: float) -> Verdict:
    """The verdict, or RefusedError 504; a request that is still waiting then is dropped by the worker."""
    try:
        return await asyncio.wait_for(answer, max(0.0, deadline - time.monotonic()))
    except TimeoutError as error:
        raise RefusedError(504, "Not judged within the time limit; send a smaller file, or ask again later.") from error
