"""Small trainings of detectors with maps; as a script, one rank of a training of MT-FAS."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from dtda_toys import SIDE, world

from sincera.methods import load_method
from sincera.recipe import load_recipe
from sincera.runs import Run
from sincera.train import Batch, Method, Trainer, build_method
from sincera.train.ranks import process_group

BRIEF = ("width=2", "batch=8", "length=4 steps", "evaluate_every=2", "checkpoint_every=1", "augment.jitter=0")
META = (
    "teacher.width=2",
    "teacher.surrogate_width=2",
    "pretrain.length=3 steps",
    "pretrain.batch=8",
    "bilevel.length=4 steps",
    "bilevel.train=8",
    "bilevel.valid=4",
    "bilevel.period=2",
)


def built(name: str, *sets: str, double: bool = False, seed: int = 3) -> Method:
    cls = load_method(name)
    brief = (*BRIEF, *META) if name == "mtfas" else BRIEF
    recipe = load_recipe(cls.recipe_type, preset="demo", sets=[*brief, *sets])
    method = build_method(cls, recipe, world()[2], seed=seed)
    return method.double() if double else method


def trained(
    folder: Path, name: str, *sets: str, double: bool = False, runs: Path | None = None, seed: int = 3
) -> Method:
    faces, lists, _ = world()
    method = built(name, *sets, double=double)
    Trainer(method, faces, lists, Run(folder), seed=seed, identity={}, runs=runs).train()
    return method


def faces(count: int = 8, *, step: int = 0, steps: int = 4) -> Batch:
    """Random faces, every second an attack, of two domains, in float64, with depth and masks."""
    dice = torch.Generator().manual_seed(1)
    crops = torch.rand(count, 3, SIDE, SIDE, generator=dice, dtype=torch.float64)
    each = torch.arange(count)
    extra = {name: torch.rand(count, 1, 32, 32, generator=dice, dtype=torch.float64) for name in ("depth", "mask")}
    numbers = {"labels": each % 2, "domains": each // 2 % 2, "subjects": each, "rows": each, "flipped": each < 0}
    return Batch(crops=crops, extra=extra, parts=(), step=step, steps=steps, seed=5, **numbers)


if __name__ == "__main__":
    torch.set_num_threads(1)
    with process_group(torch.device("cpu")):
        trained(Path(sys.argv[1]) / "two", "mtfas", double=True)
