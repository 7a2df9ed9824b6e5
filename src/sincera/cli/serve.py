"""`sincera serve`: the judge over HTTP, with a page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    model: Annotated[Path | None, typer.Option(help="A model file; the shipped one without.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one. [8080]")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the networks. [1]")] = None,
    largest: Annotated[bool, typer.Option("--largest", help="Judge the largest face where there are several.")] = False,
    queue: Annotated[int | None, typer.Option(help="Requests that may wait; one more is answered 503. [16]")] = None,
    batch: Annotated[int | None, typer.Option(help="Requests judged together. [8]")] = None,
    max_mib: Annotated[float | None, typer.Option(help="Largest body in MiB. [20]")] = None,
    max_pixels: Annotated[int | None, typer.Option(help="Most pixels of a picture. [40000000]")] = None,
    max_seconds: Annotated[float | None, typer.Option(help="Longest video in seconds. [20]")] = None,
    max_frames: Annotated[int | None, typer.Option(help="Longest video in frames. [1200]")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds until a request is given up, 504. [30]")] = None,
    keys_file: Annotated[Path | None, typer.Option(help="API keys, one a line; without, everybody may ask.")] = None,
    no_page: Annotated[bool, typer.Option("--no-page", help="Answer requests only, without the page.")] = False,
    access_log: Annotated[bool, typer.Option("--access-log", help="A line a request to stdout.")] = False,
) -> None:
    """Judge pictures and videos over HTTP; a page for people is at /.

    Every option may be set in the environment as well (SINCERA_PORT, …, SINCERA_KEYS); the option counts first.
    Nothing that is sent is kept, written or logged.

    Example: sincera serve --port 8080 --keys-file keys.txt
    """
    from sincera.serve import read_settings, run

    run(
        read_settings(
            model=model,
            host=host,
            port=port,
            threads=threads,
            largest=largest or None,
            queue=queue,
            batch=batch,
            max_mib=max_mib,
            max_pixels=max_pixels,
            max_seconds=max_seconds,
            max_frames=max_frames,
            time_limit=time_limit,
            keys_file=keys_file,
            page=False if no_page else None,
            access_log=access_log or None,
        ),
        told=lambda address: print(f"sincera serves at {address} (Ctrl-C ends it)", file=sys.stderr, flush=True),
    )
