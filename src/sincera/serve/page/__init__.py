"""The page at `/`: files beside this one, served as they are."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from fastapi.responses import Response

from sincera.serve.problems import RefusedError

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def add_page(api: FastAPI) -> None:
    """Serve `/` and `/page/NAME`; the files are read once, and no name reaches the file system."""
    folder = files(__name__)
    contents = {
        entry.name: (entry.read_bytes(), TYPES[f".{entry.name.rpartition('.')[2]}"])
        for entry in folder.iterdir()
        if f".{entry.name.rpartition('.')[2]}" in TYPES
    }

    @api.get("/", include_in_schema=False)
    async def page() -> Response:
        return _answer(*contents["index.html"])

    @api.get("/page/{name}", include_in_schema=False)
    async def part(name: str) -> Response:
        if name not in contents:
            raise RefusedError(404, "There is no such part of the page.")
        return _answer(*contents[name])


def _answer(content: bytes, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})
