"""Faces before and after the domain adversarial attack, the difference amplified, and what it did (Eq. 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sincera.papers.dtda.figures.cams import frame_colours, labels, one_of_each, printable
from sincera.papers.dtda.figures.tasks import domain_classifier, one_task, student_of
from sincera.papers.dtda.variants import V5
from sincera.papers.figures import Bench, Drawing
from sincera.papers.means import over_people
from sincera.papers.pixels import as_pixels, batches
from sincera.papers.samples import Sample, even_sample
from sincera.plots import picture_grid

MEASURED = 200
MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class Attacked:
    """clean, moved: (N, H, W, 3) in [0, 1].  before, after: (N, D) probabilities of the domains.

    student_before, student_after: (N,) probability of an attack.  epsilon: greatest change allowed.
    """

    clean: NDArray[np.float32]
    moved: NDArray[np.float32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    student_before: NDArray[np.float32]
    student_after: NDArray[np.float32]
    epsilon: float


def draw(bench: Bench) -> Drawing:
    """Variant 5 on one task, on source faces that it was not trained on."""
    protocol = one_task(bench, (V5,))
    seed = bench.seeds[0]
    lists = bench.lists(protocol, seed)
    sample = even_sample(bench.store, lists.dev or lists.train, MEASURED, seed=seed)
    allowed = printable(bench, sample)
    method = bench.trained(V5, protocol, seed)
    names = method.facts.domains
    domains = np.array([names.index(name) for name in sample.domains.tolist()])
    found = _attack(method, bench.store.crops(sample.rows), domains)
    drawing = attack_figure(found, sample, names, allowed)
    how: Any = getattr(method.recipe, "perturbation", None)
    faces = "source validation" if lists.dev else "source training (no validation is kept)"
    settings = None if how is None else how.model_dump(mode="json")
    title = bench.protocol(protocol).title
    head = {"protocol": title, "seed": seed, "faces": faces, "perturbation": settings}
    return Drawing(drawing.picture, {**head, **drawing.numbers, **bench.origin()})


def _attack(method: Any, crops: NDArray[np.uint8], domains: NDArray[np.int64]) -> Attacked:
    network, domain = student_of(method), domain_classifier(method)
    parts: list[tuple[Tensor, ...]] = []
    for part in batches(len(crops)):
        pixels = as_pixels(crops[part], network)
        moved = method.attacked(pixels, torch.from_numpy(domains[part]).to(pixels.device))
        with torch.inference_mode():
            answers = (domain(pixels).softmax(1), domain(moved).softmax(1))
            scores = (method.score(pixels).score, method.score(moved).score)
        parts.append((pixels.movedim(1, -1), moved.movedim(1, -1), *answers, *scores))
    columns = [torch.cat(column).float().cpu().numpy() for column in zip(*parts, strict=True)]
    clean, moved_, before, after, first, second = columns
    return Attacked(clean, moved_, before, after, first, second, method.recipe.perturbation.epsilon)


def attack_figure(found: Attacked, sample: Sample, names: tuple[str, ...], allowed: NDArray[np.int64]) -> Drawing:
    """The rows clean, attacked and difference for a live face and an attack of each domain; numbers over all faces."""
    true = np.array([names.index(name) for name in sample.domains.tolist()])
    change = np.abs(found.moved - found.clean)
    # A pixel at the edge of [0, 1] cannot take its step.
    clipped = (found.moved <= 0) | (found.moved >= 1)
    people = sample.people
    attack = sample.attack
    numbers: dict[str, Any] = {
        "sample": sample.counts(),
        "epsilon": found.epsilon,
        "greatest_change": float(change.max()),
        "clipped": float(((change < 0.99 * found.epsilon) & clipped).mean()),
        "domain_accuracy": {
            "clean": over_people((found.before.argmax(1) == true).astype(float).tolist(), people),
            "attacked": over_people((found.after.argmax(1) == true).astype(float).tolist(), people),
            "by_chance": 1 / len(names),
        },
        # No threshold is fitted on faces that were moved.
        "student_accuracy": {
            "clean": over_people(((found.student_before > MIDDLE) == attack).astype(float).tolist(), people),
            "attacked": over_people(((found.student_after > MIDDLE) == attack).astype(float).tolist(), people),
            "threshold": {"value": MIDDLE, "rule": "middle of the student's scale, fitted on nothing"},
        },
    }
    shown = one_of_each(sample, allowed)
    faces = sample.select(shown)
    gain = 0.5 / max(found.epsilon, 1e-6)
    difference = np.clip(0.5 + gain * (found.moved[shown] - found.clean[shown]), 0, 1)
    rows = {
        "clean": list(_bytes(found.clean[shown])),
        f"attacked\nε = {255 * found.epsilon:g}/255": list(_bytes(found.moved[shown])),
        f"difference\n× {gain:.0f}, grey is none": list(_bytes(difference)),
    }
    first, second, _ = rows
    captions = {
        first: [_told(found.before[i], names) for i in shown],
        second: [_told(found.after[i], names) for i in shown],
    }
    accuracy = numbers["domain_accuracy"]
    picture = picture_grid(
        rows, labels(faces), name="dtda-attack", groups=faces.domains.tolist(), frames=frame_colours(faces),
        captions=captions, alt=f"Faces before and after the domain attack. The domain classifier is right for "
        f"{accuracy['clean']['mean']:.0%} of clean and {accuracy['attacked']['mean']:.0%} of attacked faces.",
    )  # fmt: skip
    return Drawing(picture, numbers)


def _told(probabilities: NDArray[np.float32], names: tuple[str, ...]) -> str:
    best = int(probabilities.argmax())
    return f"E$_d$: {names[best]} {probabilities[best]:.2f}"


def _bytes(pixels: NDArray[np.floating]) -> NDArray[np.uint8]:
    rounded: NDArray[np.uint8] = np.rint(255 * pixels).astype(np.uint8)
    return rounded
