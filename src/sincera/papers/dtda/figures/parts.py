"""Parts of a method as boxes: module path, class and number of parameters, read from the modules themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from sincera.data.protocols import Protocol
from sincera.methods import load_method
from sincera.papers.figures import Bench
from sincera.papers.grid import Variant
from sincera.plots import Box, Diagram
from sincera.plots.picture import COLOURS
from sincera.train import Facts, Method, build_method

SIZE = 256  # of the crops that a diagram supposes; no count depends on it


@dataclass(frozen=True, slots=True)
class Part:
    """path: where the module lies in its method.  kind: its class.  parameters: how many."""

    path: str
    kind: str
    parameters: int

    def to_dict(self) -> dict[str, Any]:
        return {"path": self.path, "kind": self.kind, "parameters": self.parameters}


def part(method: nn.Module, path: str) -> Part:
    """The part at a path such as `network.heads.fas`."""
    module = method.get_submodule(path)
    return Part(path, type(module).__name__, sum(parameter.numel() for parameter in module.parameters()))


def protocol_of(bench: Bench, variants: Sequence[Variant], default: str) -> Protocol:
    """Of which a diagram shows the sources; its domains need not be at hand.  Errors as for `Plan.check`."""
    (name,) = bench.protocols((default,), at_most=1)
    bench.plan.check(variants, (name,))
    return bench.protocol(name)


def built(bench: Bench, variants: Sequence[Variant], domains: tuple[str, ...]) -> list[Method]:
    """Methods as they would be trained on these domains; no face is needed to build them."""
    facts = Facts(domains, (), clips=1, size=SIZE)
    recipes = bench.plan.recipes(variants)
    return [build_method(load_method(one.method), recipes[one.name], facts, seed=bench.seeds[0]) for one in variants]


def box_of(one: Part, x: float, y: float, *, title: str = "", width: float = 3.7, height: float = 1.35) -> Box:
    """A part's box: what it is called in the paper, then its module, then its size."""
    return Box(x, y, width, height, title or one.path, f"{one.path}: {one.kind}\n{short(one.parameters)} parameters")


def faces_of_domains(
    sheet: Diagram, x: float, y: float, domains: Sequence[str], *, title: str, step: float = 0.62, below: bool = False
) -> Box:
    """A tile for each domain, a colour each, and their title; gives the box around them."""
    count = len(domains)
    for number, domain in enumerate(domains):
        shift = (number - (count - 1) / 2) * step
        colour = COLOURS[number % len(COLOURS)]
        sheet.box(Box(x, y - shift, 1.3, step - 0.08, domain), colour, fill=colour)
    sheet.text(x, y + (-1 if below else 1) * (count * step / 2 + 0.22), title, size=8)
    return Box(x, y, 1.3, count * step, "")


def moved_by(how: Any) -> str:
    """The attack's settings in words, from `recipe.perturbation`."""
    steps = f", {how.steps} steps" if how.kind == "pgd" else ""
    return f"{how.kind}{steps}, ε = {255 * how.epsilon:g}/255"


def short(count: int) -> str:
    """A count as people say it.

    >>> short(11_176_512), short(61_440), short(12)
    ('11.18 M', '61.4 k', '12')
    """
    if count >= 1_000_000:
        return f"{count / 1e6:.2f} M"
    return f"{count / 1e3:.1f} k" if count >= 1000 else str(count)
