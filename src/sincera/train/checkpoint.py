"""Checkpoints: tensors and plain values only, written whole, read as data; and finished stages of other runs."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from sincera.errors import RunError
from sincera.recipe import Settings
from sincera.runs import Run, write_atomically
from sincera.train.method import Stage, never

DEPTHS = 3  # how far below --runs a run may lie: tables keep their cells in folders of their own


def save(path: Path, payload: Mapping[str, Any]) -> None:
    """Write atomically; RunError where something in it could not be read back as plain data."""
    memory = io.BytesIO()
    torch.save(dict(payload), memory)
    write_atomically(path, memory.getvalue())


def load(path: Path) -> dict[str, Any]:
    """Read on the CPU, never running code from the file; RunError where it is absent or broken."""
    try:
        payload: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise RunError(f"{path}: no such checkpoint. Train the run, or name another checkpoint.") from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        line = str(error).splitlines()[0]
        raise RunError(f"{path}: not a checkpoint that can be read as plain tensors ({line}).") from None
    return payload


def stage_state(stage: Stage) -> dict[str, Any]:
    """What a stage changes: its modules and its state."""
    return {
        "modules": {name: module.state_dict() for name, module in stage.modules.items()},
        "state": {name: one.state_dict() for name, one in stage.state.items()},
    }


def restore_stage(stage: Stage, payload: Mapping[str, Any], path: Path) -> None:
    """Put back what `stage_state` gave; RunError where the names do not match."""
    for kind, ours in (("modules", stage.modules), ("state", stage.state)):
        if payload[kind].keys() != ours.keys():
            raise RunError(
                f"{path}: holds {kind} {sorted(payload[kind])}, but stage {stage.name} has {sorted(ours)}. "
                "It was written by another version of the method; delete the run and train it again."
            )
        for name, one in ours.items():
            one.load_state_dict(payload[kind][name])


class StageKeys:
    """Names finished stages by everything that decided what they learned.

    identity: what is common to all stages: method, source lists, seed, store digest, weights.
    """

    def __init__(self, recipe: Settings, identity: Mapping[str, Any], evaluate_every: int) -> None:
        self._recipe = recipe.model_dump(mode="json")
        self._identity, self._evaluate_every = dict(identity), evaluate_every

    def key(self, stages: Sequence[Stage]) -> str:
        """16 hexadecimal digits for the last of these stages, given those before it."""
        parts = [self._part(stage) for stage in stages]
        text = json.dumps([self._identity, parts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _part(self, stage: Stage) -> list[Any]:
        settings = self._recipe if stage.settings is None else {path: self._value(path) for path in stage.settings}
        often = None if stage.done is never else self._evaluate_every  # an early stop depends on when it is asked
        return [stage.name, stage.steps, repr(stage.feed), stage.precision, settings, often]

    def _value(self, path: str) -> Any:
        value: Any = self._recipe
        for part in path.split("."):
            if not isinstance(value, dict) or part not in value:
                raise KeyError(f"a stage names the setting {path!r}, which its recipe does not have")
            value = value[part]
        return value


def take_over(run: Run, name: str, runs: Path | None) -> Path | None:
    """The file of a finished stage: this run's own, or a copy of a sibling's below `runs`; None where there is none."""
    own = run.checkpoint(name)
    if own.is_file():
        return own
    for depth in range(1, DEPTHS + 1) if runs is not None and runs.is_dir() else ():
        assert runs is not None
        for found in sorted(runs.glob("*/" * depth + f"checkpoints/{name}.pt")):
            own.parent.mkdir(parents=True, exist_ok=True)
            beside = own.with_name(f".{own.name}.part")
            shutil.copyfile(found, beside)
            beside.replace(own)
            return own
    return None
