"""The judge over HTTP, and its page: bytes in, verdicts out, nothing kept."""

from __future__ import annotations

from sincera.errors import MissingExtraError

try:
    import fastapi as _fastapi
    import prometheus_client as _prometheus_client
    import pydantic_settings as _pydantic_settings
    import python_multipart as _python_multipart
    import uvicorn as _uvicorn
except ModuleNotFoundError as error:
    raise MissingExtraError(str(error.name), "serve") from error

from sincera.serve.app import app
from sincera.serve.server import run
from sincera.serve.settings import ServiceSettings, read_settings

__all__ = ["ServiceSettings", "app", "read_settings", "run"]

del _fastapi, _prometheus_client, _pydantic_settings, _python_multipart, _uvicorn
