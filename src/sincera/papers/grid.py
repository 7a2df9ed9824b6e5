"""Variants × protocols × seeds: the cells of a table, and what they measured."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from pydantic import BaseModel

from sincera.clip import Clip
from sincera.data.protocols import Protocol, parse_protocol
from sincera.data.protocols.protocol import Convention
from sincera.data.store import Store
from sincera.errors import ProtocolError, RecipeError, UsageError
from sincera.evaluate.measures import ROUNDS
from sincera.methods import load_method
from sincera.papers.cells import Cell, run_cells
from sincera.papers.hands import check_cluster
from sincera.papers.measured import Measured
from sincera.progress import Track, silent
from sincera.recipe import Recipe, load_recipe, nearest

Cells: TypeAlias = "dict[tuple[str, str, Convention], list[Cell]]"  # (variant, protocol, lists) → one a seed

TeacherScope = Literal["split", "protocol1"]
SCOPES: tuple[TeacherScope, ...] = get_args(TeacherScope)
PRESET = "tuned"
SEEDS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Variant:
    """A row that is trained.

    name: what it is called on the command line and in JSON.  sets: what makes it this variant, over whatever recipe
    is asked for.  shares: see `Cell`.  printed: what the paper calls it, None where it has no such row.
    against: the variant that it is compared with; None for the row above.
    sources: the least number of source domains; with one alone, what hides the domain does nothing.
    refuses: (setting, value) each of which would take away what the title names.
    presets: (name, its own): what stands for a preset in this row, whose network has a recipe of its own.
    """

    name: str
    title: str
    method: str = "dtda"
    sets: tuple[str, ...] = ()
    shares: str = ""
    printed: str | None = None
    against: str | None = None
    sources: int = 1
    refuses: tuple[tuple[str, object], ...] = ()
    presets: tuple[tuple[str, str], ...] = ()

    @property
    def own(self) -> dict[str, str]:
        """{setting: value, as it is spelled} of what makes the row."""
        return dict(_halves(text) for text in self.sets)

    def check_recipe(self, recipe: Recipe) -> None:
        """RecipeError where its settings leave out what the title names."""
        for setting, value in self.refuses:
            if reduce(getattr, setting.split("."), recipe) == value:
                raise RecipeError(
                    f"row {self.name} ({self.title}): found {setting} = {value}, which leaves out what the row is "
                    f"named after. Take that setting out, or leave {self.name} out."
                )

    def check(self, protocol: Protocol) -> None:
        """UsageError where the protocol has too few sources: the row would be another one under this one's name."""
        if len(protocol.sources) < self.sources:
            raise UsageError(
                f"protocol {protocol.name}: its source is {protocol.sources[0]} alone, and {self.name} ({self.title}) "
                f"hides which of several a face is from. Give {self.sources} sources, or leave {self.name} out."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the cells of a table are trained.

    preset, recipe, sets: as for `sincera train`; where a table trains several methods, each takes the settings it has.
    lists: conventions, each a part of its own.  protocols, variants: instead of all that the table has, or those of
    them.  extra: the table's further rows too.  runs: where cells lie.  ray, device, rounds: see `run_cells`.
    teacher_scope: on whom the meta-teacher of OULU-NPU's protocols 2 to 4 learns; see `papers.mtfas.scope`.
    """

    preset: str | None = PRESET
    recipe: Path | None = None
    sets: tuple[str, ...] = ()
    seeds: tuple[int, ...] = SEEDS
    lists: tuple[Convention, ...] = ("all",)
    protocols: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    extra: bool = False
    runs: Path = Path("runs")
    ray: str | None = None
    device: str = "auto"
    rounds: int = ROUNDS
    teacher_scope: TeacherScope = "split"

    def __post_init__(self) -> None:
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise UsageError(f"seeds {', '.join(map(str, self.seeds)) or '(none)'}: at least one, each once.")
        if not self.lists:
            raise UsageError("lists: name at least one of all, whole, split.")
        if len(set(self.protocols)) < len(self.protocols):
            raise UsageError(f"protocols {', '.join(self.protocols)}: each once.")

    def chosen(self, variants: Sequence[Variant]) -> tuple[Variant, ...]:
        """The rows that are wanted, in the table's order; UsageError for one that the table does not have."""
        known = {variant.name.lower(): variant for variant in variants}
        for name in self.variants:
            if name.lower() not in known:
                there = "; there are " + ", ".join(variant.name for variant in variants)
                raise UsageError(f"no row {name!r} in this table{nearest(name.lower(), known) or there}")
        wanted = {name.lower() for name in self.variants} or set(known)
        return tuple(variant for name, variant in known.items() if name in wanted)

    def recipes(self, variants: Sequence[Variant]) -> dict[str, Recipe]:
        """{variant's name: its recipe}.  A setting goes to those of the methods that have it.

        RecipeError as for `load_recipe`, also for a setting that none of them has.
        """
        classes = {variant.method: load_method(variant.method).recipe_type for variant in variants}
        given = [*_flat(_table(self.recipe)), *self.sets]
        found = {}
        for variant in variants:
            cls = classes[variant.method]
            mine = [text for text in given if _knows(cls, text) or not any(_knows(c, text) for c in classes.values())]
            preset = dict(variant.presets).get(self.preset or "", self.preset)
            found[variant.name] = load_recipe(cls, preset=preset, sets=[*mine, *variant.sets])
            variant.check_recipe(found[variant.name])
        return found

    def check(
        self, variants: Sequence[Variant], protocols: Sequence[str], domains: Collection[str] | None = None
    ) -> None:
        """Everything that can be wrong before a face is looked at: settings, protocols, domains, and the cluster.

        variants: all that will be trained; a `--set` that each of them decides itself is refused.  domains: those that
        there will be clips of, None where that is not known.  Errors as for `cells`; RunError where no cluster answers.
        """
        for text in self.sets:
            _check_effect(text, variants)
        for cell in chain.from_iterable(self.cells(variants, protocols).values()):
            absent = [name for name in cell.protocol.domains if domains is not None and name not in domains]
            if absent:
                there = ", ".join(sorted(domains or ()))
                raise ProtocolError(
                    f"protocol {cell.protocol.name}: no clips of domain {', '.join(absent)}; there are {there}. "
                    f"Give {absent[0]}=FOLDER too, or a --store that has it."
                )
        check_cluster(self.ray)

    def cells(self, variants: Sequence[Variant], protocols: Sequence[str]) -> Cells:
        """What is to be trained, without a look at any face: of every variant on every protocol, one cell a seed.

        RecipeError, ProtocolError and UsageError where settings, a protocol's name, or a variant on it make no sense.
        """
        recipes = self.recipes(variants)
        found: Cells = {}
        for lists in self.lists:
            for name in protocols:
                divided = [parse_protocol(name, lists=lists, seed=seed) for seed in self.seeds]
                for variant in variants:
                    variant.check(divided[0])
                    title = f"{variant.method} ({variant.title})"
                    found[variant.name, name, lists] = [
                        Cell(variant.method, recipes[variant.name], protocol, seed, variant.shares, title)
                        for protocol, seed in zip(divided, self.seeds, strict=True)
                    ]
        return found


class Grid(Mapping[tuple[str, str, Convention], Measured]):
    """{(variant's name, protocol's name, lists): what its seeds measured}."""

    def __init__(self, found: Mapping[tuple[str, str, Convention], Measured]) -> None:
        self._found = dict(found)

    def __getitem__(self, key: tuple[str, str, Convention]) -> Measured:
        return self._found[key]

    def __iter__(self) -> Iterator[tuple[str, str, Convention]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def run_grid(
    variants: Sequence[Variant],
    protocols: Sequence[str],
    store: Store,
    plan: Plan,
    *,
    clips: Sequence[Clip] | None = None,
    track: Track = silent,
) -> Grid:
    """Train what is missing of every variant on every protocol from every seed, under every convention of lists.

    Every recipe and protocol is looked at before the first training begins.
    """
    return grid_of(plan.cells(variants, protocols), store, plan, clips=clips, track=track)


def grid_of(
    cells: Cells, store: Store, plan: Plan, *, clips: Sequence[Clip] | None = None, track: Track = silent
) -> Grid:
    """Train what is missing of these cells; every protocol is looked at before the first training begins."""
    flat = [cell for several in cells.values() for cell in several]
    for protocol in {(cell.protocol.name, cell.protocol.lists): cell.protocol for cell in flat}.values():
        protocol.divide(store.clips if clips is None else clips)
    runs = iter(
        run_cells(
            flat, store, plan.runs, clips=clips, ray=plan.ray, device=plan.device, rounds=plan.rounds, track=track
        )
    )
    return Grid({key: Measured(tuple(next(runs) for _ in several)) for key, several in cells.items()})


def _check_effect(setting: str, variants: Sequence[Variant]) -> None:
    """UsageError for a setting that every row which has it sets itself, to something else.

    Rows that are all without it take anything: one set of settings may serve tables and figures with it and without.
    """
    name, value = _halves(setting)
    known = [variant for variant in variants if _knows(load_method(variant.method).recipe_type, setting)]
    own = {variant.own.get(name, value) for variant in known}
    if known and all(name in variant.own for variant in known) and own not in ({value}, {"none"}):
        rows = ", ".join(f"{variant.name} {variant.own[name]}" for variant in known)
        raise UsageError(f"--set {setting} would change nothing: each row sets {name} itself ({rows}). Leave it out.")


def _halves(setting: str) -> tuple[str, str]:
    name, _, value = setting.partition("=")
    return name, value


def _knows(cls: type[BaseModel], setting: str) -> bool:
    """Whether a recipe has the field of an `a.b=value`."""
    *groups, last = setting.partition("=")[0].split(".")
    for name in groups:
        inner = cls.model_fields[name].annotation if name in cls.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return False
        cls = inner
    return last in cls.model_fields


def _table(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read as a recipe ({error}).") from None


def _flat(values: Mapping[str, Any], before: str = "") -> Iterable[str]:
    """Nested settings as `a.b=value`; a date as text, for no setting takes one.

    >>> list(_flat({"batch": 8, "optimiser": {"kind": "adamw"}}))
    ['batch=8', 'optimiser.kind="adamw"']
    """
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}={json.dumps(value, default=str)}"
