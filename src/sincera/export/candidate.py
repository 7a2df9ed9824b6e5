"""A member before it is written: its network alone, what that must agree with, and where real crops are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.data.store import Preparation, Store, differences
from sincera.errors import RunError, StoreError
from sincera.evaluate import Scorer
from sincera.experiments import load_trained
from sincera.export.graph import graph_of
from sincera.faces import CropSpec
from sincera.measures.selection import choose
from sincera.measures.table import SourceScores, TargetScores
from sincera.methods.maps import MapMethod
from sincera.methods.procedures import Episodic
from sincera.model import Licences, Link, Member
from sincera.runs import Run
from sincera.train import Method
from sincera.train.feeder import Target
from sincera.train.precision import pick_device
from sincera.train.scorer import scorer_of

OWN_CODE = "Apache-2.0"
UNSTATED = "not stated"
OWN_DATA = "simulated by sincera, Apache-2.0"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One network on its way into a model file.

    member: how it will be used; its names are those of the network alone.  network: plain ONNX.
    reference: what scores must agree with: PyTorch, or the source file.  store, view: real crops, and which of them;
    framed: whether these are cut as the member wants them.
    dev, test: scores by frame on source validation and on the target, where they are known.
    weight: in the committee; None where that is to be found.  record: where it comes from, plain JSON.
    measures: of its run.  notes: what whoever exports should know.
    """

    member: Member
    network: bytes = field(repr=False)
    reference: Scorer
    store: Store
    view: str | None
    framed: bool = True
    dev: SourceScores | None = None
    test: TargetScores | None = None
    weight: float | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    measures: Any = None
    preparation: Preparation | None = None
    notes: tuple[str, ...] = ()

    def crops(self, count: int) -> NDArray[np.uint8]:
        """At most `count` crops (N, size, size, 3) uint8 RGB, spread evenly over the store.

        From a store without this view come its own crops at the right size: real faces, if framed otherwise.
        """
        rows = np.asarray(self.store.rows(view=self.view))
        chosen = np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(np.int64))
        return sized(self.store.crops(rows[chosen]), self.member.view.size)


def from_run(
    folder: Path,
    *,
    which: str = "source",
    store: Path | None = None,
    link: Link | None = None,
    licences: Licences | None = None,
    name: str | None = None,
) -> Candidate:
    """A trained run. which: `source`, the checkpoint that source validation chose, or `last`.

    store: of crops, where the run's own has moved.  link: what the scores are; the method's own by default.
    licences: by default those of this package, with weights and data not stated unless all was simulated.
    """
    run = Run.open(folder)
    info = run.info()
    method = load_trained(run, which=which)
    view, spec = _view_of(method, info)
    crops = open_crops(store or Path(info["store"]), folder)
    _check_view(crops, view, spec, folder)
    graph = graph_of(method, spec.size)
    simulated = bool(info.get("simulated"))
    step = _step(run, which)
    member = Member(
        name=name or slug(run.name),
        view=spec,
        input=graph.input,
        outputs=graph.outputs,
        link=link or link_of(method),
        licences=licences or Licences(OWN_CODE, *((OWN_CODE, OWN_DATA) if simulated else (UNSTATED, UNSTATED))),
        trained_on=tuple(info["facts"]["domains"]),
        source_sha256=sha256(run.checkpoint(which).read_bytes()),
    )
    return Candidate(
        member,
        graph.data,
        scorer_of(method, Target(pick_device("cpu"))),
        crops,
        view,
        dev=None if step is None else run.source_scores(step),
        test=None if step is None else run.target_scores(step),
        record=_record(info, which, step),
        measures=_measures(run),
        preparation=Preparation.from_dict(info["preparation"]),
    )


def link_of(method: Method) -> Link:
    """A mean over a map is no probability, and may exceed 1; every other score here is one."""
    mean = isinstance(method, MapMethod) and not isinstance(method.procedure, Episodic)
    return "linear" if mean else "probability"


def open_crops(folder: Path, wanted_by: Path | str) -> Store:
    """RunError says what to do where the store is gone: nothing is written that was not compared on real crops."""
    if not folder.is_dir():
        raise RunError(
            f"{wanted_by}: its crops in {folder} are gone; scores are compared on real crops before a model is "
            "written. Name a store of the same preparation by --store."
        )
    return Store.open(folder)


def sized(crops: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """(N, H, W, 3) → (N, size, size, 3)."""
    if crops.shape[1:3] == (size, size):
        return crops
    import cv2

    return np.stack([cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA) for crop in crops])


def slug(name: str) -> str:
    """A name that fits into a graph.

    >>> slug("baseline-OCI:M seed 0")
    'baseline-OCI-M-seed-0'
    """
    return re.sub(r"[^A-Za-z0-9_.+-]+", "-", name).strip("-") or "member"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _view_of(method: Method, info: Mapping[str, Any]) -> tuple[str | None, CropSpec]:
    """The stored view that the method is scored on, and how it is cut; PyTorch sees RGB in [0, 1] whatever it says."""
    views = info["facts"]["views"]
    view = tuple(method.stages())[-1].feed.view
    spec = CropSpec.from_dict(views[view if view is not None else next(iter(views))])
    return view, replace(spec, colour="RGB", range="0-1")


def _check_view(store: Store, view: str | None, wanted: CropSpec, folder: Path) -> None:
    """Crops that were cut otherwise are none that the run was trained on."""
    views = store.preparation.views
    here = views.get(view) if view is not None else next(iter(views.values()))
    found = {} if here is None else replace(here, colour="RGB", range="0-1").to_dict()
    if other := differences(found, wanted.to_dict()):
        raise StoreError(f"{store.folder}: its crops differ from those of {folder} ({'; '.join(other)}). Name another.")


def _step(run: Run, which: str) -> int | None:
    """The step whose weights the checkpoint holds; None where the run was never evaluated."""
    steps = run.steps()
    if not steps or which == "last":
        return steps[-1] if steps else None
    return choose([(step, scores) for step in steps if (scores := run.source_scores(step)) is not None])


def _record(info: Mapping[str, Any], which: str, step: int | None) -> dict[str, Any]:
    kept = ("method", "recipe", "protocol", "lists", "validation", "seed", "commit", "versions", "weights", "simulated")
    return {key: info[key] for key in kept if key in info} | {"checkpoint": which, "step": step}


def _measures(run: Run) -> Any:
    """What the run measured under each policy."""
    measures = run.measures()
    return None if measures is None else {name: one["measures"] for name, one in measures["policies"].items()}
