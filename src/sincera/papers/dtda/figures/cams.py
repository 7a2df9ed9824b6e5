"""What both Grad-CAM figures share: maps of many crops, and examples to print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sincera.errors import UsageError
from sincera.nets import Student
from sincera.papers.figures import Bench
from sincera.papers.gradcam import grad_cam
from sincera.papers.pixels import as_pixels, batches
from sincera.papers.samples import Sample, varied
from sincera.plots.grid import GREEN, RED
from sincera.progress import Track, silent

Maps = NDArray[np.float32]

LEVEL, STRIDE = "stride32", 32
BAR = "share of the strongest evidence for the predicted class"


def maps_of(
    network: Student, crops: NDArray[np.uint8], *, head: str | None = None, title: str = "", track: Track = silent
) -> Maps:
    """Grad-CAM of the predicted class at the last block: (N, H, W, 3) uint8 → (N, H, W) in [0, 1]."""
    parts = list(batches(len(crops)))
    cams = [
        grad_cam(network, as_pixels(crops[part], network), level=LEVEL, head=head).float().cpu().numpy()
        for part in track(parts, f"Grad-CAM {title}".rstrip(), len(parts))
    ]
    return np.concatenate(cams)


def printable(bench: Bench, sample: Sample) -> NDArray[np.int64]:
    """Places in the sample of faces that may be printed; UsageError where there is none."""
    allowed = {clip.key for clip in bench.showable(dict.fromkeys(sample.clips))}
    places = np.array([i for i, clip in enumerate(sample.clips) if clip.key in allowed], np.int64)
    if not len(places):
        raise UsageError(
            "this figure prints faces, and every one of them is of a real person, or of a simulated world that is no "
            "longer there. Give --faces if you may show them."
        )
    return places


def one_of_each(sample: Sample, allowed: NDArray[np.int64], targets: Sequence[str] = ()) -> NDArray[np.int64]:
    """Places of one live face and one attack of each domain, the target's last."""
    domains, attack = sample.domains[allowed], sample.attack[allowed]
    ordered = sorted(set(domains.tolist()), key=lambda name: (name in targets, name))
    cells = (allowed[(domains == domain) & (attack == kind)] for domain in ordered for kind in (False, True))
    return np.concatenate([varied(sample, cell, 1) for cell in cells])


def some_of_each_class(sample: Sample, allowed: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Places of `count` live faces, then of as many attacks."""
    attack = sample.attack[allowed]
    return np.concatenate([varied(sample, allowed[attack == kind], count) for kind in (False, True)])


def frame_colours(sample: Sample) -> list[str]:
    """Red about live faces and green about attacks, as the paper has it."""
    return [GREEN if attack else RED for attack in sample.attack]


def labels(sample: Sample) -> list[str]:
    """`live`, or the instrument."""
    return [clip.attack or "live" for clip in sample.clips]
