"""A toy world and small methods that use the engine in every way: several stages, states, early stops.

The world: domains of different brightness; attacks carry a fine pattern that live faces lack.
Run as a script, it trains one of them: `toys.py METHOD FOLDER SEED`, also under torchrun.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sincera.clip import Clip, Label
from sincera.data.protocols import Lists
from sincera.evaluate.memory import MemoryFaces
from sincera.recipe import Recipe, parse_recipe
from sincera.runs import Run
from sincera.train import (
    Batch,
    Facts,
    Feed,
    Losses,
    Method,
    Scores,
    Stage,
    Stop,
    SupervisedRecipe,
    Trainer,
    build_method,
    descend,
)
from sincera.train.ranks import process_group


def toy_clip(domain: str, subject: int, number: int) -> Clip:
    label = Label.from_number(number % 2)
    attack = "" if label is Label.LIVE else f"print/{number % 4 // 2 + 1}"
    name = f"{subject}/{number}.png"
    return Clip(Path(name), label, attack, domain, str(subject), "train", name=name)


def toy_frames(clip: Clip, frames: int, side: int, dice: np.random.Generator) -> np.ndarray:
    base = 90 + 30 * (ord(clip.domain) % 4) + dice.normal(0, 12, (frames, 1, 1, 3))
    pixels = base + dice.normal(0, 6, (frames, side, side, 3))
    if clip.label is Label.ATTACK:
        pixels[:, ::2] += 14
    return pixels.clip(0, 255).astype(np.uint8)


def toy_world(
    domains: str = "ABC", subjects: int = 4, clips: int = 4, frames: int = 3, side: int = 16, faceless: int = 0
) -> SimpleNamespace:
    """.faces, .clips and the lists .train, .dev (last subject of a source) and .test (last domain)."""
    dice = np.random.default_rng(0)
    made = [toy_clip(d, s, n) for d in domains for s in range(subjects) for n in range(clips)]
    entries = [(clip, toy_frames(clip, frames, side, dice)) for clip in made]
    for number in range(faceless):
        place = len(entries) - 1 - number
        entries[place] = (entries[place][0], np.empty((0, side, side, 3), np.uint8))
    sources = [clip for clip in made if clip.domain != domains[-1]]
    extra: dict[str, Any] = {"mask": dice.random((sum(len(f) for _, f in entries), 4, 4)).astype(np.float32)}
    return SimpleNamespace(
        faces=MemoryFaces(entries, extra),
        clips=made,
        train=[clip for clip in sources if clip.subject != str(subjects - 1)],
        dev=[clip for clip in sources if clip.subject == str(subjects - 1)],
        test=[clip for clip in made if clip.domain == domains[-1]],
    )


def network(outputs: int) -> nn.Module:
    """Convolution, batch norm and dropout: everything that could make a resumed run differ."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Flatten(),
        nn.Linear(1024, outputs),
    )


class One(Method):
    """The ordinary stage."""

    recipe_type: ClassVar[type[Recipe]] = SupervisedRecipe

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.network = network(2)

    def losses(self, batch: Batch) -> Losses:
        return Losses(cross_entropy(self.network(batch.crops), batch.labels), {"ones": torch.ones(())})

    def score(self, crops: Tensor) -> Scores:
        return Scores(self.network(crops).softmax(1)[:, 1])


class ThreeRecipe(Recipe):
    lr: float = 0.05
    weight: float = 1.0
    patience: float = 2.0


class Average(nn.Module):
    """A slow copy of a network, trained by no gradient."""

    def __init__(self, of: nn.Module) -> None:
        super().__init__()
        self.copy = network(2)
        self.copy.load_state_dict(of.state_dict())

    @torch.no_grad()
    def follow(self, of: nn.Module) -> None:
        for mine, theirs in zip(self.copy.parameters(), of.parameters(), strict=True):
            mine.lerp_(theirs, 0.1)


