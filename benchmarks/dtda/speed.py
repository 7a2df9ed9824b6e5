"""How long a step of DTDA takes beside a careful plain loop (goal: at most 0.75×), and what each part of it brings.

    python -m benchmarks.dtda.speed [--network resnet18] [--size 128] [--batch 24] [--faces 96] [--epochs 6] --out FILE

The plain loop is what one would write from Algorithm 1: frozen teachers and E_d in eval mode without parameter
gradients, teachers under no_grad, each with its own resize, torch's optimiser, the same precision.  Against it, one
change at a time and then all: channels last, one resize for both teachers, a fused optimiser, compiled graphs, bf16.
`on-line` is the package's own step without a memory; `whole run` its epochs with one, the filling in the first epoch
included, at `--epochs` (an epoch visits each face once).  Steps of all kinds alternate; medians count.
The teachers are random iresnet18 and StarGAN discriminator at official size (`--small`: the packaged layout).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate, kl_div, log_softmax, softmax

from sincera.methods.dtda import DTDA, DTDARecipe
from sincera.nets import student
from sincera.nets.iresnet import iresnet
from sincera.nets.stargan import stargan_discriminator, stargan_projection
from sincera.recipe import load_recipe
from sincera.teachers.files import save_teacher
from sincera.train import Batch, Facts, build_method
from sincera.train.cache import Cache
from sincera.train.precision import has_bf16

EPSILON, TAU = 4 / 255, 4.0
SMALL = ({"blocks": (1, 1, 1, 1), "channels": (24, 48, 96, 160), "width": 128, "size": 96},
         {"size": 96, "width": 16, "repeat": 5, "attributes": 5})  # fmt: skip


class PlainLoop:
    """One DTDA step by hand; the switches change one thing each."""

    def __init__(self, asked: argparse.Namespace, **switches: bool) -> None:
        torch.manual_seed(0)
        self.on = switches
        recognition, editing = networks(asked)
        projection = stargan_projection(editing)
        widths = {"rec": recognition.width, "edi": 512}
        self.student = student(asked.network, {"fas": 2, **widths}, norm="imagenet").train()
        self.domain = student(asked.network, {"domain": 3}, norm="imagenet")
        self.sizes = recognition.size, editing.size
        self.frozen: list[nn.Module] = [self.domain, recognition, projection]
        for module in self.frozen:
            module.eval().requires_grad_(requires_grad=False)
        if switches.get("channels_last"):
            for module in (self.student, *self.frozen):
                module.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.SGD(
            self.student.parameters(), 0.01, momentum=0.9, weight_decay=5e-4, fused=switches.get("fused", False)
        )
        if switches.get("compiled"):
            self.frozen[1:] = [torch.compile(module) for module in self.frozen[1:]]
            self.domain = torch.compile(self.domain)
            self.logits: Callable[[Tensor], dict[str, Tensor]] = torch.compile(self.student.logits)
        else:
            self.logits = self.student.logits

    def step(self, batch: Batch) -> float:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.on.get("bf16", False)):
            return self._step(batch)

    def _step(self, batch: Batch) -> float:
        layout = torch.channels_last if self.on.get("channels_last") else torch.contiguous_format
        crops = batch.crops.contiguous(memory_format=layout)
        x = crops.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(cross_entropy(self.domain(x), batch.domains), x)
        moved = (crops + EPSILON * gradient.sign()).clamp(0, 1)
        with torch.no_grad():
            taught = self._teach(moved)
        logits = self.logits(moved)
        loss = cross_entropy(logits["fas"], batch.labels)
        for head, answer in zip(("rec", "edi"), taught, strict=True):
            wanted = softmax(answer / TAU, 1)
            loss = loss + TAU**2 * kl_div(log_softmax(logits[head] / TAU, 1), wanted, reduction="batchmean")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return float(loss)

    def _teach(self, moved: Tensor) -> list[Tensor]:
        def small(size: int) -> Tensor:
            return 2 * interpolate(moved, (size, size), mode="bilinear", align_corners=True) - 1

        if self.on.get("one_resize") and len(set(self.sizes)) == 1:
            shared = small(self.sizes[0])
            return [teacher(shared) for teacher in self.frozen[1:]]
        return [teacher(small(size)) for teacher, size in zip(self.frozen[1:], self.sizes, strict=True)]


def networks(asked: argparse.Namespace) -> tuple[Any, Any]:
    recognition, editing = SMALL if asked.small else ({"depth": 18}, {})
    return iresnet(**recognition).eval(), stargan_discriminator(**editing).eval()  # type: ignore[arg-type]


class Ours:
    """The package's own step, from its stage."""

    def __init__(self, asked: argparse.Namespace, folder: Path, *, bf16: bool = False) -> None:
        torch.manual_seed(0)
        files = []
        for kind, network in zip(("recognition", "attributes"), networks(asked), strict=True):
            files.append(folder / f"{kind}.safetensors")
            save_teacher(files[-1], network, kind=kind, facts={})  # type: ignore[arg-type]
        sets = [f"network={asked.network}", f"recognition.teacher={files[0]}", f"editing.teacher={files[1]}"]
        recipe = load_recipe(DTDARecipe, sets=[*sets, f"batch={asked.batch}", "evaluate_every=1000000"])
        facts = Facts(("A", "B", "C"), ("A/0",), clips=asked.faces, size=asked.size)
        method = build_method(DTDA, recipe, facts, seed=0)
        assert isinstance(method, DTDA)
        assert method.domain is not None
        method.to(memory_format=torch.channels_last)
        self.stage = tuple(method.stages())[-1]
        method.eval().requires_grad_(requires_grad=False)
        method.network.train().requires_grad_()
        self.bf16 = bf16

    def step(self, batch: Batch) -> float:
        crops = batch.crops.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            return float(self.stage.update(replace(batch, crops=crops))["loss"])


