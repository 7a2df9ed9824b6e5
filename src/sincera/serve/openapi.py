"""What OpenAPI is told beyond the types of Python: bytes as a body, the forms of a key, problems."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from sincera.serve.body import FIELD
from sincera.serve.problems import MEDIA_TYPE, ProblemBody

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "properties": {FIELD: {"type": "string", "format": "binary"}},
        "required": [FIELD],
        "additionalProperties": False,
    },
    "encoding": {FIELD: {"contentType": "image/*, video/*, application/octet-stream"}},
}

UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "The file's own bytes, or a form with one file. The type that counts is the content's: JPEG, PNG, WebP, "
            "GIF, BMP, TIFF, PNM; MP4, MOV, WebM, MKV, AVI."
        ),
        "content": {
            "application/octet-stream": _BYTES,
            "image/*": _BYTES,
            "video/*": _BYTES,
            "multipart/form-data": _FORM,
        },
    }
}

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def describe(api: FastAPI, *, locked: bool) -> None:
    """Replace the app's OpenAPI by one that tells all answers.  locked: whether an API key is asked for."""

    def told() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _schema(api, locked=locked)
        return api.openapi_schema

    setattr(api, "openapi", told)  # noqa: B010 - FastAPI's documented way, which mypy takes for an accident


def _schema(api: FastAPI, *, locked: bool) -> dict[str, Any]:
    schema = get_openapi(title=api.title, version=api.version, summary=api.summary, routes=api.routes)
    parts = schema.setdefault("components", {})
    parts.setdefault("schemas", {})["ProblemBody"] = ProblemBody.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    if locked:
        parts["securitySchemes"] = _SCHEMES
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if path.startswith("/v1/"):
                if locked:
                    operation["security"] = [{name: []} for name in _SCHEMES]
                else:
                    operation["responses"].pop("401", None)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:  # FastAPI adds its own form of an answer beside ours
                    answer["content"] = {MEDIA_TYPE: answer["content"][MEDIA_TYPE]}
    return schema
