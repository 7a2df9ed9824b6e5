"""`--member FILE.toml`: an ONNX file from elsewhere as a member, or a run with settings of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from sincera.data.store import Store
from sincera.errors import UsageError, WeightsError
from sincera.export.candidate import UNSTATED, Candidate, from_run, open_crops, sha256, slug
from sincera.export.session import onnx_scorer
from sincera.faces import CropSpec
from sincera.measures.table import SourceScores, TargetScores, read_scores
from sincera.model import Licences, Link, Member

_SHARED: Mapping[str, type | tuple[type, ...]] = {
    "name": str, "link": str, "licences": dict, "weight": (int, float), "store": str, "scores": str, "target": str,
}  # fmt: skip
_OF_FILE: Mapping[str, type | tuple[type, ...]] = {
    "file": str,
    "view": dict,
    "input": str,
    "outputs": dict,
    "trained_on": list,
}
_OF_RUN: Mapping[str, type | tuple[type, ...]] = {"run": str, "checkpoint": str}
_LICENCES = ("code", "weights", "data")


def from_toml(path: Path, *, store: Path | None = None) -> Candidate:
    """The member that a TOML file describes; the paths in it start from its folder.

    `file = "net.onnx"` with `[view]` (how its crop is cut, what differs from a CropSpec's defaults), `input`,
    `[outputs]` by role, `trained_on`; or `run = "runs/x"` with `checkpoint`.  Both: `name`, `link`, `weight`,
    `[licences]`, `store` (of crops), `scores` and `target` (score files of source validation and target, by frame).
    store: where the file names none.  UsageError names the key that is wrong.
    """
    given = _read(path)
    base = path.parent
    own = base / given["store"] if "store" in given else store
    licences = _licences(path, given.get("licences"))
    if "run" in given:
        found = from_run(
            base / given["run"],
            which=given.get("checkpoint", "source"),
            store=own,
            link=given.get("link"),
            licences=licences,
            name=given.get("name"),
        )
    else:
        found = _from_file(path, given, own, licences)
    tables: dict[str, Any] = {}
    if "scores" in given:
        tables["dev"] = read_scores(base / given["scores"], kind=SourceScores)
    if "target" in given:
        tables["test"] = read_scores(base / given["target"], kind=TargetScores)
    weight = given.get("weight")
    return replace(found, weight=None if weight is None else float(weight), **tables)


def _from_file(path: Path, given: Mapping[str, Any], store: Path | None, licences: Licences | None) -> Candidate:
    file = path.parent / given["file"]
    try:
        network = file.read_bytes()
    except OSError as error:
        raise WeightsError(f"{file}: cannot be read ({error.strerror}); {path} names it as `file`.") from error
    if store is None:
        raise UsageError(
            f"{path}: names no `store` of crops, and no run brings one; scores are compared on real crops before a "
            "model is written. Name one by --store."
        )
    member = Member(
        name=given.get("name") or slug(file.stem),
        view=_view(path, given.get("view", {})),
        input=given.get("input") or _only_input(network, file),
        outputs=given.get("outputs") or {"score": "score"},
        link=given.get("link", "probability"),
        licences=licences or Licences(UNSTATED, UNSTATED, UNSTATED),
        trained_on=tuple(map(str, given.get("trained_on", ()))),
        source_sha256=sha256(network),
    )
    crops = open_crops(store, path)
    view = _same_view(crops, member.view)
    notes = () if view else (f"{member.name}: {store.name} has no crops of its view; compared on others, resized",)
    record = {"file": file.name, "sha256": member.source_sha256}
    return Candidate(
        member, network, onnx_scorer(network, member), crops, view, framed=view is not None, record=record, notes=notes
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--member {path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--member {path}: no TOML ({error}).") from error
    if ("file" in given) == ("run" in given):
        raise UsageError(f'{path}: expected either `file = "net.onnx"` or `run = "runs/…"`.')
    kinds = {**_SHARED, **(_OF_FILE if "file" in given else _OF_RUN)}
    for key, value in given.items():
        if key not in kinds:
            near = get_close_matches(key, kinds, 1)
            raise UsageError(f"{path}: unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "."))
        if not isinstance(value, kinds[key]) or isinstance(value, bool):
            raise UsageError(f"{path}: {key} = {value!r} is of the wrong type.")
    if given.get("link", "linear") not in get_args(Link):
        raise UsageError(f"{path}: link = {given['link']!r}; expected {' or '.join(get_args(Link))}.")
    return given


def _licences(path: Path, given: Mapping[str, Any] | None) -> Licences | None:
    if given is None:
        return None
    if not set(given) <= set(_LICENCES) or not all(isinstance(text, str) for text in given.values()):
        raise UsageError(f"{path}: [licences] takes texts for {', '.join(_LICENCES)}; found {dict(given)}.")
    return Licences(**{key: given.get(key, UNSTATED) for key in _LICENCES})


def _view(path: Path, given: Mapping[str, Any]) -> CropSpec:
    try:
        return CropSpec.from_dict(CropSpec().to_dict() | dict(given))
    except UsageError as error:
        raise UsageError(f"{path}: [view]: {error}") from error


def _only_input(network: bytes, file: Path) -> str:
    import onnx

    try:
        graph = onnx.load_model_from_string(network).graph
    except Exception as error:  # protobuf's own kinds
        raise WeightsError(f"{file}: is no ONNX file ({error}).") from error
    weights = {one.name for one in graph.initializer}
    names = [one.name for one in graph.input if one.name not in weights]
    if len(names) != 1:
        raise UsageError(f"{file}: takes {', '.join(names)}; expected one input, the crops.")
    return str(names[0])


def _same_view(store: Store, wanted: CropSpec) -> str | None:
    """The stored view that is cut the same way; colour and range are made of it, and any detector may have found it."""
    plain = replace(wanted, colour="RGB", range="0-1", detector=None)
    for name, view in store.preparation.views.items():
        if replace(view, colour="RGB", range="0-1", detector=None) == plain:
            return name
    return None
