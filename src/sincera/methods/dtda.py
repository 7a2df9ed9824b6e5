"""DTDA: two teachers that never saw an attack, on images that hide which data set they come from.

Algorithm 1: a domain classifier E_d is trained and frozen; each image moves against it (Eq. 2); the frozen teachers
T_fa (attribute editing) and T_fr (recognition) and the student see the moved image; the student learns live from
attack and to answer as the teachers do (Eq. 9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sincera.clip import ATTACK, LIVE
from sincera.errors import RunError, WeightsError
from sincera.losses.distillation import Form, bernoulli_distillation, distillation
from sincera.losses.perturbation import (
    Goal,
    domain_attack,
    gradient_signs,
    pack_signs,
    random_signs,
    unpack_signs,
)
from sincera.nets import Norm, Student, initialise, student
from sincera.nets.resize import resized
from sincera.recipe import Recipe, Settings
from sincera.teachers import EditingOutput, Teacher, TeacherNorm, open_editing, open_recognition, tensors_digest
from sincera.teachers.files import Kind
from sincera.teachers.frozen import teacher_file
from sincera.train import Batch, Facts, Losses, Method, Optimiser, Scores, Stage, Stop, SupervisedRecipe, descend
from sincera.train.precision import memory_format
from sincera.train.supervised import LENGTH, Schedule, steps_of

__all__ = ["DTDA", "DTDARecipe", "distillation", "domain_attack"]

NO_TEACHER = "none"


class Recognition(Settings):
    """T_fr. teacher: `packaged`, `random`, `none`, or a file (ours, an official iresnet, any ONNX).  weight: λ1.

    A weight of 0 leaves the teacher out.  norm: pixel range shown to it, `frtpad` for the [0, 1] of older code.
    normalise: embeddings of length 1.
    Departs from the paper, whose files may not be handed on: `packaged` is a smaller one of our own, T_fa's likewise.
    """

    teacher: str = "packaged"
    weight: float = Field(default=1.0, ge=0)
    norm: TeacherNorm = "native"
    normalise: bool = False


class Editing(Settings):
    """T_fa. teacher, norm: as for recognition; an official StarGAN discriminator fits.  weight: λ2.

    output: `projection` to 512 numbers, drawn from `seed` and frozen, or the attributes' `logits`; an ONNX file's
    output is taken as it is.  kd: `softmax` takes all numbers as one distribution, `bernoulli` each as a question of
    its own, which only logits are.
    """

    teacher: str = "packaged"
    weight: float = Field(default=1.0, ge=0)
    norm: TeacherNorm = "native"
    output: EditingOutput = "projection"
    seed: int = Field(default=0, ge=0, lt=2**63)
    kd: Literal["softmax", "bernoulli"] = "softmax"

    @model_validator(mode="after")
    def _questions(self) -> Editing:
        if self.kd == "bernoulli" and self.output == "projection":
            raise ValueError("kd=bernoulli needs output=logits: a random projection asks no yes-or-no questions")
        return self


class Perturbation(Settings):
    """The domain adversarial attack. kind: one step, several, random signs as a control, or none.

    Departs from the paper's text, which says PGD: Eq. 2 and Algorithm 1 take one step, which is the default.

    epsilon: greatest change of a pixel in [0, 1].  steps, step_size, random_start: of pgd; step_size 0 stands for
    2.5 · epsilon / steps.  goal: away from the true domain, or towards an even prediction.
    of: `both` student and teachers see the moved image, or the `student` alone.
    share: of a batch's faces that are moved, drawn anew at each step; the paper moves all, so that the student never
    sees a face as it will be tested on.
    """

    kind: Literal["fgsm", "pgd", "noise", "none"] = "fgsm"
    epsilon: float = Field(default=4 / 255, ge=0, le=1)
    steps: int = Field(default=5, ge=1)
    step_size: float = Field(default=0.0, ge=0)
    random_start: bool = False
    goal: Goal = "untargeted"
    of: Literal["both", "student"] = "both"
    share: float = Field(default=1.0, gt=0, le=1)


class Domain(Settings):
    """How E_d is trained: on all source faces, balanced over domains, until `accuracy` on source validation."""

    length: str = Field(default="10 epochs", pattern=LENGTH)
    accuracy: float = Field(default=0.99, gt=0, le=1)
    optimiser: Optimiser = Optimiser(schedule=Schedule(drops=(0.6,)))


class DTDARecipe(SupervisedRecipe):
    """network, norm, weights: of the student and, separately drawn, of the domain classifier.

    tau, kd_form: temperature and form of both distillations.  The printed form is `literal` with tau 1.
    """

    network: str = "resnet18"
    norm: Norm = "imagenet"
    weights: str = "none"
    recognition: Recognition = Recognition()
    editing: Editing = Editing()
    perturbation: Perturbation = Perturbation()
    domain: Domain = Domain()
    tau: float = Field(default=4.0, gt=0)
    kd_form: Form = "standard_tau2"

    def files(self) -> dict[str, Path]:
        """The package's own teachers are files too."""
        origins = {"recognition": self.recognition.teacher, "editing": self.editing.teacher}
        kinds: dict[str, Kind] = {"recognition": "recognition", "editing": "attributes"}
        named = {f"{name}.teacher": teacher_file(origin, kinds[name]) for name, origin in origins.items()}
        return super().files() | {key: path for key, path in named.items() if path.is_file()}


