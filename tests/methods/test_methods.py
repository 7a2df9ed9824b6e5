"""Every method: one step moves what it should, scores rise with attack, and what is saved scores the same."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sincera.clip import Clip, Label
from sincera.data.protocols import Lists
from sincera.errors import UsageError
from sincera.evaluate import MemoryFaces
from sincera.methods import METHODS, load_method
from sincera.recipe import load_recipe
from sincera.runs import Run
from sincera.train import Facts, Method, Trainer, build_method, checkpoint

SIDE = 64
BRIEF = ["network=small", "batch=16", "length=30 steps", "evaluate_every=30", "optimiser.lr=0.003"]
MAPS = ["width=4", *BRIEF[1:-1], "optimiser.lr=0.01"]
EDITOR = ["editing.teacher=random", "editing.size=64", "editing.width=4", "editing.repeat=4"]
SMALL = {
    "baseline": BRIEF,
    "dann": [*BRIEF, "hidden=32"],
    "dtda": [*BRIEF, "domain.length=10 steps"],
    "frtpad": [*BRIEF, *EDITOR],
    "mtfas": [
        *MAPS,
        "teacher.width=2",
        "teacher.surrogate_width=2",
        "pretrain.length=10 steps",
        "bilevel.length=4 steps",
        "bilevel.train=8",
        "bilevel.valid=4",
    ],
    "okddip": MAPS,
    "pixel": [*MAPS, "supervision=distill_light", "rival.length=10 steps", "rival.width=2"],
}


@pytest.fixture(scope="module")
def world() -> tuple[MemoryFaces, Lists, Facts]:
    dice = np.random.default_rng(0)
    entries = []
    for domain, tone in (("A", 90), ("B", 130), ("C", 110)):
        for number in range(16):
            label = Label.from_number(number % 2)
            name = f"{number // 4}/{number}.png"
            attack = "print" if label is Label.ATTACK else ""
            clip = Clip(Path(name), label, attack, domain, str(number // 4), "train", name=name)
            pixels = tone + dice.normal(0, 10, (2, 1, 1, 3)) + dice.normal(0, 8, (2, SIDE, SIDE, 3))
            pixels[:, ::2] += 40 * label.number
            entries.append((clip, pixels.clip(0, 255).astype(np.uint8)))
    clips = [clip for clip, _ in entries]
    sources = [clip for clip in clips if clip.domain != "C"]
    lists = Lists(
        tuple(clip for clip in sources if clip.subject != "3"),
        tuple(clip for clip in sources if clip.subject == "3"),
        tuple(clip for clip in clips if clip.domain == "C"),
    )
    people = tuple(sorted({clip.person for clip in sources}))
    return MemoryFaces(entries), lists, Facts(("A", "B"), people, clips=len(lists.train), size=SIDE)


def build(name: str, facts: Facts, seed: int = 0) -> Method:
    cls = load_method(name)
    return build_method(cls, load_recipe(cls.recipe_type, preset="demo", sets=SMALL[name]), facts, seed=seed)


@pytest.mark.parametrize("name", METHODS)
def test_trained_briefly_it_tells_attacks_from_lives(
    name: str, world: tuple[MemoryFaces, Lists, Facts], tmp_path: Path
) -> None:
    faces, lists, facts = world
    method = build(name, facts)
    before = {key: tensor.clone() for key, tensor in method.state_dict().items()}
    run = Run(tmp_path)
    Trainer(method, faces, lists, run, seed=0, identity={}).train()
    moved = {key for key, tensor in method.state_dict().items() if not torch.equal(tensor, before[key])}
    assert moved >= {key for key, parameter in method.named_parameters() if parameter.requires_grad}
    scores = run.target_scores(run.steps()[-1])
    lives, attacks = scores.score[scores.label == 0], scores.score[scores.label == 1]
    assert (attacks[:, None] > lives).mean() > 0.9
    again = build(name, facts, seed=5)
    again.load_state_dict(checkpoint.load(run.checkpoint("last"))["method"])
    crops = torch.rand(4, 3, SIDE, SIDE)
    assert torch.allclose(again.eval().score(crops).score, method.eval().score(crops).score, atol=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_a_score_depends_on_one_face_alone(name: str, world: tuple[MemoryFaces, Lists, Facts]) -> None:
    method = build(name, world[2]).eval()
    crops = torch.rand(6, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    together = method.score(crops)
    assert together.score.shape == (6,)
    alone = torch.cat([method.score(crop[None]).score for crop in crops])
    assert torch.allclose(together.score, alone, atol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_a_seed_decides_the_start_and_moves_no_other_generator(
    name: str, world: tuple[MemoryFaces, Lists, Facts]
) -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    one, same, other = (build(name, world[2], seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not all(torch.equal(one[key], other[key]) for key in one)


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean baseline"):
        load_method("basline")
