"""The papers' figures by name, what one is drawn from, and what it leaves: a picture and its numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sincera.clip import Clip
from sincera.data.protocols import Lists, Protocol, parse_protocol
from sincera.errors import UsageError
from sincera.experiments import load_trained
from sincera.papers.cells import Cell, run_cells
from sincera.papers.grid import Plan, Variant
from sincera.papers.names import FIGURES, SIMULATED
from sincera.plots import Picture
from sincera.progress import Track, silent
from sincera.recipe import nearest
from sincera.report.examples import is_simulated
from sincera.runs import Run, to_json, write_atomically
from sincera.train import Method
from sincera.train.precision import pick_device

if TYPE_CHECKING:
    from sincera.data.store import Store

__all__ = ["FIGURES", "Bench", "Drawing", "draw", "find_figure", "simulated_domains"]

_FOUR, _WORLD = "OCIM", "OCIMWS"
Material: TypeAlias = "tuple[Store, Sequence[Clip] | None]"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture and the numbers that it stands for, as plain JSON."""

    picture: Picture
    numbers: Mapping[str, Any]

    def save(self, path: Path) -> Path:
        """Write the picture (.svg, .png or .pdf) and its numbers beside it; gives the path of the numbers."""
        beside = path.with_suffix(".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.picture.save(path)
        write_atomically(beside, to_json(self.numbers))
        return beside


class Bench:
    """What figures are drawn from: crops, and runs that are trained where they are missing.

    material: gives the store and the clips that protocols divide (None: all of it); called when first needed, since a
    diagram needs none.  plan: recipes, seeds, protocols (() for the figure's own) and where runs lie.  domains: those
    that the material will have clips of, None where that is not known before.  faces: print real people too.
    """

    def __init__(
        self,
        material: Callable[[], Material],
        plan: Plan,
        *,
        domains: Collection[str] | None = None,
        faces: bool = False,
        track: Track = silent,
    ) -> None:
        self._material, self._domains = material, domains
        self.plan, self.faces, self.track = plan, faces, track
        self.device = pick_device(plan.device)
        self.used: list[Run] = []

    @cached_property
    def _opened(self) -> Material:
        return self._material()

    @property
    def store(self) -> Store:
        return self._opened[0]

    @property
    def clips(self) -> Sequence[Clip]:
        """Clips that the protocols divide."""
        store, clips = self._opened
        return store.clips if clips is None else clips

    @property
    def domains(self) -> frozenset[str]:
        """Those that there are clips of; no store is opened where they are known before."""
        return frozenset(clip.domain for clip in self.clips) if self._domains is None else frozenset(self._domains)

    @property
    def seeds(self) -> tuple[int, ...]:
        return self.plan.seeds

    def protocols(self, default: Sequence[str], *, at_most: int | None = None) -> tuple[str, ...]:
        """The protocols asked for, else the figure's own.  UsageError where more are asked for than it can show."""
        names = self.plan.protocols or tuple(default)
        if at_most is not None and len(names) > at_most:
            raise UsageError(f"found {len(names)} protocols ({', '.join(names)}); this figure shows {at_most}.")
        return names

    def check(self, variants: Sequence[Variant], protocols: Sequence[str]) -> None:
        """Everything that can be wrong with what will be trained, before the material is asked for: `Plan.check`."""
        self.plan.check(variants, protocols, self._domains)

    def protocol(self, name: str, seed: int | None = None) -> Protocol:
        """A protocol under the plan's lists, its validation drawn by the seed (the first of the plan by default)."""
        return parse_protocol(name, lists=self.plan.lists[0], seed=self.seeds[0] if seed is None else seed)

    def lists(self, name: str, seed: int) -> Lists:
        """The clips that the runs of this protocol and seed train on, validate on and are tested on."""
        return self.protocol(name, seed).divide(self.clips)

    def runs(self, wanted: Iterable[tuple[Variant, str, int]]) -> tuple[Run, ...]:
        """The run of each variant, protocol and seed; what is missing is trained."""
        plan, asked = self.plan, list(wanted)
        recipes = plan.recipes([variant for variant, _, _ in asked])
        for variant, name, seed in asked:
            variant.check(self.protocol(name, seed))
        cells = [
            Cell(variant.method, recipes[variant.name], self.protocol(name, seed), seed, variant.shares)
            for variant, name, seed in asked
        ]
        found = run_cells(
            cells, self.store, plan.runs, clips=self.clips, ray=plan.ray, device=plan.device, rounds=plan.rounds,
            track=self.track,
        )  # fmt: skip
        self.used += found
        return found

    def trained(self, variant: Variant, protocol: str, seed: int) -> Method:
        """A run's method with its weights, as source validation chose them; the last where nothing was chosen."""
        (run,) = self.runs([(variant, protocol, seed)])
        which = "source" if run.checkpoint("source").is_file() else "last"
        return load_trained(run, which=which, device=self.device)

    def showable(self, clips: Iterable[Clip]) -> list[Clip]:
        """Those that may be printed: simulated ones, and real people only where they were asked for."""
        return [clip for clip in clips if self.faces or is_simulated(clip)]

    def settings(self) -> dict[str, Any]:
        """What the recipes were made of."""
        return {"preset": self.plan.preset, "set": list(self.plan.sets)}

    def origin(self) -> dict[str, Any]:
        """Where numbers come from: seeds, settings, runs and the store's content."""
        return {
            "seeds": list(self.seeds),
            "lists": self.plan.lists[0],
            **self.settings(),
            "runs": list(dict.fromkeys(run.name for run in self.used)),
            "store": self.store.digest,
            "simulated": all(run.info().get("simulated") is True for run in self.used) if self.used else None,
        }


def find_figure(name: str) -> Callable[[Bench], Drawing]:
    """The function that draws a figure; UsageError with the nearest name where there is none."""
    if name not in FIGURES:
        raise UsageError(f"no figure {name!r}{nearest(name, FIGURES) or '.'} There are {', '.join(FIGURES)}.")
    module, _, function = FIGURES[name][0].partition(":")
    found: Callable[[Bench], Drawing] = getattr(import_module(module), function)
    return found


def simulated_domains(name: str, protocols: Sequence[str] = ()) -> str:
    """Of the world that is made for a figure where no data are given.

    protocols: those that are asked for; domains that the figure's own world lacks are made in its place.

    >>> simulated_domains("dtda/4", ["OMI:C"]), simulated_domains("mtfas/10"), simulated_domains("mtfas/10", ["MI:C"])
    ('OCIM', 'O', 'CIM')
    """
    own = SIMULATED.get(name, _FOUR)
    wanted = {domain for protocol in protocols for domain in parse_protocol(protocol).domains}
    return own if wanted <= set(own) else "".join(one for one in _WORLD if one in wanted) or own


def draw(name: str, bench: Bench) -> Drawing:
    """The figure of that name; what its runs lack is trained first."""
    drawing = find_figure(name)(bench)
    return Drawing(drawing.picture, {"figure": name, "shows": FIGURES[name][1], **drawing.numbers})
