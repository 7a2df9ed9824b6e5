"""From rows and groups of protocols to what they measured: checks first, then whatever training is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sincera.clip import Clip, Label
from sincera.data.protocols import Protocol, parse_protocol
from sincera.data.store import Store
from sincera.errors import ProtocolError, StoreError, UsageError
from sincera.papers.faces import Faces
from sincera.papers.grid import Grid, Plan, Variant
from sincera.papers.mtfas.scope import run_scoped
from sincera.papers.mtfas.tasks import Group, groups_of, protocols_of
from sincera.progress import Track, silent

MAPS = ("depth", "mask")  # supervisions that the store must hold; every other one is made in training


@dataclass(frozen=True, slots=True)
class Trained:
    """grid: of every row on every protocol of `groups`.  notes: which protocols were left out, and why."""

    store: Store
    groups: tuple[Group, ...]
    grid: Grid
    notes: tuple[str, ...]


def train_rows(
    rows: Sequence[Variant], known: Sequence[Group], faces: Faces, plan: Plan, domains: str, *, track: Track = silent
) -> Trained:
    """Everything that a table needs of these rows.

    known: the table's groups; the plan's protocols stand in their place.  domains: simulated where nothing is given.
    A protocol that these clips cannot be divided for, as in a small simulated world, is left out with its reason,
    unless it was asked for by name.  UsageError, RecipeError, ProtocolError and StoreError before the first training.
    """
    groups = groups_of(known, plan.protocols)
    protocols = protocols_of(groups)
    _check_sources(rows, protocols, plan)
    plan.check(rows, protocols, faces.domains(domains))
    store, clips = faces.store(domains)
    _check_maps(rows, plan, store)
    notes: tuple[str, ...] = ()
    if not plan.protocols:
        groups, notes = _possible(groups, store, store.clips if clips is None else clips, plan)
    grid = run_scoped(rows, protocols_of(groups), store, plan, clips=clips, track=track)
    return Trained(store, groups, grid, notes)


def _check_sources(rows: Sequence[Variant], protocols: Sequence[str], plan: Plan) -> None:
    """RFMetaFAS holds one of its sources back, which takes two."""
    recipes = plan.recipes(rows)
    for row in rows:
        for protocol in map(parse_protocol, protocols):
            if getattr(recipes[row.name], "detector", "") == "rfmetafas" and len(protocol.sources) < 2:
                raise UsageError(
                    f"protocol {protocol.name}: its source is {protocol.sources[0]} alone, and {row.name} holds one of "
                    f"several back. Give two sources, or leave {row.name} out."
                )


def _check_maps(rows: Sequence[Variant], plan: Plan, store: Store) -> None:
    """StoreError where a row learns from maps that nobody stored."""
    recipes = plan.recipes(rows)
    for name in MAPS:
        asking = [row.name for row in rows if getattr(recipes[row.name], "supervision", "") == name]
        if asking and not store.has(name):
            others = ",".join(row.name for row in rows if row.name not in asking)
            source = " with a source of depth (`sincera prepare --depth FILE`)" if name == "depth" else ""
            leave = f", or leave them out: --rows {others}" if others else ""
            raise StoreError(
                f"{store.folder}: holds no {name}, from which {', '.join(asking)} would learn. "
                f"Prepare a store{source}{leave}."
            )


def _possible(
    groups: Sequence[Group], store: Store, clips: Sequence[Clip], plan: Plan
) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """The groups without protocols that cannot be trained or measured on these clips; and a line for each reason."""
    reasons: dict[str, list[str]] = defaultdict(list)
    protocols = protocols_of(groups)
    for name in protocols:
        reason = next(_obstacles(name, store, clips, plan), None)
        if reason is not None:
            reasons[reason].append(name)
    lost = {name for several in reasons.values() for name in several}
    kept = [group.within([name for name in group.protocols if name not in lost]) for group in groups]
    found = tuple(group for group in kept if group is not None)
    if not found:
        raise ProtocolError(f"none of {', '.join(protocols)} can be trained: {next(iter(reasons))}.")
    return found, tuple(f"Left out: {', '.join(several)} ({reason})." for reason, several in reasons.items())


def _obstacles(name: str, store: Store, clips: Sequence[Clip], plan: Plan) -> Iterator[str]:
    for lists in plan.lists:
        for seed in plan.seeds:
            protocol = parse_protocol(name, lists=lists, seed=seed)
            if not any(clip.domain in protocol.domains for clip in clips):
                continue  # absent altogether: an error of its own, which names what to give
            yield from _lacking(protocol, store, clips)


def _lacking(protocol: Protocol, store: Store, clips: Sequence[Clip]) -> Iterator[str]:
    """What of the three lists has no face to learn from or to score, in words."""
    try:
        lists = protocol.divide(clips)
    except ProtocolError as error:
        yield _reason(str(error))
        return
    parts: Mapping[str, Sequence[Clip]] = {"train": lists.train, "dev": lists.dev, "test": lists.test}
    for part, several in parts.items():
        for label in Label if several or part != "dev" else ():  # without validation there is still TT
            if not len(store.rows([clip for clip in several if clip.label is label])):
                yield f"no {label} face in {part}"


def _reason(message: str) -> str:
    """The middle of `protocol oulu/4/1: no clips to test on. Check …`.

    >>> _reason("protocol oulu/4/1: no clips to test on. Check the splits of O.")
    'no clips to test on'
    """
    return message.partition(": ")[2].partition(". ")[0]