class DTDA(Method):
    """Dual teachers and the domain adversarial attack; without one or the other it is a variant of Table II."""

    recipe_type: ClassVar[type[Recipe]] = DTDARecipe

    def __init__(self, recipe: DTDARecipe, facts: Facts) -> None:
        super().__init__(recipe, facts)
        self.options = recipe
        # One source has nothing to hide from (section IV-D): the attack is off.
        how = recipe.perturbation
        self.perturbs = how.kind != "none" and how.epsilon > 0 and len(facts.domains) > 1
        self._teachers: dict[str, Teacher] = {}  # no submodules: a checkpoint needs none of their weights
        self._attack_key = ""
        self.network = student(recipe.network, {"fas": 2} | self._widths(), norm=recipe.norm)
        self.network.register_load_state_dict_pre_hook(_fit_heads)  # type: ignore[no-untyped-call]
        self.domain: Student | None = None
        if self.perturbs and how.kind != "noise":
            self.domain = student(recipe.network, {"domain": len(facts.domains)}, norm=recipe.norm)

    # Stages

    def stages(self) -> Iterable[Stage]:
        first = () if self.domain is None else (self._domain_stage(self.domain),)
        return (*first, self._student_stage())

    def score(self, crops: Tensor) -> Scores:
        """(B, 3, H, W) → probability of an attack (B,), and the pooled features; the other heads play no part."""
        features = self.network.features(crops)
        return Scores(self.network.heads["fas"](features).softmax(1)[:, ATTACK], features=features)

    def _domain_stage(self, domain: Student) -> Stage:
        recipe = self.options
        optimiser = recipe.domain.optimiser.over(domain.parameters())

        def begin() -> None:
            """Drawn here and not in __init__: all variants with an attack share this stage."""
            fresh = student(recipe.network, {"domain": len(self.facts.domains)}, norm=recipe.norm)
            initialise(fresh, recipe.weights)
            domain.load_state_dict(fresh.state_dict())

        def update(batch: Batch) -> Mapping[str, Tensor]:
            rate = recipe.domain.optimiser.set_rate(optimiser, batch)
            logits = domain(batch.crops)  # (B, D)
            # Departs from Eq. 1, which has two classes: a softmax over all source domains
            loss = cross_entropy(logits, batch.domains)
            descend(loss, optimiser)
            return {"loss": loss, "lr": torch.tensor(rate), "accuracy": _share_right(logits, batch.domains)}

        def done(batches: Iterable[Batch]) -> Stop:
            right = [domain(batch.crops).argmax(1) == batch.domains for batch in batches]
            if not right:
                return Stop(now=False)
            share = torch.cat(right).float().mean()
            return Stop(float(share) >= recipe.domain.accuracy, {"validation_accuracy": share})

        return Stage(
            name="domain",
            steps=steps_of(recipe.domain.length, self.facts, recipe.batch),
            feed=replace(recipe.feed(), balance="domain"),
            modules={"domain": domain},
            update=update,
            state={"optimiser": optimiser},
            precision=recipe.precision,
            begin=begin,
            done=done,
            settings=("network", "norm", "weights", "domain"),
        )

    def _student_stage(self) -> Stage:
        recipe = self.options
        optimiser = recipe.optimiser.over(self.network.parameters())

        def update(batch: Batch) -> Mapping[str, Tensor]:
            rate = recipe.optimiser.set_rate(optimiser, batch)
            total, logged = self.losses(batch)
            descend(total, optimiser)
            return {"loss": total, "lr": torch.tensor(rate), **(logged or {}), **self._diagnosed(batch)}

        return Stage(
            name="train",
            steps=recipe.count(self.facts),
            feed=recipe.feed(),
            modules={"network": self.network},
            update=update,
            state={"optimiser": optimiser, "teachers": _SameTeachers(self.teachers())},
            precision=recipe.precision,
            begin=lambda: initialise(self.network, recipe.weights),
        )

    # One step (Algorithm 1, lines 3 to 11)

    def losses(self, batch: Batch) -> Losses:
        recipe = self.options
        moved = replace(batch, crops=self.moved(batch))  # x̃
        chosen = self._chosen(batch)
        answers = self._answers(batch if recipe.perturbation.of == "student" else moved)  # p_edi, p_rec
        if chosen is not None:
            clean = {} if recipe.perturbation.of == "student" else self._answers(batch, clean=True)
            answers |= {name: torch.where(chosen[:, None], answers[name], one) for name, one in clean.items()}
            moved = replace(batch, crops=torch.where(chosen.view(-1, 1, 1, 1), moved.crops, batch.crops))
        logits = self.network.logits(moved.crops)
        fas = cross_entropy(logits["fas"], batch.labels)  # Eq. 8
        total, logged = fas, {"loss_fas": fas, "accuracy": _share_right(logits["fas"], batch.labels)}
        for name, taught in answers.items():
            bernoulli = name == "edi" and recipe.editing.kd == "bernoulli"
            form = bernoulli_distillation if bernoulli else distillation
            loss = form(logits[name], taught, tau=recipe.tau, form=recipe.kd_form)  # Eq. 6 and 7
            weight = recipe.editing.weight if name == "edi" else recipe.recognition.weight
            total, logged[f"loss_{name}"] = total + weight * loss, loss  # Eq. 9
        return Losses(total, logged)

    def attacked(self, crops: Tensor, domains: Tensor) -> Tensor:
        """x̃ of (B, 3, H, W) crops from these domains, computed anew; the crops themselves where nothing is attacked."""
        how = self.options.perturbation
        if not self.perturbs:
            return crops
        if self.domain is None:
            return _stepped(crops, how.epsilon * random_signs(crops))
        return domain_attack(
            crops, domains, self.domain, epsilon=how.epsilon, steps=how.steps if how.kind == "pgd" else 1,
            step_size=(how.step_size or 2.5 * how.epsilon / how.steps) if how.kind == "pgd" else None, goal=how.goal,
            random_start=how.kind == "pgd" and how.random_start,
        )  # fmt: skip

    def moved(self, batch: Batch) -> Tensor:
        """x̃ of a batch: FGSM's signs are remembered beside the store, everything else is computed each time.

        Departs from Algorithm 1, which takes them anew: nothing in them is random where crops are at most mirrored.
        """
        if self.domain is None or not self.perturbs or self.options.perturbation.kind != "fgsm" or batch.cache is None:
            return self.attacked(batch.crops, batch.domains)
        how, domain = self.options.perturbation, self.domain
        packed = batch.remembered(
            f"signs-{self._attack_digest()}{_rounding(batch.crops)}",
            lambda some: pack_signs(gradient_signs(some.crops, some.domains, domain, goal=how.goal)),
            dtype="uint8",
        )
        return _stepped(batch.crops, how.epsilon * unpack_signs(packed, batch.crops))

    def _chosen(self, batch: Batch) -> Tensor | None:
        """(B,) which faces are moved; None where all or none are."""
        share = self.options.perturbation.share
        if not self.perturbs or share == 1:
            return None
        return torch.rand(len(batch), device=batch.crops.device) < share

    def _answers(self, seen: Batch, *, clean: bool = False) -> dict[str, Tensor]:
        """What the teachers say, {head: (B, width)}; remembered where the same face looks the same at every visit.

        clean: the faces are as they are in the store, whatever the recipe has done to others.
        """
        teachers = self.teachers()
        if not teachers:
            return {}
        how = self.options.perturbation
        clean = clean or not self.perturbs or how.of == "student"
        if clean or (self.domain is not None and not (how.kind == "pgd" and how.random_start)):
            key = ["teachers", *(one.digest for one in teachers.values())]
            if not clean:
                key += [self._attack_digest(), repr(how.epsilon)]
                key += [str(how.steps), repr(how.step_size)] if how.kind == "pgd" else []
            # float32: embeddings of a foreign network may lie beyond float16
            together = seen.remembered(
                "-".join(key) + _rounding(seen.crops), lambda some: self._ask(some.crops), dtype="float32"
            ).to(seen.crops.dtype)
        else:
            together = self._ask(seen.crops)
        return dict(zip(teachers, torch.split(together, [one.width for one in teachers.values()], 1), strict=True))

    def _ask(self, crops: Tensor) -> Tensor:
        """(B, sum of widths); crops are resized once for teachers of one size."""
        teachers = self.teachers().values()
        small = {size: resized(crops, size) for size in {one.size for one in teachers}}
        return torch.cat([one.answer(small[one.size]).to(crops.dtype) for one in teachers], 1)

    @torch.no_grad()
    def _diagnosed(self, batch: Batch) -> dict[str, Tensor]:
        """What the attack did to this batch, looked at where the run is evaluated anyway."""
        step = batch.step + 1
        if not self.perturbs or (step % self.options.evaluate_every and step != batch.steps):
            return {}
        moved = self.moved(batch)
        change = (moved - batch.crops).abs()
        found = {"attack_max": change.max(), "attack_clipped": ((moved == 0) | (moved == 1)).float().mean()}
        if self.domain is not None:
            for name, crops in (("clean", batch.crops), ("attacked", moved)):
                found[f"domain_accuracy_{name}"] = _share_right(self.domain(crops), batch.domains)
        self.network.eval()  # running statistics stay as they are
        for name, crops in (("clean", batch.crops), ("attacked", moved)):
            right = (self.network(crops).argmax(1) == batch.labels).float()
            for label, word in ((LIVE, "live"), (ATTACK, "attack")):
                found[f"accuracy_{word}_{name}"] = right[batch.labels == label].mean()
        self.network.train()
        return found

    # Teachers and keys

    def teachers(self) -> dict[str, Teacher]:
        """T_fa and T_fr under the heads that they teach, `edi` and `rec`; opened when first asked for."""
        edit, recognise = self.options.editing, self.options.recognition
        for name in self._taught():
            if name in self._teachers:
                continue
            self._teachers[name] = (
                open_editing(edit.teacher, output=edit.output, norm=edit.norm, seed=edit.seed)
                if name == "edi"
                else open_recognition(recognise.teacher, norm=recognise.norm, normalise=recognise.normalise)
            )
        if self._teachers and hasattr(self, "network"):
            place = next(self.network.parameters())
            layout = memory_format(place.device)  # as the engine lays out what it trains
            for one in self._teachers.values():
                one.to(place.device, place.dtype).to(memory_format=layout)
        return self._teachers

    def weights(self) -> list[dict[str, Any]]:
        """Also of the teachers that are open."""
        loaded = [{"file": one.name, "sha256": one.sha256, "digest": one.digest} for one in self._teachers.values()]
        return super().weights() + loaded

    def _taught(self) -> tuple[str, ...]:
        edit, recognise = self.options.editing, self.options.recognition
        wanted = {"edi": (edit.teacher, edit.weight), "rec": (recognise.teacher, recognise.weight)}
        return tuple(name for name, (teacher, weight) in wanted.items() if teacher != NO_TEACHER and weight > 0)

    def _widths(self) -> dict[str, int]:
        """Outputs of the taught heads; 1 where a teacher's file is gone, which a run that is only scored may bear."""
        try:
            return {name: one.width for name, one in self.teachers().items()}
        except WeightsError:
            return dict.fromkeys(self._taught(), 1)

    def _attack_digest(self) -> str:
        """E_d's weights and what is done with them; taken once, as E_d is frozen when it is first asked for."""
        if not self._attack_key:
            assert self.domain is not None
            how = self.options.perturbation
            self._attack_key = f"{how.kind}-{how.goal}-{tensors_digest(self.domain)}"
        return self._attack_key


