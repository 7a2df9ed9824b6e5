"""DTDA: its counts, its variants, what it trains and what it leaves alone, and every way to the same weights."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from dtda_toys import SIDE, recipe, train, world, write_teachers
from torch import Tensor
from torch.nn.functional import cross_entropy

from sincera.errors import RecipeError, RunError, WeightsError
from sincera.losses.distillation import distillation
from sincera.methods.dtda import DTDA, DTDARecipe
from sincera.runs import Run
from sincera.train import Batch, Facts, build_method, checkpoint
from sincera.train.cache import Cache

NO_ATTACK = "perturbation.kind=none"
ALONE = ("recognition.teacher=none", "editing.teacher=none")
VARIANTS = {
    "baseline": (*ALONE, NO_ATTACK),
    "recognition": ("editing.teacher=none", NO_ATTACK),
    "editing": ("recognition.teacher=none", NO_ATTACK),
    "both": (NO_ATTACK,),
    "full": (),
    "full, pgd": ("perturbation.kind=pgd", "perturbation.steps=2"),
    "attack alone": ALONE,
    "attack on the student": ("perturbation.of=student",),
    "noise": ("perturbation.kind=noise",),
    "logits": ("editing.output=logits", "editing.kd=bernoulli"),
    "uniform": ("perturbation.goal=uniform",),
}


def build(teachers: dict[str, Path], *sets: str, domains: tuple[str, ...] = ("A", "B")) -> DTDA:
    method = build_method(DTDA, recipe(teachers, *sets), Facts(domains, ("A/0",), clips=9, size=SIDE), seed=0)
    assert isinstance(method, DTDA)
    return method.eval()


def faces(count: int = 6, cache: Cache | None = None) -> Batch:
    dice = torch.Generator().manual_seed(2)
    crops = torch.rand(count, 3, SIDE, SIDE, generator=dice)
    each = torch.arange(count)
    numbers = {"labels": each % 2, "domains": each % 2, "subjects": each, "rows": each, "flipped": each % 3 == 0}
    return Batch(crops=crops, extra={}, parts=(), step=0, steps=4, seed=0, cache=cache, **numbers)


@pytest.mark.parametrize(
    ("sets", "trunk_and_heads"),
    [((), 11_702_850), (("editing.output=logits",), 11_442_759)],
)
def test_the_paper_s_student_has_its_number_of_parameters(
    tmp_path: Path, sets: tuple[str, ...], trunk_and_heads: int
) -> None:
    from sincera.nets.iresnet import iresnet
    from sincera.nets.stargan import stargan_discriminator
    from sincera.teachers.files import save_teacher

    files = {kind: tmp_path / f"{kind}.safetensors" for kind in ("recognition", "attributes")}
    recognition = iresnet(blocks=(1, 1, 1, 1), channels=(4, 8, 8, 8), width=512, size=32)
    save_teacher(files["recognition"], recognition, kind="recognition", facts={})
    discriminator = stargan_discriminator(size=32, width=4, repeat=3, attributes=5)
    save_teacher(files["attributes"], discriminator, kind="attributes", facts={})
    network = build(files, "network=resnet18", *sets).network
    assert sum(p.numel() for p in network.parameters()) == trunk_and_heads
    assert sum(p.numel() for p in network.deployed().parameters()) == 11_177_538


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_trains_the_student_and_freezes_the_rest(
    variant: str, teachers: dict[str, Path], tmp_path: Path
) -> None:
    options = recipe(teachers, *VARIANTS[variant])
    before = build_method(DTDA, options, world()[2], seed=3)
    method = train(tmp_path, options)
    kept = {key: value for key, value in before.network.state_dict().items() if "num_batches" not in key}
    moved = {key for key, value in kept.items() if not torch.equal(value, method.network.state_dict()[key])}
    assert moved == kept.keys()  # every head that there is learns
    heads = {"fas"} | set(method.teachers())
    assert set(method.network.heads) == heads
    line = [one for one in Run(tmp_path).log() if one["stage"] == "train"][-1]
    assert {f"loss_{head}" for head in heads} <= line.keys()
    stages = {one["stage"] for one in Run(tmp_path).log()}
    assert ("domain" in stages) == (variant not in ("baseline", "recognition", "editing", "both", "noise"))


def test_domain_classifier_and_teachers_stay_as_they_are(teachers: dict[str, Path], tmp_path: Path) -> None:
    method = train(tmp_path, recipe(teachers))
    (finished,) = (path for path in (tmp_path / "checkpoints").glob("domain-*.pt"))
    after_its_stage = checkpoint.load(finished)["modules"]["domain"]
    assert method.domain is not None
    for key, value in method.domain.state_dict().items():  # buffers too
        assert torch.equal(value, after_its_stage[key]), key
    fresh = build(teachers).teachers()
    for name, teacher in method.teachers().items():
        assert teacher.digest == fresh[name].digest
        assert all(torch.equal(v, fresh[name].state_dict()[k]) for k, v in teacher.state_dict().items())
        assert not any(module.training for module in teacher.modules())


def test_the_loss_is_equation_nine(teachers: dict[str, Path]) -> None:
    """Step by step in float64, as Algorithm 1 has it."""
    sets = ("tau=2.0", "kd_form=literal", "recognition.weight=0.7", "editing.weight=0.3")
    method = build(teachers, *sets).double()
    batch = replace(faces(), crops=faces().crops.double())
    assert method.domain is not None
    x = batch.crops.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(cross_entropy(method.domain(x), batch.domains), x)
    moved = (batch.crops + 4 / 255 * gradient.sign()).clamp(0, 1)  # Eq. 2
    logits = method.network.logits(moved)
    expected = cross_entropy(logits["fas"], batch.labels)  # Eq. 8
    for head, weight in (("edi", 0.3), ("rec", 0.7)):
        taught = method.teachers()[head](moved)  # Eq. 3, 4
        expected = expected + weight * distillation(logits[head], taught, tau=2.0, form="literal")  # Eq. 6, 7, 9
    total, logged = method.losses(batch)
    assert torch.allclose(total, expected, rtol=1e-12)
    assert logged is not None
    assert {"loss_fas", "loss_edi", "loss_rec", "accuracy"} == set(logged)


def test_a_share_of_the_faces_stays_clean_for_student_and_teachers(teachers: dict[str, Path]) -> None:
    method = build(teachers, "perturbation.share=0.5").double()
    batch = replace(faces(), crops=faces().crops.double())
    torch.manual_seed(4)
    chosen = torch.rand(len(batch)) < 0.5
    assert 0 < int(chosen.sum()) < len(batch)
    seen = torch.where(chosen.view(-1, 1, 1, 1), method.attacked(batch.crops, batch.domains), batch.crops)
    logits = method.network.logits(seen)
    expected = cross_entropy(logits["fas"], batch.labels)
    for head, teacher in method.teachers().items():
        expected = expected + distillation(logits[head], teacher(seen), tau=4.0, form="standard_tau2")
    torch.manual_seed(4)
    assert torch.allclose(method.losses(batch).total, expected, rtol=1e-6)


def test_at_epsilon_zero_the_full_method_is_variant_four(teachers: dict[str, Path], tmp_path: Path) -> None:
    zero = train(tmp_path / "zero", recipe(teachers, "perturbation.epsilon=0"))
    plain = train(tmp_path / "plain", recipe(teachers, NO_ATTACK))
    assert all(torch.equal(v, plain.network.state_dict()[k]) for k, v in zero.network.state_dict().items())


def test_one_source_has_nothing_to_hide_from(teachers: dict[str, Path]) -> None:
    method = build(teachers, domains=("A",))
    assert method.domain is None
    assert torch.equal(method.attacked(faces().crops, faces().domains * 0), faces().crops)
    assert [stage.name for stage in method.stages()] == ["train"]


def test_on_the_student_alone_the_teachers_see_clean_faces(teachers: dict[str, Path]) -> None:
    both, alone = (build(teachers, f"perturbation.of={of}") for of in ("both", "student"))
    seen: list[Tensor] = []
    for method in (both, alone):
        method._ask = lambda crops: seen.append(crops) or torch.zeros(len(crops), 524)  # type: ignore[method-assign]
        method.losses(faces())
    assert torch.equal(seen[1], faces().crops)
    assert not torch.equal(seen[0], faces().crops)


@pytest.mark.parametrize("variant", ["full", "full, pgd", "both", "attack on the student"])
def test_what_is_remembered_is_what_would_be_computed(variant: str, teachers: dict[str, Path], tmp_path: Path) -> None:
    method = build(teachers, *VARIANTS[variant])
    kept = faces(cache=Cache(tmp_path, rows=6))
    assert torch.equal(method.moved(kept), method.moved(faces()))  # signs lose nothing
    fresh = method._answers(replace(faces(), crops=method.moved(faces())))
    for _ in range(2):  # filled, then read
        answers = method._answers(replace(kept, crops=method.moved(kept)))
        for name, answer in answers.items():
            assert torch.allclose(answer, fresh[name], rtol=1e-5, atol=1e-6)
    files = {path.name.split("-")[0] for path in tmp_path.iterdir()}
    assert files == {"teachers"} | ({"signs"} if variant in ("full", "attack on the student") else set())


def test_nothing_random_is_remembered(teachers: dict[str, Path], tmp_path: Path) -> None:
    for sets in (("perturbation.kind=noise",), ("perturbation.kind=pgd", "perturbation.random_start=true")):
        method = build(teachers, *sets)
        batch = faces(cache=Cache(tmp_path, rows=6))
        method._answers(replace(batch, crops=method.moved(batch)))
    assert not list(tmp_path.iterdir())


def test_a_cache_is_told_apart_by_classifier_teacher_and_epsilon(teachers: dict[str, Path], tmp_path: Path) -> None:
    for count, sets in enumerate(((), ("perturbation.epsilon=0.05",), ("perturbation.goal=uniform",), ALONE[:1]), 1):
        method = build(teachers, *sets)
        batch = faces(cache=Cache(tmp_path, rows=6))
        method._answers(replace(batch, crops=method.moved(batch)))
        assert len(list(tmp_path.glob("teachers-*.values.npy"))) == count
    other = build_method(DTDA, recipe(teachers), Facts(("A", "B"), ("A/0",), clips=9, size=SIDE), seed=1).eval()
    assert isinstance(other, DTDA)
    other.moved(faces(cache=Cache(tmp_path, rows=6)))
    assert (
        len(list(tmp_path.glob("signs-*.values.npy"))) == 4
    )  # two goals, and three classifiers that were drawn otherwise


def test_answers_beyond_float16_are_remembered(teachers: dict[str, Path], tmp_path: Path) -> None:
    method = build(teachers)
    with torch.no_grad():
        method.teachers()["rec"].get_parameter("network.network.features.bias").fill_(1e6)
    batch = faces(cache=Cache(tmp_path, rows=6))
    for _ in range(2):
        answer = method._answers(replace(batch, crops=method.moved(batch)))["rec"]
        assert torch.isfinite(answer).all()
        assert float(answer.abs().max()) > torch.finfo(torch.float16).max


@torch.no_grad()
def test_what_bfloat16_computes_is_remembered_apart(teachers: dict[str, Path], tmp_path: Path) -> None:
    method = build(teachers)
    exact = method.losses(faces()).total
    batch = faces(cache=Cache(tmp_path, rows=6))
    with torch.autocast("cpu", torch.bfloat16):
        rough = [float(method.losses(batch).total) for _ in range(2)]
    assert rough[0] == rough[1] != float(exact)
    assert float(method.losses(batch).total) == pytest.approx(float(exact), rel=1e-5)
    assert len(list(tmp_path.glob("*.values.npy"))) == 4


class _Interrupting:
    """Saves, and breaks off after so many checkpoints."""

    def __init__(self, save: Callable[..., None], stop: int) -> None:
        self.save, self.left = save, stop

    def __call__(self, path: Path, payload: Any) -> None:
        self.save(path, payload)
        self.left -= path.name == "last.pt"
        if self.left == 0:
            raise KeyboardInterrupt


def test_broken_off_in_any_stage_and_resumed_it_ends_the_same(teachers: dict[str, Path], tmp_path: Path) -> None:
    """By its own memory of signs and answers, too."""
    options = recipe(teachers)
    whole = train(tmp_path / "whole", options, remembering=tmp_path / "cache")
    for stop in (1, 3, 5):
        folder, cache = tmp_path / f"stop-{stop}", tmp_path / f"cache-{stop}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checkpoint, "save", _Interrupting(checkpoint.save, stop))
            with pytest.raises(KeyboardInterrupt):
                train(folder, options, remembering=cache)
        resumed = train(folder, options, remembering=cache)
        assert all(torch.equal(v, resumed.state_dict()[k]) for k, v in whole.state_dict().items()), stop
        assert list(Run(folder).log()) == list(Run(tmp_path / "whole").log())


def test_two_ranks_equal_one_process(tmp_path: Path) -> None:
    """float64, all stages, batch statistics over both ranks: the same weights to 1e-9."""
    files = write_teachers(tmp_path)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    script = Path(__file__).with_name("dtda_toys.py")
    subprocess.run([*launch, script, tmp_path], check=True, capture_output=True, timeout=180)
    train(tmp_path / "one", recipe(files), double=True)
    one, two = (checkpoint.load(tmp_path / folder / "checkpoints/last.pt")["method"] for folder in ("one", "two"))
    for key, value in one.items():
        assert torch.allclose(value.double(), two[key].double(), rtol=0, atol=1e-9), key


def test_variants_share_the_domain_classifier(teachers: dict[str, Path], tmp_path: Path) -> None:
    train(tmp_path / "full", recipe(teachers), runs=tmp_path)
    train(tmp_path / "alone", recipe(teachers, *ALONE), runs=tmp_path)
    stages = {one["stage"] for one in Run(tmp_path / "alone").log()}
    assert stages == {"train"}
    copies = [next((tmp_path / run / "checkpoints").glob("domain-*.pt")).read_bytes() for run in ("full", "alone")]
    assert copies[0] == copies[1]


def test_the_attack_is_looked_at_where_the_run_is_evaluated(teachers: dict[str, Path], tmp_path: Path) -> None:
    train(tmp_path, recipe(teachers, "domain.length=30 steps", "perturbation.epsilon=0.03"))
    domain = [line for line in Run(tmp_path).log() if line["stage"] == "domain"]
    assert 0 <= domain[-1]["validation_accuracy"] <= 1
    last = Run(tmp_path).log()[-1]
    assert last["attack_max"] == pytest.approx(0.03, abs=1e-6)
    assert 0 <= last["attack_clipped"] < 1
    assert last["domain_accuracy_attacked"] < last["domain_accuracy_clean"]
    names = {f"accuracy_{label}_{kind}" for label in ("live", "attack") for kind in ("clean", "attacked")}
    assert names <= last.keys()


def test_the_attack_is_looked_at_after_the_last_step_too(teachers: dict[str, Path], tmp_path: Path) -> None:
    train(tmp_path, recipe(teachers, "length=3 steps", "log_every=1"))  # evaluated at step 2, and at the end
    looked_at = {one["step"] for one in Run(tmp_path).log() if "attack_max" in one}
    assert looked_at == {2, 3}


def test_the_student_begins_alike_whoever_teaches(teachers: dict[str, Path], tmp_path: Path) -> None:
    """Rows of Table II with one seed differ by what they are about."""
    trunks = [build(teachers, *VARIANTS[name]).network.trunk.state_dict() for name in ("baseline", "editing", "full")]
    assert all(torch.equal(value, other[key]) for other in trunks[1:] for key, value in trunks[0].items())


def test_one_step_of_pgd_has_the_size_that_the_recipe_says(teachers: dict[str, Path]) -> None:
    """2.5 ε from a random start: from the far edge a step of ε would not reach the other."""
    sets = ("perturbation.kind=pgd", "perturbation.steps=1", "perturbation.random_start=true")
    torch.manual_seed(0)
    crops = faces().crops.clamp(0.2, 0.8)
    change = build(teachers, *sets).attacked(crops, faces().domains) - crops
    assert float((change.abs() > 4 / 255 - 1e-6).float().mean()) > 0.95


def test_a_run_goes_on_with_its_own_teachers_only(teachers: dict[str, Path], tmp_path: Path) -> None:
    options = recipe(teachers)
    method = build_method(DTDA, options, world()[2], seed=3)
    state = tuple(method.stages())[-1].state["teachers"]
    with pytest.raises(RunError, match="not the one that this run began with"):
        state.load_state_dict({**state.state_dict(), "rec": "0123456789abcdef"})
    state.load_state_dict(state.state_dict())


def test_the_package_s_own_teachers_are_files_of_the_recipe(
    teachers: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sincera.teachers.frozen.packaged", teachers.__getitem__)
    assert DTDARecipe().files() == {
        "recognition.teacher": teachers["recognition"],
        "editing.teacher": teachers["attributes"],
    }
    own = recipe(teachers, "editing.teacher=none")
    assert own.files() == {"recognition.teacher": teachers["recognition"]}


def test_scoring_needs_no_teacher(teachers: dict[str, Path], tmp_path: Path) -> None:
    moved = write_teachers(tmp_path / "there")
    method = train(tmp_path / "run", recipe(moved))
    for path in moved.values():
        path.unlink()
    again = build_method(DTDA, recipe(moved), world()[2], seed=9)
    again.load_state_dict(checkpoint.load(tmp_path / "run/checkpoints/source.pt")["method"])
    crops = faces().crops
    last = build_method(DTDA, recipe(moved), world()[2], seed=9)
    last.load_state_dict(checkpoint.load(tmp_path / "run/checkpoints/last.pt")["method"])
    assert torch.allclose(last.eval().score(crops).score, method.eval().score(crops).score)
    with pytest.raises(WeightsError, match=r"(recognition|attributes)\.safetensors"):
        tuple(again.stages())


def test_wrong_settings_are_named(teachers: dict[str, Path]) -> None:
    huge = f"editing.seed={2**63}"
    for wrong in ("perturbation.kind=cw", "editing.output=both", "tau=0", "kd_form=double", "domain.length=ten", huge):
        with pytest.raises(RecipeError, match=wrong.split("=")[0].split(".")[-1]):
            recipe(teachers, wrong)
    with pytest.raises(RecipeError, match="bernoulli needs output=logits"):
        recipe(teachers, "editing.kd=bernoulli")
    assert DTDARecipe().perturbation.epsilon == pytest.approx(4 / 255)
