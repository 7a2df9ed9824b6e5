"""How far the domain classifier falls as ε grows: one step, several steps, and random signs of the same size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sincera.losses.perturbation import domain_attack, random_signs
from sincera.papers.dtda.figures.tasks import domain_classifier, one_task
from sincera.papers.dtda.variants import V5
from sincera.papers.figures import Bench, Drawing
from sincera.papers.means import over_seeds
from sincera.papers.pixels import as_pixels, batches
from sincera.papers.samples import even_sample
from sincera.plots import Band, Panel, bands

MEASURED = 300
EPSILONS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # of 255

Kind = Literal["fgsm", "pgd", "random signs"]
KINDS: tuple[Kind, ...] = ("fgsm", "pgd", "random signs")


def draw(bench: Bench) -> Drawing:
    """The classifier of variant 5, one a seed, on source faces that it was not trained on."""
    protocol = one_task(bench, (V5,))
    accuracy: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    steps, counts, faces = 5, {}, ""
    for seed in bench.seeds:
        lists = bench.lists(protocol, seed)
        faces = "source validation" if lists.dev else "source training (no validation is kept)"
        sample = even_sample(bench.store, lists.dev or lists.train, MEASURED, seed=seed)
        method: Any = bench.trained(V5, protocol, seed)
        domains = np.array([method.facts.domains.index(name) for name in sample.domains.tolist()])
        steps, counts = method.recipe.perturbation.steps, sample.counts()
        measured = accuracies(
            domain_classifier(method),
            bench.store.crops(sample.rows),
            domains,
            EPSILONS,
            steps=steps,
            seed=seed,
            goal=method.recipe.perturbation.goal,
        )
        for kind in KINDS:
            accuracy[kind].append(measured[kind])
    number = len(bench.protocol(protocol).sources)
    drawing = epsilon_figure(EPSILONS, accuracy, by_chance=1 / number, steps=steps)
    title = bench.protocol(protocol).title
    head = {"protocol": title, "faces": faces, "sample": counts}
    return Drawing(drawing.picture, {**head, **drawing.numbers, **bench.origin()})


def accuracies(
    classifier: nn.Module,
    crops: NDArray[np.uint8],
    domains: NDArray[np.integer],
    epsilons: Sequence[float],
    *,
    steps: int = 5,
    seed: int = 0,
    goal: Literal["untargeted", "uniform"] = "untargeted",
) -> dict[Kind, list[float]]:
    """Share of faces (N, H, W, 3) whose domain is named rightly after each perturbation, for each ε of 255."""
    found: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for epsilon in epsilons:
            right: dict[Kind, int] = dict.fromkeys(KINDS, 0)
            for part in batches(len(crops)):
                pixels = as_pixels(crops[part], classifier)
                truth = torch.from_numpy(np.asarray(domains[part], np.int64)).to(pixels.device)
                size = epsilon / 255
                moved: dict[Kind, Tensor] = {
                    "fgsm": domain_attack(pixels, truth, classifier, epsilon=size, goal=goal),
                    "pgd": domain_attack(pixels, truth, classifier, epsilon=size, steps=steps, goal=goal),
                    "random signs": (pixels + size * random_signs(pixels)).clamp(0, 1),
                }
                with torch.inference_mode():
                    for kind, seen in moved.items():
                        right[kind] += int((classifier(seen).argmax(1) == truth).sum())
            for kind in KINDS:
                found[kind].append(right[kind] / len(crops))
    return found


def epsilon_figure(
    epsilons: Sequence[float], accuracy: Mapping[str, Sequence[Sequence[float]]], *, by_chance: float, steps: int
) -> Drawing:
    """{kind: (seeds, ε) accuracies} → curves over ε, and the numbers under them."""
    names = {"fgsm": "one step (FGSM)", "pgd": f"{steps} steps (PGD)"}
    places = list(range(len(epsilons)))  # evenly: each ε is twice the one before
    curves = {names.get(kind, kind): Band(places, np.array(rows, np.float64)) for kind, rows in accuracy.items()}
    panel = Panel("faces whose domain the classifier names rightly", curves, rate=True, level=(by_chance, "by chance"))
    last = {kind: float(np.mean([row[-1] for row in rows])) for kind, rows in accuracy.items()}
    picture = bands(
        [panel], name="dtda-epsilon", x_label="ε, of 255", ticks={i: f"{one:g}" for i, one in enumerate(epsilons)},
        alt=f"Accuracy of the domain classifier against ε. At {epsilons[-1]:g}/255: "
        + ", ".join(f"{kind} {value:.0%}" for kind, value in last.items()) + ".",
    )  # fmt: skip
    numbers = {
        kind: {f"{one:g}/255": over_seeds([row[i] for row in rows]) for i, one in enumerate(epsilons)}
        for kind, rows in accuracy.items()
    }
    return Drawing(picture, {"by_chance": by_chance, "pgd_steps": steps, "domain_accuracy": numbers})
