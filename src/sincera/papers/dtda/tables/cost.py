"""Table VII: what FRT-PAD and DTDA cost, and what they reach on average over the leave-one-out tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from sincera.data.protocols.protocol import Convention
from sincera.methods import load_method
from sincera.nets import Student, multiply_adds, parameters
from sincera.papers import words
from sincera.papers.dtda.tasks import DOMAINS, ONE_OUT, OURS, RATES
from sincera.papers.dtda.variants import FRT_PAD, V5
from sincera.papers.faces import Faces
from sincera.papers.grid import Grid, Plan, Variant, run_grid
from sincera.papers.intervals import NOTE, intervals, intervals_of_grid
from sincera.papers.measured import POLICIES, mean_over
from sincera.papers.published import Values, values_of
from sincera.papers.speed import Speed, speed_of
from sincera.papers.table import MISSING, Block, PaperTable
from sincera.progress import Track, silent
from sincera.recipe import Recipe
from sincera.train import Facts, build_method
from sincera.train.precision import pick_device

SIZES = (224, 256)
SPEED_AT = 256
ROWS = (FRT_PAD, V5)
PRINTED: Mapping[str, str] = {FRT_PAD.name: "FRT-PAD [28]", V5.name: OURS}
SHOWN: Mapping[str, str] = {FRT_PAD.name: "FRT-PAD", V5.name: "DTDA"}
TASK = "four leave-one-out tasks"
SPEED = "Speed(FPS)"
AVERAGE = {"hter": "Avg HTER(%)", "auc": "Avg AUC(%)"}
NAMES = {"hter": "HTER", "auc": "AUC"}
NOTES = (
    "Parameters: of all that is trained together with what is frozen inside the detector, and of what is deployed "
    "(DTDA drops the heads that its teachers taught). DTDA's count follows the width of its editing teacher's output.",
    "Multiply-adds: the printed ones are counts at 224 pixels, although the text says 256.",
    "The paper prints 9.79 / 95.83 for this average, and 9.66 / 95.45 for the same one in its Table III.",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one method's network: parameters trained and deployed, multiply-adds by size, speed."""

    network: str
    parameters: int
    deployed: int
    multiply_adds: Mapping[int, int]
    speed: Speed

    def to_dict(self) -> dict[str, Any]:
        sizes = {str(size): number for size, number in self.multiply_adds.items()}
        return {
            "network": self.network,
            "parameters": self.parameters,
            "deployed": self.deployed,
            "multiply_adds": sizes,
            "speed": self.speed.to_dict(),
        }


