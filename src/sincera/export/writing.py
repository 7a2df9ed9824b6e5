"""Runs and members → one model file, whose scores are those of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sincera.errors import UsageError
from sincera.export.agreement import CROPS, Agreement, compare
from sincera.export.candidate import Candidate, from_run
from sincera.export.committee import FusionRule, fused_table, fusion_of
from sincera.export.listed import from_toml
from sincera.export.quantise import Worth, quantised, rescored, worth
from sincera.faces import DetectorSpec
from sincera.fit.points import histogram, operating_points, point
from sincera.measures.table import SourceScores, read_scores
from sincera.media import Sampling
from sincera.model import (
    FaceLimits,
    Fusion,
    Member,
    ModelFile,
    ModelSpec,
    read_model,
    with_spec,
    write_model,
    yunet_spec,
)
from sincera.model.compose import join, load_graph
from sincera.progress import Track, silent
from sincera.train.record import versions


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    agreement: how near its scores are to the original's.  int8: the second file, and what both are worth by part
    (`dev`, `test`), before and after; None where none was asked for.  notes: what to know about the file.
    """

    path: Path
    model: ModelFile
    agreement: Agreement
    int8: Int8 | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Int8:
    path: Path
    model: ModelFile
    before: Mapping[str, Worth]
    after: Mapping[str, Worth]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        named = {"before": self.before, "after": self.after}
        return {when: {part: one.to_dict() for part, one in parts.items()} for when, parts in named.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a model is to be written.

    name, version: of the model; by default the file's name, and `1`.  rule: the operating point in use.
    bounds: two operating points between which the outcome is `uncertain`.  dev: scores of the whole on people apart,
    where the members' own source validation is not to be used.  fusion: see `committee.fusion_of`.
    finder: `yunet` (comes along) or `mtcnn`; by default what found the training's faces, where a judge has that.
    crops: how many real crops scores are compared on.
    """

    name: str | None = None
    version: str = "1"
    rule: str = "eer"
    bounds: tuple[str, str] | None = None
    dev: Path | None = None
    fusion: FusionRule = "equal"
    finder: str | None = None
    crops: int = CROPS


def export(
    out: Path,
    runs: Sequence[Path] = (),
    members: Sequence[Path] = (),
    *,
    which: str = "source",
    store: Path | None = None,
    int8: Path | None = None,
    wishes: Wishes = Wishes(),
    track: Track = silent,
) -> Exported:
    """Write the runs, and the members that TOML files describe, as one model file; several make a committee.

    which: the checkpoint, `source` or `last`.  store: crops of the runs whose own store has moved.
    int8: a second file, quantised, and measured beside the first.
    ModelError, and no file, where a member's scores on real crops differ from the original's by more than 1e-4.
    """
    if not runs and not members:
        raise UsageError("nothing to export: name a run by --run, or a member by --member.")
    loaded = [from_run(folder, which=which, store=store) for folder in track(runs, "tracing", len(runs))]
    around = store or (loaded[0].store.folder if loaded else None)
    candidates = _named([*loaded, *(from_toml(path, store=around) for path in members)])
    fusion, notes = fusion_of(candidates, wishes.fusion)
    spec, more = _spec(candidates, fusion, wishes, out)
    notes = (*(note for one in candidates for note in one.notes), *notes, *more)
    graph = _joined(candidates)
    model = read_model(with_spec(graph, spec))
    agreement = compare(model, candidates, crops=wishes.crops)
    measures = {"members": spec.measures, "agreement": agreement.to_dict()}
    spec = replace(spec, measures=measures)
    small = None if int8 is None else _int8(int8, candidates, spec, wishes, track)
    if small is not None:
        spec = replace(spec, measures=measures | {"int8": small.to_dict()})
    return Exported(out, write_model(out, graph, spec), agreement, small, notes)


def _named(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Each with a name of its own: a number is put to those that share one."""
    seen: dict[str, int] = {}
    found = []
    for one in candidates:
        name = one.member.name
        seen[name] = seen.get(name, 0) + 1
        name = name if seen[name] == 1 else f"{name}-{seen[name]}"
        found.append(replace(one, member=replace(one.member, name=name)))
    return found


def _joined(candidates: Sequence[Candidate]) -> bytes:
    graphs = {one.member.name: load_graph(one.network) for one in candidates}
    data: bytes = join(graphs).SerializeToString(deterministic=True)
    return data


def _in_file(member: Member) -> Member:
    """Its names as they are in the joined graph."""
    outputs = {role: f"{member.name}/{name}" for role, name in member.outputs.items()}
    return replace(member, input=f"{member.name}/{member.input}", outputs=outputs)


def _spec(
    candidates: Sequence[Candidate], fusion: Fusion, wishes: Wishes, out: Path
) -> tuple[ModelSpec, tuple[str, ...]]:
    dev = _validation(candidates, fusion, wishes)
    points = dict(operating_points(dev))
    for name in (wishes.rule, *(wishes.bounds or ())):
        points.setdefault(name, point(dev, name))
    low, high = (wishes.bounds[0], wishes.bounds[1]) if wishes.bounds else ("", "")
    if wishes.bounds and points[low].value > points[high].value:
        low, high = high, low
    finder, notes = _finder(candidates, wishes.finder)
    prepared = next((one.preparation for one in candidates if one.preparation is not None), None)
    return ModelSpec(
        name=wishes.name or out.stem,
        version=wishes.version,
        members=tuple(_in_file(one.member) for one in candidates),
        fusion=fusion,
        detector=finder,
        threshold=wishes.rule,
        points=points,
        sampling=Sampling(8) if prepared is None else prepared.sampling,
        limits=FaceLimits(min_face=finder.min_face),
        bounds=(low, high) if wishes.bounds else None,
        histogram=histogram(dev),
        measures={one.member.name: one.measures for one in candidates if one.measures is not None},
        recipe={one.member.name: dict(one.record) for one in candidates},
        versions=versions(),
    ), notes


def _validation(candidates: Sequence[Candidate], fusion: Fusion, wishes: Wishes) -> SourceScores:
    if wishes.dev is not None:
        return read_scores(wishes.dev, kind=SourceScores)
    dev = fused_table(candidates, fusion, lambda one: one.dev)
    if dev is None:
        lacking = [one.member.name for one in candidates if one.dev is None]
        raise UsageError(
            f"{', '.join(lacking)}: no scores of source validation, so no threshold can be fitted. Give scores of the "
            "whole model by --dev FILE, or the member's own as `scores` in its file."
        )
    return dev


def _finder(candidates: Sequence[Candidate], wanted: str | None) -> tuple[DetectorSpec, tuple[str, ...]]:
    """The judge's detector: the one that found the training's faces, where it is there; else YuNet, with a note."""
    known = _known_detectors(candidates)
    if wanted is not None:
        if wanted not in known:
            raise UsageError(f"--detector {wanted}: expected yunet or mtcnn.")
        found = known[wanted]
    else:
        used = [one.member.view.detector for one in candidates if one.preparation is not None]
        found = next((one for one in used if one is not None and one in known.values()), known["yunet"])
    notes = tuple(
        f"{one.member.name}: its training's faces were found by {was.name}, the model will use {found.name}; boxes "
        "that lie otherwise move scores"
        for one in candidates
        if (was := one.member.view.detector) is not None and was != found
    )
    return found, notes


def _known_detectors(candidates: Sequence[Candidate]) -> dict[str, DetectorSpec]:
    """What this installation can open, with the settings of the training where it used one of them."""
    from sincera.faces.mtcnn_nets import weights_sha256

    found = {"yunet": yunet_spec(), "mtcnn": DetectorSpec("mtcnn", weights_sha256(), 0.3, 0.7, 20)}
    for one in candidates:
        used = one.member.view.detector
        if used is not None and used.name in found and used.sha256 == found[used.name].sha256:
            found[used.name] = used
    return found


def _int8(path: Path, candidates: Sequence[Candidate], spec: ModelSpec, wishes: Wishes, track: Track) -> Int8:
    if any(one.dev is None for one in candidates):
        raise UsageError("--int8 measures both models on source validation; a member has no scores of it.")
    small = [rescored(quantised(one), track=track) for one in track(candidates, "int8", len(candidates))]
    before, after = worth(candidates, spec.fusion), worth(small, spec.fusion)
    own, _ = _spec(small, spec.fusion, replace(wishes, dev=None), path)
    own = replace(own, name=spec.name, version=f"{spec.version}+int8", measures=spec.measures)
    found = Int8(path, read_model(with_spec(_joined(small), own)), before, after)
    own = replace(own, measures={**spec.measures, "int8": found.to_dict()})
    return replace(found, model=write_model(path, _joined(small), own))
