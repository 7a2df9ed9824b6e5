"""Small teachers in float64, which other processes teach too.

`taught.py ranks FOLDER STORE` under torchrun: by the command, then whole, then broken off and begun again.
`taught.py killed FOLDER STORE`: whole, and killed by signal 9 inside some steps. Children are forked, so that each
costs no import of PyTorch.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.utils.tensorboard  # here, not in every child

from sincera.cli.app import app
from sincera.data.store import Store
from sincera.recipe import load_recipe
from sincera.teachers.attributes import Attributes
from sincera.teachers.recognition import Recognition
from sincera.teachers.training import Taught, TeacherMethod, teach
from sincera.train import Batch, Stage
from sincera.train.ranks import process_group, rank

COMMON = ["length=6 steps", "evaluate_every=3", "checkpoint_every=2", "held_out=0.34", "validation=0.17"]
SETS = {
    "recognition": [
        "blocks=[1,1,1,1]", "channels=[16,16,16,16]", "width=8", "size=32", "batch=8", "dropout=0.2", "growth=0.5",
        "optimiser.lr=0.01",
    ],
    "attributes": [
        'attributes=["Male","Young"]', "size=32", "width=4", "repeat=3", "generator_width=4", "generator_repeat=1",
        "batch=8", "critic=2",
    ],
}  # fmt: skip


METHODS: dict[str, type[TeacherMethod]] = {"recognition": Recognition, "attributes": Attributes}


class BrokenOffError(Exception):
    """Stands for a crash inside a step."""


def crash() -> None:
    raise BrokenOffError


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sharp(method: type[TeacherMethod], end: Callable[[], None], at: int | None) -> type[TeacherMethod]:
    """The method in float64, whose step `at` ends the process or the training."""

    class Sharp(method):  # type: ignore[valid-type,misc]
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.double()

        def stages(self) -> Iterable[Stage]:
            (stage,) = super().stages()

            def update(batch: Batch) -> Mapping[str, torch.Tensor]:
                logged = stage.update(batch)
                if batch.step == at:
                    end()
                return logged

            return (replace(stage, update=update),)

    return Sharp


def taught(kind: str, folder: Path, store: Store, end: Callable[[], None] = crash, at: int | None = None) -> Taught:
    recipe = load_recipe(METHODS[kind].recipe_type, sets=[*COMMON, *SETS[kind]])
    return teach(sharp(METHODS[kind], end, at), recipe, store, seed=3, runs=folder)


def in_ranks(folder: Path, store: Store) -> None:
    words = [word for one in [*COMMON, *SETS["recognition"]] for word in ("--set", one)]
    where = ["--store", store.folder, "--runs", folder / "command", "--out", folder / "who.safetensors"]
    command = ["teach", "recognition", *where, "--device", "cpu", *words]
    with process_group(torch.device("cpu")):
        app([str(word) for word in command], standalone_mode=False)
        for kind in METHODS:
            found = taught(kind, folder / "whole", store)
            (folder / f"{kind}-{rank()}.json").write_text(json.dumps(found.facts, sort_keys=True))
            for runs in ("left", "broken"):
                with suppress(BrokenOffError):
                    taught(kind, folder / runs, store, at=4)
            taught(kind, folder / "broken", store)


def killed(folder: Path, store: Store) -> int:
    """How many children were killed: before the first checkpoint, and after each of two."""
    kills = 0
    for kind in METHODS:
        for name, at in (("whole", None), ("killed", 0), ("killed", 2), ("killed", 4), ("killed", None)):
            child = os.fork()
            if child == 0:
                taught(kind, folder / name, store, kill, at)
                os._exit(0)
            kills += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    return kills


if __name__ == "__main__":
    torch.set_num_threads(1)
    mode, place, crops = sys.argv[1:]
    if mode == "ranks":
        in_ranks(Path(place), Store.open(Path(crops)))
    else:
        sys.stdout.write(str(killed(Path(place), Store.open(Path(crops)))))
