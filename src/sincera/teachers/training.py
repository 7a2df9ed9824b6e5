"""How a teacher is trained: people divided into three, stages run by the engine, the best or last weights kept."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from sincera.clip import Clip, Label
from sincera.data.protocols import Lists
from sincera.data.store import Store
from sincera.data.subjects import draw_subjects
from sincera.errors import UsageError
from sincera.evaluate.faces import Faces, Remembered
from sincera.nets.resize import resized
from sincera.progress import Track, silent
from sincera.recipe import nearest
from sincera.runs import Run
from sincera.teachers.files import Kind
from sincera.train import Batch, Facts, Method, Stop, SupervisedRecipe, Trainer
from sincera.train.feed import Balance
from sincera.train.feeder import Target
from sincera.train.precision import memory_format
from sincera.train.ranks import rank, told_by_first_rank
from sincera.train.record import digest_of, facts_of, record_of

BATCH = 64  # faces embedded at once
FEWEST = 2  # people on each side: one alone cannot be told from others
TEACHERS = {
    "recognition": "sincera.teachers.recognition:Recognition",
    "attributes": "sincera.teachers.attributes:Attributes",
}


class TeacherRecipe(SupervisedRecipe):
    """held_out: share of the people that the teacher is measured on and never sees.  validation: share that chooses
    the checkpoint, never trained on and never measured.  keep: the checkpoint with the best validation, or the last.
    """

    sampler: Balance = "none"
    held_out: float = Field(default=0.2, gt=0, lt=1)
    validation: float = Field(default=0.1, gt=0, lt=1)
    keep: Literal["best", "last"] = "best"


class Kept(nn.Module):
    """A copy of the best network so far, by a number from validation people; saved and resumed with its stage."""

    value: Tensor
    step: Tensor

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = deepcopy(network).requires_grad_(requires_grad=False)
        self.register_buffer("value", torch.tensor(-torch.inf))
        self.register_buffer("step", torch.tensor(0))

    def offer(self, network: nn.Module, value: float, step: int) -> None:
        """Keep it where it is better than all before."""
        if value > float(self.value):
            self.network.load_state_dict(network.state_dict())
            self.value.fill_(value)
            self.step.fill_(step)


class TeacherMethod(Method):
    """What both kinds share.  A teacher is stages without `score`: the engine evaluates nothing.

    network: bare, (B, 3, size, size) in [-1, 1] → its output.  trained: people whose identities are learnt; those of
    `facts.subjects` beyond them only validate.  needs: what stands beside the crops in a batch.
    """

    kind: ClassVar[Kind]
    recipe_type: ClassVar[type[TeacherRecipe]]
    needs: ClassVar[tuple[str, ...]] = ()
    network: nn.Module
    kept: Kept
    size: int

    def __init__(self, recipe: TeacherRecipe, facts: Facts, trained: int) -> None:
        super().__init__(recipe, facts)
        self.teaching, self.trained = recipe, trained

    def pixels(self, crops: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] → (B, 3, size, size) in [-1, 1]."""
        return 2 * resized(crops, self.size) - 1

    def validate(self, batches: Iterable[Batch]) -> Stop:
        """A stage's `done`: never stops, but keeps the network where validation people say that it is better.

        The first rank asks them, so that all keep the same.
        """
        found = told_by_first_rank(lambda: self._validated(batches)) if self.teaching.keep == "best" else None
        if found is None:
            return Stop(now=False)
        quality, step = found
        self.kept.offer(self.network, quality, step)
        return Stop(now=False, logged={"validation": torch.tensor(quality)})

    def _validated(self, batches: Iterable[Batch]) -> tuple[float, int] | None:
        """The quality and at which step it was found; None where nobody validates."""
        seen = list(batches)
        return (self.quality(seen), seen[0].step) if seen else None

    @abstractmethod
    def quality(self, batches: Sequence[Batch]) -> float:
        """How good the network is on these faces: rises, and chooses the checkpoint."""

    @abstractmethod
    def measures(self, network: nn.Module, faces: Faces, clips: Sequence[Clip]) -> dict[str, Any]:
        """What a network knows of people whom it never saw."""

    def check(self, faces: Faces, clips: Sequence[Clip]) -> None:
        """UsageError where `quality` or `measures` could not be computed on these clips; asked before the training."""

    def described(self) -> dict[str, Any]:
        """What else a file says of itself."""
        return {}

    @property
    def chosen(self) -> nn.Module:
        """The network that becomes the teacher."""
        return self.kept.network if self.teaching.keep == "best" else self.network


@dataclass(frozen=True, slots=True)
class Taught:
    """A finished teacher. facts: what its file says of it, with `measures` on held-out people."""

    method: TeacherMethod
    run: Run
    lists: Lists
    facts: dict[str, Any]


def load_kind(name: str) -> type[TeacherMethod]:
    """The class of a kind of teacher; UsageError where there is none."""
    if name not in TEACHERS:
        raise UsageError(f"no teacher {name!r}{nearest(name, TEACHERS) or '; there are ' + ', '.join(TEACHERS)}.")
    module, _, cls = TEACHERS[name].partition(":")
    found: type[TeacherMethod] = getattr(import_module(module), cls)
    return found


