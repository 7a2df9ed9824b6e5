"""Fig. 4: features of source and target before (variant 1) and after (variant 5), in the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sincera.nets import Student
from sincera.papers.dtda.figures.tasks import one_task, student_of
from sincera.papers.dtda.variants import V1, V5
from sincera.papers.embedding import silhouette, t_sne
from sincera.papers.figures import Bench, Drawing
from sincera.papers.means import over_seeds
from sincera.papers.pixels import as_pixels, batches
from sincera.papers.samples import Sample, even_sample
from sincera.plots import points

SOURCE, TARGET = 300, 100
PANELS = {"before (variant 1)": V1, "after (variant 5)": V5}


@dataclass(frozen=True, slots=True)
class Labelled:
    """(N,) domains, whether each is an attack, and whether it is the target's."""

    domains: NDArray[np.str_]
    attack: NDArray[np.bool_]
    target: NDArray[np.bool_]


def draw(bench: Bench) -> Drawing:
    """Two trainings a seed; the picture is the first seed's, the silhouettes are all seeds'."""
    protocol = one_task(bench, tuple(PANELS.values()))
    found: list[dict[str, NDArray[np.float32]]] = []
    labelled: list[Labelled] = []
    sample: Sample | None = None
    for seed in bench.seeds:
        lists = bench.lists(protocol, seed)
        source = even_sample(bench.store, lists.train, SOURCE, seed=seed)
        target = even_sample(bench.store, lists.test, TARGET, seed=seed)
        both = Sample(np.concatenate([source.rows, target.rows]), (*source.clips, *target.clips))
        sample = sample or both
        crops = bench.store.crops(both.rows)
        found.append({})
        for title, variant in PANELS.items():
            method = bench.trained(variant, protocol, seed)
            found[-1][title] = features(student_of(method), crops)
        labelled.append(Labelled(both.domains, both.attack, np.arange(len(both)) >= len(source)))
    assert sample is not None
    drawing = tsne_figure(found, labelled, seed=bench.seeds[0])
    target_domain = bench.protocol(protocol).title
    return Drawing(
        drawing.picture, {"protocol": target_domain, **drawing.numbers, "all": sample.counts(), **bench.origin()}
    )


def features(network: Student, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W, 3) uint8 → (N, width) pooled features."""
    with torch.inference_mode():
        parts = [network.features(as_pixels(crops[part], network)).float().cpu() for part in batches(len(crops))]
    return torch.cat(parts).numpy()


def tsne_figure(seeds: list[dict[str, NDArray[np.float32]]], labelled: list[Labelled], *, seed: int = 0) -> Drawing:
    """Features (N, F) by panel, for each seed, and whose they are → the first seed's plane, every seed's silhouettes.

    The silhouette is taken among the features themselves, of the target's faces by class: distances in the plane are
    t-SNE's own.
    """
    first = labelled[0]
    places = {title: t_sne(values, seed=seed) for title, values in seeds[0].items()}
    measured = {
        title: _spread([_silhouettes(one[title], of) for one, of in zip(seeds, labelled, strict=True)])
        for title in seeds[0]
    }
    target = "&".join(sorted(set(first.domains[first.target].tolist())))
    notes = {
        title: f"silhouette in {target}: live {_signed(one['live'])}, attack {_signed(one['attack'])}"
        for title, one in measured.items()
    }
    groups = [
        f"{name} (target)" if of_target else str(name)
        for name, of_target in zip(first.domains, first.target, strict=True)
    ]
    picture = points(
        places, groups, first.attack.tolist(), name="dtda-4", notes=notes, emphasised=f"{target} (target)",
        alt="t-SNE of features. " + "; ".join(f"{title}, {note}" for title, note in notes.items()) + ".",
    )  # fmt: skip
    numbers: dict[str, Any] = {
        "source": _count(first, ~first.target),
        "target": _count(first, first.target),
        "width": {title: int(values.shape[1]) for title, values in seeds[0].items()},
        "silhouette_of_target": measured,
    }
    return Drawing(picture, numbers)


def _signed(one: dict[str, Any]) -> str:
    return f"{one['mean']:+.2f}".replace("-", "−")


def _silhouettes(values: NDArray[np.float32], of: Labelled) -> dict[str, float]:
    """By class in the target; and by domain among the sources, where 0 means that domains cannot be told apart."""
    target = silhouette(values[of.target], of.attack[of.target])
    source = silhouette(values[~of.target], of.domains[~of.target])
    return {
        "live": float(target[~of.attack[of.target]].mean()),
        "attack": float(target[of.attack[of.target]].mean()),
        "all": float(target.mean()),
        "source_domains": float(source.mean()),
    }


def _spread(several: list[dict[str, float]]) -> dict[str, dict[str, Any]]:
    return {name: over_seeds([one[name] for one in several]) for name in several[0]}


def _count(of: Labelled, which: NDArray[np.bool_]) -> dict[str, int]:
    return {"live": int((~of.attack[which]).sum()), "attack": int(of.attack[which].sum())}