class Three(Method):
    """A domain classifier that other runs may share, a slow copy that outlives its stage, and a student."""

    recipe_type: ClassVar[type[Recipe]] = ThreeRecipe

    def __init__(self, recipe: ThreeRecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.settings = recipe
        self.domain, self.teacher, self.student = network(len(facts.domains)), network(2), network(2)
        self.student.get_parameter("0.bias").requires_grad_(requires_grad=False)  # fixed by design, and stays so
        self.slow = Average(self.teacher)
        self.begun: list[str] = []
        self.asked = 0

    def stages(self) -> Iterable[Stage]:
        lr = self.settings.lr
        feed = Feed(size=8, needs=("mask",))
        domain, teacher, student = (
            torch.optim.SGD(net.parameters(), lr, momentum=0.9) for net in (self.domain, self.teacher, self.student)
        )

        def learn_domain(batch: Batch) -> Mapping[str, Tensor]:
            loss = cross_entropy(self.domain(batch.crops), batch.domains)
            descend(loss, domain)
            return {"loss": loss}

        def learn_teacher(batch: Batch) -> Mapping[str, Tensor]:
            train, valid = (batch[part] for part in batch.parts)
            loss = cross_entropy(self.teacher(train.crops), train.labels)
            descend(loss + 0 * self.teacher(valid.crops).sum(), teacher)
            self.slow.follow(self.teacher)
            return {"loss": loss, "noise": torch.rand(())}

        def learn_student(batch: Batch) -> Mapping[str, Tensor]:
            assert not self.domain.training
            assert not any(p.requires_grad for p in self.domain.parameters())
            with torch.no_grad():
                soft = self.slow.copy(batch.crops).softmax(1)
            logits = self.student(batch.crops)
            loss = cross_entropy(logits, batch.labels) + self.settings.weight * cross_entropy(logits, soft)
            descend(loss, student)
            return {"loss": loss}

        def asked(batches: Iterable[Batch]) -> Stop:
            seen = sum(len(batch) for batch in batches)
            self.asked += seen
            return Stop(self.settings.patience < 1, {"looked_at": torch.tensor(seen)})

        yield Stage(
            name="domain",
            steps=6,
            feed=feed,
            modules={"domain": self.domain},
            update=learn_domain,
            state={"optimiser": domain},
            begin=lambda: self._begin("domain"),
            done=asked,
            settings=("lr", "patience"),
        )
        yield Stage(
            name="teacher",
            steps=5,
            feed=Feed(size=12, parts=(8, 4), balance="class"),
            modules={"teacher": self.teacher},
            update=learn_teacher,
            state={"optimiser": teacher, "slow": self.slow},
            begin=lambda: self._begin("teacher"),
        )
        yield Stage(
            name="student",
            steps=7,
            feed=feed,
            modules={"student": self.student},
            update=learn_student,
            state={"optimiser": student},
            begin=lambda: self._begin("student"),
        )

    def _begin(self, name: str) -> None:
        self.begun.append(name)
        if name == "domain":
            for layer in self.domain.modules():
                if hasattr(layer, "reset_parameters"):
                    layer.reset_parameters()

    def score(self, crops: Tensor) -> Scores:
        return Scores(self.student(crops).softmax(1)[:, 1])


class Plain(One):
    """Without dropout, whose masks differ from rank to rank."""

    def __init__(self, recipe: Recipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.network[3] = nn.Identity()


METHODS: dict[str, tuple[type[Method], dict[str, Any]]] = {
    "one": (One, {"length": "9 steps", "batch": 8, "optimiser": {"lr": 0.05}}),
    "three": (Three, {}),
}
PLAIN = (Plain, METHODS["one"][1])
OFTEN = {"evaluate_every": 3, "checkpoint_every": 2, "log_every": 1}


def facts_of(world: SimpleNamespace) -> Facts:
    sources = world.train + world.dev
    domains = tuple(sorted({clip.domain for clip in sources}))
    return Facts(domains, tuple(sorted({clip.person for clip in sources})), clips=len(world.train), size=16)


def trainer_of(
    name: str, folder: Path, world: SimpleNamespace, *, seed: int = 0, double: bool = False, **more: Any
) -> Trainer:
    """A trainer that was just built; settings of the recipe and arguments of Trainer are told apart by their names."""
    cls, settings = METHODS.get(name, PLAIN)
    options = {key: more.pop(key) for key in ("runs", "device", "identity") if key in more}
    recipe = parse_recipe(cls.recipe_type, {**OFTEN, **settings, **more})
    method = build_method(cls, recipe, facts_of(world), seed=seed)
    lists = Lists(tuple(world.train), tuple(world.dev), tuple(world.test))
    identity = {"method": name, "train": [clip.key for clip in world.train], "store": world.faces.digest, "seed": seed}
    options = {"identity": identity, **options}
    return Trainer(method.double() if double else method, world.faces, lists, Run(folder), seed=seed, **options)


if __name__ == "__main__":
    torch.set_num_threads(1)
    with process_group(torch.device("cpu")):
        trainer_of(sys.argv[1], Path(sys.argv[2]), toy_world(), seed=int(sys.argv[3]), double=True).train()
