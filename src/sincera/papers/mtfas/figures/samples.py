"""Fig. 5: faces of each data set, the leftmost live, the others attacks, with the instrument's name below."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.papers.dtda.figures.cams import printable
from sincera.papers.figures import Bench, Drawing
from sincera.papers.mtfas.figures.shown import by_kind, called
from sincera.papers.samples import Rows, Sample, varied
from sincera.plots import picture_grid
from sincera.report.examples import is_simulated

COLUMNS = 6  # a live face and five attacks
TITLES = {"O": "OULU-NPU", "C": "CASIA-MFSD", "I": "Replay-Attack", "M": "MSU-MFSD", "W": "SiW-M", "S": "CelebA-Spoof"}
TITLES |= {"V": "SiW-Mv2"}


def draw(bench: Bench) -> Drawing:
    """All data sets that there are clips of; nothing is trained."""
    sample = by_kind(bench.store, bench.clips, seed=bench.seeds[0], each=COLUMNS)
    allowed = printable(bench, sample)
    counts = {
        domain: {
            "live": sum(clip.domain == domain and not clip.attack for clip in bench.clips),
            "attacks": dict(
                sorted(Counter(clip.attack for clip in bench.clips if clip.domain == domain and clip.attack).items())
            ),
            "simulated": all(is_simulated(clip) for clip in bench.clips if clip.domain == domain),
        }
        for domain in _domains(sample)
    }
    drawing = samples_figure(bench.store.crops(sample.rows), sample, allowed, counts)
    return Drawing(drawing.picture, {"seed": bench.seeds[0], **drawing.numbers, "store": bench.store.digest})


def samples_figure(
    crops: NDArray[np.uint8], sample: Sample, allowed: Rows, counts: dict[str, dict[str, Any]]
) -> Drawing:
    """A row for each data set of which a face may be printed.  counts: {domain: clips, by class and kind}."""
    rows: dict[str, list[NDArray[np.uint8] | None]] = {}
    captions: dict[str, list[str]] = {}
    domains, attack = sample.domains[allowed], sample.attack[allowed]
    for domain in _domains(sample.select(allowed)):
        live = varied(sample, allowed[(domains == domain) & ~attack], 1).tolist()
        spoof = varied(sample, allowed[(domains == domain) & attack], COLUMNS - 1).tolist()
        title = TITLES.get(domain, domain)
        places: list[int | None] = [*(live or [None]), *spoof]
        places += [None] * (COLUMNS - len(places))
        rows[title] = [None if place is None else crops[place] for place in places]
        kinds = ["" if place is None else sample.clips[place].attack for place in places]
        captions[title] = [called(kind).replace("\n", " ") if kind else "" for kind in kinds]
    shown = {title: [one for one in named if one] for title, named in captions.items()}
    picture = picture_grid(
        rows, [""] * COLUMNS, name="mtfas-5", groups=["live", *["attacks"] * (COLUMNS - 1)],
        captions=captions, alt="Faces of " + "; ".join(f"{title}: {', '.join(one)}" for title, one in shown.items())
        + ".",
    )  # fmt: skip
    return Drawing(picture, {"domains": counts, "shown": shown})


def _domains(sample: Sample) -> list[str]:
    """In the paper's order, others after them."""
    order = list(TITLES)
    return sorted(set(sample.domains.tolist()), key=lambda one: (order.index(one) if one in order else len(order), one))