class _SameTeachers:
    """Saved with the student: a run that goes on must not learn from another teacher, or another projection."""

    def __init__(self, teachers: Mapping[str, Teacher]) -> None:
        self._digests = {name: one.digest for name, one in teachers.items()}

    def state_dict(self) -> dict[str, str]:
        return dict(self._digests)

    def load_state_dict(self, state_dict: Mapping[str, str]) -> None:
        for name, digest in self._digests.items():
            if state_dict.get(name) != digest:
                raise RunError(
                    f"the teacher of head {name} is not the one that this run began with ({digest} now, "
                    f"{state_dict.get(name)} then). Give the old file, or train a new run."
                )


def _fit_heads(network: nn.Module, state: Mapping[str, Any], prefix: str, *_: Any) -> None:
    """Heads as wide as in the checkpoint, where the teachers that decide their width are not at hand."""
    assert isinstance(network, Student)
    for name, head in list(network.heads.items()):
        weight = state.get(f"{prefix}heads.{name}.weight")
        if weight is not None and isinstance(head, nn.Linear) and len(weight) != head.out_features:
            network.heads[name] = nn.Linear(head.in_features, len(weight)).to(head.weight)


def _rounding(crops: Tensor) -> str:
    """What else a cache's key says: bfloat16 gives other signs and answers than the run's own precision."""
    return "-bf16" if torch.is_autocast_enabled(crops.device.type) else ""


def _stepped(crops: Tensor, change: Tensor) -> Tensor:
    return (crops + change).clamp(0, 1)


def _share_right(logits: Tensor, truth: Tensor) -> Tensor:
    return (logits.argmax(1) == truth).float().mean()
