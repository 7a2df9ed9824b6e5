"""A run folder: names, atomic writes, and reading as plain JSON and CSV. No PyTorch, no pydantic.

    run.json        recipe, protocol, seed, versions, commit, facts, lists, validation, weights, counts
    log.jsonl       one object a line: stage, step, and what the method logged
    tensorboard/    the same, for TensorBoard
    checkpoints/    last.pt, source.pt, <stage>-<key>.pt: tensors only
    scores/<step>/  dev.csv (source validation) and test.csv (target), by frame
    measures.json   what `sincera.evaluate` made of the scores
    done            written last

A reader never sees half a file: everything is written beside its place and renamed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sincera.errors import RunError

if TYPE_CHECKING:
    from sincera.measures.selection import Evaluation
    from sincera.measures.table import ScoreTable, SourceScores, TargetScores


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves either the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def to_json(value: object) -> bytes:
    """Indented JSON that ends in a newline; NaN is refused, since readers of JSON do not know it."""
    return (json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


class Run:
    """One folder that holds one training.

    >>> Run(Path("runs/baseline")).scores_path(200, "dev").as_posix()
    'runs/baseline/scores/200/dev.csv'
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    @classmethod
    def open(cls, folder: Path) -> Run:
        """A run that exists; RunError where there is none."""
        run = cls(folder)
        if not run.info_path.is_file():
            raise RunError(f"{folder}: no run.json here, so it is no run. Train one: `sincera train … --run {folder}`.")
        return run

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    # Names

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def info_path(self) -> Path:
        return self.folder / "run.json"

    @property
    def log_path(self) -> Path:
        return self.folder / "log.jsonl"

    @property
    def tensorboard(self) -> Path:
        return self.folder / "tensorboard"

    @property
    def measures_path(self) -> Path:
        return self.folder / "measures.json"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    def checkpoint(self, name: str) -> Path:
        """`last` (newest), `source` (ST's choice) or a finished stage's file name without suffix."""
        return self.checkpoints / f"{name}.pt"

    def scores_path(self, step: int, part: str) -> Path:
        """part: `dev` (source validation) or `test` (target)."""
        return self.folder / "scores" / str(step) / f"{part}.csv"

    # run.json, measures.json, done

    @property
    def exists(self) -> bool:
        return self.info_path.is_file()

    def info(self) -> dict[str, Any]:
        """run.json; RunError where it is absent or no JSON."""
        return _read_object(self.info_path)

    def write_info(self, info: Mapping[str, Any]) -> None:
        write_atomically(self.info_path, to_json(info))

    def measures(self) -> dict[str, Any] | None:
        """measures.json, or None before there is one."""
        return _read_object(self.measures_path) if self.measures_path.is_file() else None

    def write_measures(self, measures: Mapping[str, Any]) -> None:
        write_atomically(self.measures_path, to_json(measures))

    @property
    def done(self) -> bool:
        return (self.folder / "done").is_file()

    def mark_done(self) -> None:
        write_atomically(self.folder / "done", b"")

    def sweep(self) -> None:
        """Remove halves of files that a killed writer left; only for whoever is the run's one writer now."""
        for half in self.folder.rglob(".*.part"):
            half.unlink(missing_ok=True)

    # Scores

    def steps(self) -> tuple[int, ...]:
        """The steps that were evaluated (their test.csv is there), in order."""
        folder = self.folder / "scores"
        found = (int(child.name) for child in folder.iterdir() if child.name.isdigit()) if folder.is_dir() else ()
        return tuple(sorted(step for step in found if self.scores_path(step, "test").is_file()))

    def write_scores(self, step: int, dev: ScoreTable | None, test: ScoreTable) -> None:
        """test.csv comes last: where it is, the evaluation is whole."""
        from sincera.measures.table import write_scores

        self.scores_path(step, "test").parent.mkdir(parents=True, exist_ok=True)
        if dev is not None:
            write_scores(self.scores_path(step, "dev"), dev)
        write_scores(self.scores_path(step, "test"), test)

    def source_scores(self, step: int) -> SourceScores | None:
        """Source validation's scores by frame; None where the run keeps no validation."""
        from sincera.measures.table import SourceScores, read_scores

        path = self.scores_path(step, "dev")
        return read_scores(path, kind=SourceScores) if path.is_file() else None

    def target_scores(self, step: int) -> TargetScores:
        """The target's scores by frame."""
        from sincera.measures.table import TargetScores, read_scores

        return read_scores(self.scores_path(step, "test"), kind=TargetScores)

    def evaluations(self, steps: Iterable[int] | None = None) -> list[Evaluation]:
        """What the policies ST, LE and TT are computed from; all evaluated steps unless some are named."""
        from sincera.measures.selection import Evaluation

        wanted = self.steps() if steps is None else steps
        return [Evaluation(step, self.source_scores(step), self.target_scores(step)) for step in wanted]

    # log.jsonl

    def log(self) -> list[dict[str, Any]]:
        """What was logged, oldest first; a last line that a crash cut short is left out."""
        if not self.log_path.is_file():
            return []
        lines = []
        for text in self.log_path.read_text(encoding="utf-8").splitlines():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                break
        return lines


def _read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: not there. Train the run first: `sincera train … --run {path.parent}`.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunError(f"{path}: not valid JSON ({error}). Delete the run and train it again.") from None
    if not isinstance(value, dict):
        raise RunError(f"{path}: found a JSON {type(value).__name__}, expected an object.")
    return value
