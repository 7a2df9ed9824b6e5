"""Method, recipe, protocol, seed and store → a run, trained where it is missing; and a run → a scorer."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from sincera.clip import Clip, Label
from sincera.data.prepare import Preparation, prepare
from sincera.data.protocols import Lists, Protocol
from sincera.data.sources import Root, parse_roots, read_clips
from sincera.data.store import Store
from sincera.data.store.preparation import differences
from sincera.data.store.shards import CLIPS
from sincera.errors import RunError, StoreError, UsageError
from sincera.evaluate import Remembered, Scorer, cue_measures, evaluate, score_clips
from sincera.evaluate.measures import ROUNDS
from sincera.measures.table import ScoreTable, write_scores
from sincera.media import sniff
from sincera.methods import load_method
from sincera.nets.weights import sha256_of
from sincera.progress import Track, silent
from sincera.recipe import Recipe, parse_recipe
from sincera.runs import Run, write_atomically
from sincera.train import Facts, Method, Trainer, build_method, checkpoint
from sincera.train.feeder import Target
from sincera.train.precision import memory_format, pick_device
from sincera.train.ranks import rank
from sincera.train.record import digest_of, facts_of, record_of
from sincera.train.scorer import scorer_of

__all__ = ["Scored", "load_trained", "open_store", "run_experiment", "score_run", "scorer_for"]

UNREADABLE = "unreadable"


def open_store(
    folder: Path,
    roots: Iterable[Root] = (),
    *,
    preparation: Preparation | None = None,
    enrolment: bool = False,
    splits: str | None = None,
    seed: int = 0,
    track: Track = silent,
) -> tuple[Store, tuple[Clip, ...] | None]:
    """A store that holds the clips of these roots, prepared where they are missing; and those clips, None for no root.

    preparation: settings for a new store; one that exists goes on with its own.
    """
    clips = _labelled(roots, enrolment=enrolment, splits=splits, seed=seed)
    if not clips:
        return Store.open(folder), None
    return _with_clips(folder, clips, preparation, track), tuple(clips)


def run_experiment(
    method: str,
    recipe: Recipe,
    protocol: Protocol,
    store: Store,
    *,
    seed: int = 0,
    clips: Sequence[Clip] | None = None,
    run: Path | None = None,
    runs: Path = Path("runs"),
    device: torch.device | None = None,
    rounds: int = ROUNDS,
    track: Track = silent,
) -> Run:
    """The run of these settings: trained where it is missing, resumed where it was broken off, then measured.

    clips: those that the protocol divides; all of the store where None.  run: its folder; by default one below `runs`
    that is named after method, protocol, seed and everything else that counts.  rounds: of the bootstrap.
    RunError where the folder holds a run of other settings.
    """
    device = device or torch.device("cpu")
    lists = protocol.divide(_readable(store, clips))
    facts = facts_of(store, lists)
    identity = _identity(method, recipe, store, lists, seed)
    files = {key: sha256_of(path) for key, path in recipe.files().items() if key != "weights"}  # those: in identity
    found = Run(run if run is not None else runs / _name(method, protocol, recipe, identity | files))
    info: dict[str, Any] = {
        "method": method,
        "protocol": protocol.to_dict(),
        "lists": protocol.lists,
        "validation": protocol.validation,
        "notes": list(lists.notes),
        "seed": seed,
        "files": files,
        "tested": digest_of(lists.test),
        **record_of(recipe, identity, facts, store, lists, device),
    }
    if rank() == 0:
        _claim(found, info)
    if not found.done:
        built = build_method(load_method(method), recipe, facts, seed=seed)
        faces = Remembered(store)
        Trainer(built, faces, lists, found, seed=seed, identity=identity, device=device, runs=runs, track=track).train()
    if rank() == 0 and found.measures() is None and found.steps():
        cues = _cues(store, lists, rounds=rounds, seed=seed, track=track)
        evaluate(found, cues=cues, counts=info["counts"], rounds=rounds, seed=seed)
    return found


def load_trained(run: Run, *, which: str = "source", device: torch.device | None = None) -> Method:
    """The method of a run with its trained weights, in eval mode.

    which: `source`, the checkpoint that source validation chose, or `last`.  RunError where there is none.
    """
    info = run.info()
    path = run.checkpoint(which)
    if not path.is_file():
        there = ", ".join(name for name in ("source", "last") if run.checkpoint(name).is_file()) or "none yet"
        raise RunError(f"{run.folder}: no checkpoint {which!r}; there is {there}. Name it by --checkpoint.")
    cls = load_method(info["method"])
    method = build_method(cls, parse_recipe(cls.recipe_type, info["recipe"]), Facts.from_dict(info["facts"]), seed=0)
    method.load_state_dict(checkpoint.load(path)["method"])
    return method.to(device or torch.device("cpu")).eval()


def scorer_for(run: Run, *, which: str = "source", device: torch.device | None = None) -> tuple[Scorer, str | None]:
    """A run as a scorer for `sincera.evaluate.score_clips`, and the stored view that it wants (None: the first)."""
    device = device or torch.device("cpu")
    method = load_trained(run, which=which, device=device)
    view = tuple(method.stages())[-1].feed.view
    return scorer_of(method, Target(device, layout=memory_format(device))), view


@dataclass(frozen=True, slots=True)
class Scored:
    """How many clips and frames were scored; silent: clips without an answer."""

    clips: int
    frames: int
    silent: int


def score_run(
    folder: Path,
    given: Sequence[str],
    out: Path,
    *,
    store: Path | None = None,
    part: str = "test",
    which: str = "source",
    detector: str | None = None,
    enrolment: bool = False,
    device: str = "auto",
    track: Track = silent,
) -> Scored:
    """Score clips with the run in `folder`, and write one row a frame to `out`.

    given: NAME=ROOT of data sets, or paths of pictures, videos and folders of them, whose rows then carry no label.
    What is not in `store` is prepared as the run's own clips were, into it or into a folder that is deleted again.
    Without `given`, the `part` of the store that the run scored (`test`, `dev`), or `all` of it, is scored.
    detector: `yunet=FILE`, where the run's own file is needed again.
    """
    run = Run.open(folder)
    info = run.info()
    scorer, view = scorer_for(run, which=which, device=pick_device(device))
    files = [Path(text) for text in given if "=" not in text or Path(text).exists()]
    roots = parse_roots(text for text in given if Path(text) not in files)
    if files and roots:
        raise UsageError(f"both data sets ({roots[0].domain}) and unlabelled files ({files[0]}): score them apart.")
    clips = _unlabelled(files) if files else _labelled(roots, enrolment=enrolment)
    with tempfile.TemporaryDirectory() as scratch:
        if clips:
            settings = Preparation.from_dict(info["preparation"])
            settings = settings if detector is None else replace(settings, detector=detector)
            crops = _with_clips(store or Path(scratch), clips, settings, track)
        else:
            crops = Store.open(store or Path(info["store"]))
            clips = _part(run, crops, part)
        _check_views(crops, info)
        table = score_clips(scorer, crops, _readable(crops, clips), view=view, track=track)
    if files:
        write_atomically(out, _without_labels(table).encode())
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_scores(out, table)
    silent_clips = int((~table.by_clip().answered).sum())
    return Scored(table.clips, int(table.answered.sum()), silent_clips)


def _labelled(roots: Iterable[Root], *, enrolment: bool, splits: str | None = None, seed: int = 0) -> list[Clip]:
    return [clip for root in roots for clip in read_clips(*root, enrolment=enrolment, splits=splits, seed=seed).clips]


def _unlabelled(paths: Iterable[Path]) -> list[Clip]:
    """Each file, and each picture or video below a folder, as a clip of its own; the label is never looked at."""
    found = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    media = [file for file in found if not file.is_dir() and sniff(file) is not None]
    if not media:
        raise UsageError(f"no picture or video in {', '.join(map(str, paths))}.")
    return [Clip(file, Label.LIVE, "", "files", file.as_posix(), "test", name=file.as_posix()) for file in media]


def _without_labels(table: ScoreTable) -> str:
    """clip,frame,score: what is known of files that nobody labelled."""
    assert table.clip is not None
    assert table.frame is not None
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("clip", "frame", "score"))
    for clip, frame, score in zip(table.clip, table.frame.tolist(), table.score.tolist(), strict=True):
        rows.writerow((clip, frame, "" if math.isnan(score) else repr(score)))
    return text.getvalue()


def _part(run: Run, store: Store, part: str) -> list[Clip]:
    """Source validation or target, as the run itself scored them."""
    if part == "all":
        return list(store.clips)
    tables = {"test": run.target_scores, "dev": run.source_scores}
    if part not in tables:
        raise UsageError(f"--part {part}: expected test, dev or all.")
    table = tables[part](run.steps()[-1]) if run.steps() else None
    if table is None or table.domain is None or table.clip is None:
        raise RunError(f"{run.folder}: has no {part} scores to take the clips from. Name the data sets: NAME=ROOT.")
    wanted = {f"{domain}/{clip}" for domain, clip in zip(table.domain, table.clip, strict=True)}
    return [clip for clip in store.clips if clip.key in wanted]


def _check_views(store: Store, info: Mapping[str, Any]) -> None:
    """Scores of crops that were cut otherwise than those of the training mean nothing."""
    here = store.preparation.to_dict()["views"]
    if other := differences(here, info["facts"]["views"]):
        raise StoreError(
            f"{store.folder}: its crops differ from the run's ({'; '.join(other)}). Prepare another store."
        )


def _with_clips(folder: Path, clips: Sequence[Clip], preparation: Preparation | None, track: Track) -> Store:
    """The store in `folder` with all of these clips; one that exists goes on with its own settings."""
    store = Store.open(folder) if (folder / CLIPS).is_file() else None
    if store is None or not {clip.key for clip in clips} <= {clip.key for clip in store.clips}:
        prepare(clips, folder, preparation if store is None else store.preparation, track=track)
        store = Store.open(folder)
    return store


def _readable(store: Store, clips: Sequence[Clip] | None) -> list[Clip]:
    """Clips that could be decoded; those without a face stay, so that they count as non-response."""
    broken = {clip.key for clip, outcome in zip(store.clips, store.outcomes, strict=True) if outcome == UNREADABLE}
    return [clip for clip in (store.clips if clips is None else clips) if clip.key not in broken]


def _identity(method: str, recipe: Recipe, store: Store, lists: Lists, seed: int) -> dict[str, Any]:
    """What decides the weights beside the recipe; a finished stage is shared between runs that agree in all of it.

    The target is not in it: it decides nothing.
    """
    weights = getattr(recipe, "weights", "none")
    return {
        "method": method,
        "seed": seed,
        "store": store.digest,
        "train": digest_of(lists.train),
        "dev": digest_of(lists.dev),
        "weights": sha256_of(Path(weights)) if Path(weights).is_file() else weights,
    }


def _cues(store: Store, lists: Lists, *, rounds: int, seed: int, track: Track) -> dict[str, Any]:
    """What the trivial cues measure on these lists: kept beside the store, for a table has many runs on the same."""
    source = [*lists.train, *lists.dev]
    key = hashlib.sha256(repr([digest_of(source), digest_of(lists.test), rounds, seed]).encode()).hexdigest()[:16]
    path = store.cache / f"cues-{key}.json"
    if path.is_file():
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    found = cue_measures(store, source, lists.test, rounds=rounds, seed=seed, track=track)
    write_atomically(path, json.dumps(found).encode())
    return found


def _name(method: str, protocol: Protocol, recipe: Recipe, identity: Mapping[str, Any]) -> str:
    everything = json.dumps([identity, recipe.model_dump(mode="json"), protocol.to_dict()], sort_keys=True)
    slug = re.sub(r"[^A-Za-z0-9+.-]+", "-", protocol.name).strip("-")
    return f"{method}-{slug}-{identity['seed']}-{hashlib.sha256(everything.encode()).hexdigest()[:8]}"


def _claim(run: Run, info: Mapping[str, Any]) -> None:
    """Write run.json of a new run; refuse a folder whose run has other settings, naming the first that differs."""
    if not run.exists:
        run.write_info(info)
        return
    there = run.info()
    for key in ("method", "recipe", "protocol", "seed", "identity", "files"):
        if there.get(key, {}) != json.loads(json.dumps(info[key])):
            raise RunError(
                f"{run.folder}: holds a run with another {key} ({_difference(there.get(key), info[key])}). "
                "Give another --run, or delete the folder."
            )
    # The target decides no weights and is not in the name, but the numbers are those of whom it holds.
    if there.get("tested", info["tested"]) != info["tested"]:
        was, now = (f"{one['live']} + {one['attack']}" for one in (there["counts"]["test"], info["counts"]["test"]))
        raise RunError(
            f"{run.folder}: holds a run that was tested on other clips ({was} live and attack clips there, {now} now). "
            "Give another folder for runs, or delete this one."
        )


def _difference(there: Any, here: Any, path: str = "") -> str:
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        for key in sorted(there.keys() | here.keys()):
            if there.get(key) != here.get(key):
                return _difference(there.get(key), here.get(key), f"{path}.{key}" if path else key)
    return f"{path + ': ' if path else ''}{there!r} there, {here!r} now"
