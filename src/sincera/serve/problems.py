"""What is answered instead of a verdict: one class, one table of statuses, one form on the wire (RFC 9457)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1

TITLES = {
    400: "The form cannot be read",
    401: "An API key is missing or wrong",
    404: "There is nothing here",
    405: "This address is asked in another way",
    408: "The body came too slowly",
    413: "Too large: bytes, pixels, seconds or frames",
    415: "Neither a picture nor a video, by its content",
    422: "Not a picture or video that can be read",
    500: "The service failed",
    503: "Full, or not ready; ask again",
    504: "Not judged in time",
}


class ProblemBody(BaseModel):
    """The answer when there is no verdict."""

    model_config = ConfigDict(extra="forbid")

    status: int
    title: str
    detail: str


class RefusedError(Exception):
    """A request that gets no verdict: a status of `TITLES`, and what was found, expected and to be done."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's description of these statuses."""
    return {status: _described(status) for status in statuses}


def _described(status: int) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
    }
    headers = {503: ("Retry-After", "integer", "Seconds"), 401: ("WWW-Authenticate", "string", "How to show a key")}
    if status in headers:
        name, kind, words = headers[status]
        described["headers"] = {name: {"schema": {"type": kind}, "description": words, "required": True}}
    return described


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """One answer; 401 and 503 carry the header that says how to go on."""
    own = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_SECONDS)}}.get(status, {})
    body = ProblemBody(status=status, title=TITLES.get(status, "The request failed"), detail=detail)
    return JSONResponse(body.model_dump(), status, {**own, **(headers or {})}, MEDIA_TYPE)


def add_handlers(api: FastAPI) -> None:
    """Every error leaves as a problem; none tells what only the log may know."""

    @api.exception_handler(RefusedError)
    async def told(_: Request, error: RefusedError) -> JSONResponse:
        return problem(error.status, error.detail)

    @api.exception_handler(RequestValidationError)
    async def misfit(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        return problem(422, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.")

    @api.exception_handler(HTTPException)
    async def routed(request: Request, error: HTTPException) -> JSONResponse:
        detail = f"{request.method} here is not answered; /openapi.json lists what is."
        return problem(error.status_code, detail, dict(error.headers or {}))

    @api.exception_handler(Exception)
    async def failed(_: Request, __: Exception) -> JSONResponse:
        return problem(500, "The service failed on this request; its log says why.")