def batches_of(asked: argparse.Namespace) -> list[Batch]:
    """One epoch: every face once."""
    dice = torch.Generator().manual_seed(1)
    crops = torch.rand(asked.faces, 3, asked.size, asked.size, generator=dice)
    each = torch.arange(asked.faces)
    flat = {"labels": each % 2, "domains": each % 3, "subjects": each, "rows": each, "flipped": each < 0}
    whole = Batch(crops=crops, extra={}, parts=(), step=0, steps=1000, seed=0, **flat)
    return [whole[slice(start, start + asked.batch)] for start in range(0, asked.faces, asked.batch)]


def timed(step: Callable[[Batch], float], batch: Batch) -> float:
    start = time.perf_counter()
    step(batch)
    return time.perf_counter() - start


def flipped_signs(asked: argparse.Namespace, batch: Batch) -> float:
    """Share of the attack's signs that bf16 gives otherwise than float32."""
    from sincera.losses.perturbation import gradient_signs

    torch.manual_seed(0)
    domain = student(asked.network, {"domain": 3}, norm="imagenet").eval()
    exact = gradient_signs(batch.crops, batch.domains, domain)
    with torch.autocast("cpu", torch.bfloat16):
        rough = gradient_signs(batch.crops, batch.domains, domain)
    return float((exact != rough).float().mean())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("size", 128), ("batch", 24), ("faces", 96), ("epochs", 6), ("rounds", 5)):
        options.add_argument(f"--{name}", type=int, default=value)
    options.add_argument("--network", default="resnet18")
    options.add_argument("--small", action="store_true")
    options.add_argument("--no-compile", action="store_true")
    options.add_argument("--out", type=Path)
    asked = options.parse_args()
    batches = batches_of(asked)
    kinds: dict[str, dict[str, bool]] = {
        "plain loop": {},
        "channels last": {"channels_last": True},
        "one resize": {"one_resize": True},
        "fused optimiser": {"fused": True},
        **({} if asked.no_compile else {"compiled": {"compiled": True}}),
        **({"plain loop, bf16": {"bf16": True}} if has_bf16(torch.device("cpu")) else {}),
        "all but compiled": {"channels_last": True, "one_resize": True, "fused": True},
    }
    with tempfile.TemporaryDirectory() as scratch:
        steps = {name: PlainLoop(asked, **switches).step for name, switches in kinds.items()}
        steps["sincera, on-line"] = Ours(asked, Path(scratch)).step
        if has_bf16(torch.device("cpu")):
            steps["sincera, on-line, bf16"] = Ours(asked, Path(scratch), bf16=True).step
        for step in steps.values():  # warm-up, and compilation
            for _ in range(2):
                step(batches[0])
        spent: dict[str, list[float]] = {name: [] for name in steps}
        for number in range(asked.rounds):
            for name, step in steps.items():
                spent[name].append(timed(step, batches[number % len(batches)]))
        medians = {name: statistics.median(some) for name, some in spent.items()}
        cache = Cache(Path(scratch) / "cache", asked.faces)
        ours, plain = Ours(asked, Path(scratch)), PlainLoop(asked)
        epochs: dict[str, list[float]] = {"plain loop": [], "sincera": []}
        for _ in range(asked.epochs):
            epochs["plain loop"].append(sum(timed(plain.step, batch) for batch in batches))
            epochs["sincera"].append(sum(timed(ours.step, replace(batch, cache=cache)) for batch in batches))
    base = medians["plain loop"]
    report = {
        "settings": {k: v for k, v in vars(asked).items() if k != "out"} | {"threads": torch.get_num_threads()},
        "step_seconds": {name: round(value, 3) for name, value in medians.items()},
        "step_ratio": {name: round(value / base, 3) for name, value in medians.items()},
        "epoch_seconds": {name: [round(one, 2) for one in some] for name, some in epochs.items()},
        "whole_run_ratio": round(sum(epochs["sincera"]) / sum(epochs["plain loop"]), 3),
        "filled_epoch_ratio": round(
            statistics.median(epochs["sincera"][1:]) / statistics.median(epochs["plain loop"][1:]), 3
        ),
        "bf16_flips_of_signs": round(flipped_signs(asked, batches[0]), 4),
    }
    text = json.dumps(report, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
