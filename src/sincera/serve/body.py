"""The body of a request, read under its limits and kept in memory alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from sincera.serve.problems import RefusedError
from sincera.serve.settings import ServiceSettings

FIELD = "file"


class _InMemory(MultiPartParser):
    """Starlette's parser spools parts over a megabyte to disk; a face must not get there."""

    spool_max_size = 1 << 40


async def read_body(request: Request, settings: ServiceSettings) -> bytes:
    """The uploaded file: the body itself, or the field `file` of a multipart form.

    Raises RefusedError: 413 as soon as the body is known to be larger than allowed (by its header, else while it
    streams in), 408 where it does not arrive in time, 415 for an encoded body, 400 for a form that cannot be read, 422
    for one without exactly one file.
    """
    _check_headers(request, settings)
    try:
        async with asyncio.timeout(settings.time_limit):
            if request.headers.get("content-type", "").lower().startswith("multipart/"):
                return await _from_form(request, settings)
            return b"".join([chunk async for chunk in _limited(request, settings)])
    except TimeoutError as error:
        raise RefusedError(
            408, f"The body did not arrive within {settings.time_limit:g} seconds; send it again."
        ) from error


def _check_headers(request: Request, settings: ServiceSettings) -> None:
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise RefusedError(415, f"A body encoded as {encoding[:40]!r}; send the file's own bytes.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > settings.max_bytes:
        raise _too_large(settings)


async def _limited(request: Request, settings: ServiceSettings) -> AsyncGenerator[bytes, None]:
    """The body's chunks, up to the limit: a chunked body declares no size."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > settings.max_bytes:
            raise _too_large(settings)
        yield chunk


async def _from_form(request: Request, settings: ServiceSettings) -> bytes:
    try:
        form = await _InMemory(request.headers, _limited(request, settings), max_files=2, max_fields=10).parse()
    except MultiPartException as error:
        raise RefusedError(400, f"The multipart form cannot be read: {error.message}") from error
    try:
        return await _only_file(form)
    finally:
        await form.close()


async def _only_file(form: FormData) -> bytes:
    items = form.multi_items()
    name, value = items[0] if len(items) == 1 else ("", "")
    if name != FIELD or not isinstance(value, UploadFile):
        raise RefusedError(422, f"A form with {len(items)} parts; expected one, a file in the field {FIELD!r}.")
    return await value.read()


def _too_large(settings: ServiceSettings) -> RefusedError:
    return RefusedError(413, f"The body is larger than {settings.max_mib:g} MiB; send a smaller file.")