def teach(
    cls: type[TeacherMethod],
    recipe: TeacherRecipe,
    store: Store,
    *,
    seed: int = 0,
    clips: Sequence[Clip] | None = None,
    runs: Path = Path("runs"),
    device: torch.device | None = None,
    command: str = "",
    track: Track = silent,
) -> Taught:
    """Train a teacher on live faces of a store, or resume, or take the finished one; then measure it.

    clips: those to learn from; all of the store where None.  runs: its run lies below, named after everything that
    counts.  Under torchrun call it on all ranks inside `process_group`: the first writes and measures, and all get what
    it found.  UsageError where there are too few people to keep some aside, or where ranks know nothing of each other.
    """
    if torch.distributed.is_torchelastic_launched() and not torch.distributed.is_initialized():
        raise UsageError(
            "torchrun started this process, but it joined no group, and several would write into one folder: "
            "call `teach` inside sincera.train.ranks.process_group, as `sincera teach` does."
        )
    device = device or torch.device("cpu")
    live = [clip for clip in (store.clips if clips is None else clips) if clip.label is Label.LIVE]
    lists = divide(live, held_out=recipe.held_out, validation=recipe.validation, seed=seed)
    trained = sorted({clip.person for clip in lists.train})
    others = sorted({clip.person for clip in lists.dev})
    facts = replace(facts_of(store, lists), subjects=(*trained, *others))
    identity = {
        "method": f"teach-{cls.kind}",
        "seed": seed,
        "store": store.digest,
        "train": digest_of(lists.train),
        "dev": digest_of(lists.dev),
    }
    run = Run(runs / _name(identity, recipe))
    if rank() == 0 and not run.exists:
        about = {"method": identity["method"], "command": command, "seed": seed}
        run.write_info({**about, **record_of(recipe, identity, facts, store, lists, device)})
    method, untaught = (_built(cls, recipe, facts, len(trained), seed) for _ in range(2))
    faces = Remembered(store)
    for part in (lists.dev, lists.test):
        method.check(faces, part)
    Trainer(method, faces, lists, run, seed=seed, identity=identity, device=device, runs=runs, track=track).train()

    def report() -> dict[str, Any]:
        about = {"seed": seed, "command": command, "run": run.name, "commit": run.info()["commit"]}
        measured = {
            "measures": method.measures(method.chosen, faces, lists.test),
            "untaught": untaught.measures(untaught.to(device).network, faces, lists.test),
        }
        return {**method.described(), **about, **_told(method, lists, store, facts), **measured}

    return Taught(method, run, lists, told_by_first_rank(report))


def _told(method: TeacherMethod, lists: Lists, store: Store, facts: Facts) -> dict[str, Any]:
    """What a file says of how its teacher was trained, and on whom."""
    parts = {"train": lists.train, "dev": lists.dev, "test": lists.test}
    return {
        "recipe": method.teaching.model_dump(mode="json"),
        "step": int(method.kept.step) if method.teaching.keep == "best" else None,
        "store": store.digest,
        "views": facts.views,
        "people": {name: len({clip.person for clip in part}) for name, part in parts.items()},
        "pictures": {name: len(part) for name, part in parts.items()},
    }


def divide(clips: Sequence[Clip], *, held_out: float, validation: float, seed: int) -> Lists:
    """No person in two lists; each domain gives its share to each.

    UsageError where a list has fewer than two people.
    """
    parts: dict[str, list[Clip]] = {"train": [], "dev": [], "test": []}
    for domain in sorted({clip.domain for clip in clips}):
        here = [clip for clip in clips if clip.domain == domain]
        test = draw_subjects(here, held_out, seed=seed, salt=f"teach/test/{domain}")
        rest = [clip for clip in here if clip.subject not in test]
        dev = draw_subjects(rest, validation / (1 - held_out), seed=seed, salt=f"teach/dev/{domain}")
        for clip in here:
            part = "test" if clip.subject in test else "dev" if clip.subject in dev else "train"
            parts[part].append(clip)
    lists = Lists(tuple(parts["train"]), tuple(parts["dev"]), tuple(parts["test"]))
    people = [len({clip.person for clip in part}) for part in (lists.train, lists.dev, lists.test)]
    if min(people) < FEWEST:
        raise UsageError(
            f"{sum(people)} people with live faces: {people[0]} to learn from, {people[1]} to choose by, {people[2]} "
            f"to measure on; each part needs {FEWEST}. Give more people, or larger shares: held_out and validation."
        )
    return lists


def seen(faces: Faces, clips: Sequence[Clip]) -> tuple[Any, list[str]]:
    """(R,) rows of these clips' faces, and whom each shows."""
    rows = np.asarray(faces.rows(clips), dtype=np.int64)
    return rows, [faces.clips[index].person for index in np.asarray(faces.clip)[rows].tolist()]


@torch.no_grad()
def answers(network: nn.Module, faces: Faces, rows: Any, size: int) -> Tensor:
    """A bare network's output for each row of the store, on the CPU; the logits where it is a discriminator."""
    weight = next(network.parameters())
    target = Target(weight.device, weight.dtype, memory_format(weight.device))
    training = network.training
    network.eval()
    found = []
    for start in range(0, len(rows), BATCH):
        output = network(2 * resized(target.pixels(faces.crops(rows[start : start + BATCH])), size) - 1)
        found.append((output[1] if isinstance(output, tuple) else output).float().cpu())
    network.train(training)
    return torch.cat(found)


def _built(cls: type[TeacherMethod], recipe: TeacherRecipe, facts: Facts, trained: int, seed: int) -> TeacherMethod:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return cls(recipe, facts, trained)


def _name(identity: dict[str, Any], recipe: TeacherRecipe) -> str:
    everything = json.dumps([identity, recipe.model_dump(mode="json")], sort_keys=True)
    return f"{identity['method']}-{identity['seed']}-{hashlib.sha256(everything.encode()).hexdigest()[:8]}"
