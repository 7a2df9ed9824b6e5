"""Runs as the report sees them: read once, named apart, seeds of one training together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sincera.errors import RunError
from sincera.measures.table import ScoreTable
from sincera.measures.threshold import Threshold
from sincera.runs import Run

POLICIES = ("ST", "LE", "TT")


@dataclass(frozen=True)
class Result:
    """A finished run with its measures.  info and measures: run.json and measures.json, read once."""

    run: Run
    info: Mapping[str, Any]
    measures: Mapping[str, Any]

    @property
    def method(self) -> str:
        return str(self.info.get("method", "method not recorded"))

    @property
    def protocol(self) -> str:
        """The protocol's name as typed."""
        value = self.info.get("protocol", "protocol not recorded")
        return str(value.get("name")) if isinstance(value, Mapping) else str(value)

    @property
    def targets(self) -> tuple[str, ...]:
        """Domains that are tested, as recorded; else what the protocol's name says after its colon."""
        value = self.info.get("protocol")
        if isinstance(value, Mapping) and value.get("targets"):
            return tuple(map(str, value["targets"]))
        return tuple(self.protocol.partition(":")[2].split("+")) if ":" in self.protocol else ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Domains that are trained on, where recorded."""
        value = self.info.get("protocol")
        return tuple(map(str, value.get("sources") or ())) if isinstance(value, Mapping) else ()

    @property
    def setting(self) -> str:
        """The protocol as the page prints it: name, who trains, who is tested, and how the lists were made."""
        parts = [
            f"sources {', '.join(self.sources)}" if self.sources else "",
            f"target {', '.join(self.targets)}" if self.targets else "",
            f"lists {self.info['lists']}" if self.info.get("lists") else "",
            f"validation {self.info['validation']}" if self.info.get("validation") else "",
        ]
        told = "; ".join(part for part in parts if part)
        return f"{self.protocol} ({told})" if told else self.protocol

    @property
    def seed(self) -> int | None:
        """None where run.json does not tell."""
        seed = self.info.get("seed")
        return None if seed is None else int(seed)

    @property
    def policies(self) -> Mapping[str, Mapping[str, Any]]:
        """ST, LE and TT in this order, as far as they were measured."""
        found = self.measures.get("policies", {})
        return {name: found[name] for name in POLICIES if name in found}

    @property
    def headline(self) -> str:
        """ST where there is source validation, else TT: the policy whose scores are drawn."""
        return "ST" if "ST" in self.policies else "TT"

    @property
    def thresholds(self) -> dict[str, Threshold]:
        """By policy, where the policy has a single one."""
        found = {name: policy.get("threshold") for name, policy in self.policies.items()}
        return {name: Threshold.from_dict(value) for name, value in found.items() if value is not None}

    @cached_property
    def scores(self) -> ScoreTable:
        """The target's scores by clip, at the step that the headline policy chose."""
        return self.run.target_scores(int(self.policies[self.headline]["steps"][0])).by_clip()


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one method on one protocol with one recipe: they differ in their seed."""

    name: str
    results: tuple[Result, ...]

    @property
    def first(self) -> Result:
        """The one that is drawn where one has to stand for all: the lowest seed."""
        return self.results[0]


def read_results(folders: Sequence[Path]) -> tuple[Group, ...]:
    """Read runs and gather those that differ in nothing but their seed, in the order given.

    RunError names a folder that is no run, was given twice, or has not been measured yet.
    """
    if not folders:
        raise RunError("no run to report on; name at least one run folder: sincera report runs/NAME")
    resolved = [folder.resolve() for folder in folders]
    twice = next((folder for folder in resolved if resolved.count(folder) > 1), None)
    if twice is not None:
        raise RunError(f"{twice}: named twice; name each run once")
    gathered: dict[str, list[Result]] = {}
    for folder in folders:
        result = _read(folder)
        gathered.setdefault(_identity(result), []).append(result)
    groups = [sorted(results, key=lambda result: (result.seed is None, result.seed)) for results in gathered.values()]
    return tuple(
        Group(name, tuple(results))
        for name, results in zip(_names([results[0] for results in groups]), groups, strict=True)
    )


def run_names(groups: Sequence[Group]) -> dict[str, Result]:
    """Every run under a short name that tells it from the others on a picture."""
    named = {}
    for group in groups:
        for result in group.results:
            seed = f"seed {result.seed}" if result.seed is not None else result.run.name
            name = f"{group.name}, {seed}" if len(group.results) > 1 else group.name
            named[name if name not in named else f"{name} ({result.run.name})"] = result
    return named


def _read(folder: Path) -> Result:
    run = Run.open(folder)
    measures = run.measures()
    if not measures or not measures.get("policies"):
        raise RunError(
            f"{folder}: not measured yet (no measures.json with policies); the same `sincera train` command finishes it"
        )
    return Result(run, run.info(), measures)


def _identity(result: Result) -> str:
    """What the seeds of one training share: all settings but the seed, and the crops."""
    info = result.info
    recipe = {key: value for key, value in (info.get("recipe") or {}).items() if key != "seed"}
    crops = (info.get("identity") or {}).get("store")
    kept = (result.method, result.protocol, info.get("lists"), info.get("validation"), crops, recipe)
    return json.dumps(kept, sort_keys=True)


def _names(firsts: Sequence[Result]) -> list[str]:
    """The method; with the protocol where several occur; with the folder where that is not enough."""
    several = len({result.protocol for result in firsts}) > 1
    names = [f"{result.method} {result.protocol}" if several else result.method for result in firsts]
    return [
        f"{name} ({result.run.name})" if names.count(name) > 1 else name
        for name, result in zip(names, firsts, strict=True)
    ]