def table(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Table VII, of the networks that the recipes name."""
    rows, protocols = plan.chosen(ROWS), plan.protocols or tuple(ONE_OUT)
    plan.check(rows, protocols, faces.domains(DOMAINS))
    recipes = plan.recipes(rows)
    costs = {row.name: cost_of(row.method, recipes[row.name], device=plan.device) for row in rows}
    store, clips = faces.store(DOMAINS)
    grid = run_grid(rows, protocols, store, plan, clips=clips, track=track)
    printed = values_of("dtda/7")
    ends = intervals_of_grid(grid, rounds=plan.rounds, track=track)
    averages = [_Average(rows, protocols, lists, grid, plan.rounds) for lists in plan.lists]
    cells = [
        {"row": row.name, "method": row.method, "protocol": protocol, "lists": lists}
        | words.figures(measured, tuple(RATES), ends[name, protocol, lists])
        for row in rows
        for (name, protocol, lists), measured in grid.items()
        if name == row.name
    ]
    speed = costs[rows[0].name].speed
    notes = (
        *words.settings(plan, store, grid),
        words.PRINTED,
        NOTE,
        *NOTES,
        f"Speed: batch 1 at {speed.size} px, {speed.device}, {speed.threads} threads, {speed.timed} calls after a "
        "warm-up of 20, detection left out.",
    )
    data = {
        **words.origin(plan, store),
        "costs": {name: cost.to_dict() for name, cost in costs.items()},
        "cells": cells,
        "means": [average.cell(row) for average in averages for row in rows],
    }
    blocks = (_costs(rows, costs, printed), *(average.block(printed) for average in averages))
    return PaperTable("dtda/7", "DTDA, Table VII: cost", blocks, notes, data)


def cost_of(name: str, recipe: Recipe, *, device: str = "auto") -> Cost:
    """Counted on the network that a training of this method would begin with; no weights are loaded into it."""
    facts = Facts(domains=("O", "C", "I"), subjects=(), clips=1, size=SPEED_AT)
    method = build_method(load_method(name), recipe, facts, seed=0)
    network = method.get_submodule("network")
    alone = _deployed(network)
    return Cost(
        network=str(getattr(recipe, "network", name)),
        parameters=parameters(network),
        deployed=parameters(alone),
        multiply_adds={size: multiply_adds(alone, size) for size in SIZES},
        speed=speed_of(method, SPEED_AT, device=pick_device(device)),
    )


def _deployed(network: nn.Module) -> nn.Module:
    return network.deployed() if isinstance(network, Student) else network


def _costs(rows: Sequence[Variant], costs: Mapping[str, Cost], printed: Values) -> Block:
    columns = (
        "",
        "network",
        "params M",
        "deployed M",
        *(f"G multiply-adds {size}" for size in SIZES),
        "fps",
        "ms",
        "p95",
    )
    lines: list[tuple[str, ...]] = []
    for row in rows:
        texts = [_printed(printed, row, metric) for metric in ("Params(M)", "FLOPs(G)", SPEED)]
        lines.append(
            (f"{SHOWN[row.name]}, printed", "resnet18", texts[0], MISSING, texts[1], MISSING, texts[2], "", "")
        )
        cost = costs[row.name]
        lines.append(
            (
                f"{SHOWN[row.name]}, here",
                cost.network,
                f"{cost.parameters / 1e6:.2f}",
                f"{cost.deployed / 1e6:.2f}",
                *(f"{cost.multiply_adds[size] / 1e9:.2f}" for size in SIZES),
                f"{cost.speed.fps:.0f}",
                f"{cost.speed.median_ms:.1f}",
                f"{cost.speed.p95_ms:.1f}",
            )
        )
    return Block("parameters, multiply-adds, speed", columns, tuple(lines))


class _Average:
    """What every row reaches on average over the protocols, under one convention, with intervals."""

    def __init__(
        self, rows: Sequence[Variant], protocols: Sequence[str], lists: Convention, grid: Grid, rounds: int
    ) -> None:
        self._rows, self._protocols, self._lists = rows, protocols, lists
        self._tasks = {row.name: [grid[row.name, protocol, lists] for protocol in protocols] for row in rows}
        self._ends = {name: intervals(tasks, rounds=rounds) for name, tasks in self._tasks.items()}

    def block(self, printed: Values) -> Block:
        lines = []
        same = set(self._protocols) == set(ONE_OUT) and self._lists in words.COMPARABLE
        for row in self._rows:
            texts = (_printed(printed, row, AVERAGE[rate]) if same else MISSING for rate in RATES)
            lines.append((f"{SHOWN[row.name]}, printed", *texts))
            lines += [
                (f"{SHOWN[row.name]}, {policy}", *(self._text(row, policy, rate) for rate in RATES))
                for policy in POLICIES
            ]
        title = f"average over {', '.join(self._protocols)}, lists {self._lists}"
        return Block(title, ("", *NAMES.values()), tuple(lines))

    def cell(self, row: Variant) -> dict[str, Any]:
        """For JSON."""
        policies = words.means(self._tasks[row.name], tuple(RATES), self._ends[row.name])
        return {"row": row.name, "protocols": list(self._protocols), "lists": self._lists, "policies": policies}

    def _text(self, row: Variant, policy: str, rate: str) -> str:
        figure = mean_over([task.figure(policy, rate) for task in self._tasks[row.name]])
        return words.with_ends(figure, words.ends_of(self._ends[row.name], policy, rate))


def _printed(values: Values, row: Variant, metric: str) -> str:
    found = values.get((TASK, PRINTED[row.name], metric))
    if found is None or found.value is None:
        return MISSING
    return f"{found.value:.0f}" if metric == SPEED else found.text
