"""`sincera judge`: live or attack, for pictures, videos, folders of them, or a camera."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.judge import Judge, Verdict

EXAMPLE = "Example: sincera judge selfie.jpg clip.mp4 --json"
COLUMNS = ("path", "outcome", "score", "label", "threshold", "rule", "frames", "skipped", "warnings", "error")
PICTURES = (".jpg", ".jpeg", ".png")

Show = Callable[["Verdict"], None]


def register(app: typer.Typer) -> None:
    """Add `sincera judge`."""
    app.command("judge", epilog=EXAMPLE)(judge)


def judge(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE | DIR]...", help="Pictures, videos, or folders with some.")
    ] = None,
    camera: Annotated[
        str | None, typer.Option(metavar="N | FILE", help="A camera's number, or a video file that plays a camera.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model file; the one that comes along unless told.")] = None,
    threshold: Annotated[
        str | None, typer.Option(metavar="POINT | X", help="Operating point of the model by name, or a number.")
    ] = None,
    largest: Annotated[bool, typer.Option("--largest", help="Judge the largest of several faces.")] = False,
    early_exit: Annotated[
        bool, typer.Option("--early-exit", help="End a video once three frames agree; the verdict says so.")
    ] = False,
    require_live: Annotated[bool, typer.Option("--require-live", help="Exit 1 unless all are live.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A table, one line a file.")] = False,
    annotate: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Draw each verdict: a .jpg or .png for one file, else a folder.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Of the camera, for one verdict.")] = 2.0,
    watch: Annotated[bool, typer.Option("--watch", help="Go on judging the camera, until Ctrl+C or its end.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the networks.")] = 1,
) -> None:
    """Tell a live face from a presented picture, screen or mask; no PyTorch, no network.

    One line a file: outcome (live, attack, uncertain, no_face, face_too_small, several_faces, unreadable), score
    (rises with attack) and threshold. Only `live` means live. Exit 0 when every file got an answer, 1 with
    --require-live unless all are live, 2 when a file cannot be read.
    """
    from sincera.judge import Judge, Outcome

    _check(files, camera, as_json and as_csv, annotate, watch)
    found = _expanded(files or [])
    if annotate is not None and _is_picture(annotate) and len(found) > 1:
        raise UsageError(f"--annotate {annotate}: one picture for {len(found)} files; name a folder.")
    judged = Judge.load(model, threads=threads, largest=largest, threshold=_threshold(threshold))
    show = _shower(as_json, as_csv, sys.stdout)
    outcomes: list[Outcome] = []
    drawn: set[Path] = set()
    with _until_stopped() if camera else nullcontext():
        for verdict in _verdicts(judged, found, camera, early_exit, seconds, watch):
            show(verdict)
            outcomes.append(verdict.outcome)
            if annotate is not None and verdict.error is None:
                _draw(verdict, annotate, drawn)
    if Outcome.UNREADABLE in outcomes:
        raise typer.Exit(2)
    raise typer.Exit(1 if require_live and any(outcome is not Outcome.LIVE for outcome in outcomes) else 0)


def _check(files: list[Path] | None, camera: str | None, both: bool, annotate: Path | None, watch: bool) -> None:
    """UsageError for options that do not go together, before a model is opened."""
    if bool(files) == (camera is not None):
        raise UsageError("give files or folders to judge, or --camera N (the first camera is 0), one of the two.")
    if both:
        raise UsageError("--json and --csv: choose one.")
    if camera is not None and annotate is not None:
        raise UsageError("--annotate draws on files; it does not go with --camera.")
    if watch and camera is None:
        raise UsageError("--watch goes on with a camera; name it by --camera N.")


def _threshold(text: str | None) -> str | float | None:
    """A number where it reads as one, else the name of an operating point."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _expanded(given: Iterable[Path]) -> list[Path]:
    """Files as given, folders as the pictures and videos below them; UsageError where a folder holds none."""
    from sincera.media import natural_key, sniff

    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        below = [one for one in path.rglob("*") if one.is_file() and not one.name.startswith(".")]
        media = sorted((one for one in below if sniff(one)), key=lambda one: (one.parent, natural_key(one)))
        if not media:
            raise UsageError(f"{path}: holds no picture and no video. Name another folder, or files.")
        if len(media) < len(below):
            print(f"{path}: passed over {len(below) - len(media)} files that are neither", file=sys.stderr)
        found += media
    return found


def _verdicts(
    judged: Judge, files: list[Path], camera: str | None, early_exit: bool, seconds: float, watch: bool
) -> Iterator[Verdict]:
    from sincera.cli.progress import bar
    from sincera.judge import open_camera
    from sincera.judge import watch as watched

    if camera is not None:
        with open_camera(camera) as frames:
            for verdict in watched(judged, frames, seconds=seconds):
                yield verdict
                if not watch:
                    return
        return
    # On a terminal the lines themselves show how far it is, and a bar would be torn by them.
    track = bar(files, "judging", len(files)) if len(files) > 1 and not sys.stdout.isatty() else iter(files)
    for path in track:
        yield judged.verdict(path, early_exit=early_exit)


@contextmanager
def _until_stopped() -> Iterator[None]:
    """Ctrl+C is how one ends watching, no failure."""
    try:
        yield
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)


def _shower(as_json: bool, as_csv: bool, out: TextIO) -> Show:
    """How verdicts are printed. `out` is kept, as a progress bar may stand in for standard output meanwhile."""
    if as_json:
        return lambda verdict: print(json.dumps(verdict.to_dict(), allow_nan=False), file=out, flush=True)
    if not as_csv:
        return lambda verdict: print(verdict, file=out, flush=True)
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)

    def row(verdict: Verdict) -> None:
        values = verdict.to_dict() | {
            "threshold": verdict.threshold.value,
            "rule": verdict.threshold.rule,
            "frames": len(verdict.frames),
            "warnings": "; ".join(verdict.warnings),
        }
        table.writerow(["" if values[name] is None else values[name] for name in COLUMNS])
        out.flush()

    return row


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES


def _draw(verdict: Verdict, out: Path, drawn: set[Path]) -> None:
    """Write the annotated picture; of a video, the frame with the highest score.

    drawn: what this command has written; files of one name in several folders are told apart by a number.
    """
    import cv2

    name = Path(verdict.path or "camera").name
    path, number = (out if _is_picture(out) else out / f"{name}.jpg"), 2
    while path in drawn:
        path, number = out / f"{name}-{number}.jpg", number + 1
    drawn.add(path)
    done, data = cv2.imencode(path.suffix, cv2.cvtColor(verdict.annotate(), cv2.COLOR_RGB2BGR))
    if not done:
        raise UsageError(f"{path}: the picture could not be encoded; name a .jpg or .png.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.tobytes())
