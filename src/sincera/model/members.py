"""What a model is made of: networks, how their scores become one, and how they scored when it was calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sincera.errors import ModelError
from sincera.faces import CropSpec
from sincera.model.strict import finite, inner, record, row, texts

Link = Literal["probability", "linear"]
FusionKind = Literal["single", "log_odds"]
Floats = NDArray[np.float64]

ROLES = ("score", "features", "map")
CLIP = 12.0  # log-odds beyond it say no more than "sure": one member must not outvote all others without bound


@dataclass(frozen=True, slots=True)
class Licences:
    """Under which terms the member's code, its weights and the data that these were trained on may be used."""

    code: str
    weights: str
    data: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "licences") -> Licences:
        return cls(**record(values, where, {"code": str, "weights": str, "data": str}))


@dataclass(frozen=True, slots=True)
class Member:
    """One network of the file's graph, or a linear head on the features of others.

    view: the crop that it takes.  input: the graph input, float32 (N, 3, size, size) = `as_input(crop, view)`; a
    network's own normalisation lies inside the graph.  outputs: the graph's outputs by role: `score` (N,), which rises
    with attack, always; `features` (N, D) and `map` (N, h, w) where there are any.
    link: how a score becomes log-odds: `probability` by the logit, `linear` is log-odds already.
    trained_on: names of the data.  source_sha256: of the file that the network came in, "" where it had none.
    reads: the members whose features a head reads; empty for a network.  A head is given no crop of its own, its
    view and input are those of the first member it reads.
    """

    name: str
    view: CropSpec
    input: str
    outputs: Mapping[str, str]
    link: Link
    licences: Licences
    trained_on: tuple[str, ...] = ()
    source_sha256: str = ""
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"member {self.name!r}"
        if not self.name or not self.input:
            raise ModelError(f"{where}: name and input may not be empty.")
        if "score" not in self.outputs or not set(self.outputs) <= set(ROLES):
            raise ModelError(f"{where}: outputs {sorted(self.outputs)}; expected score, and of features and map any.")
        if self.link not in get_args(Link):
            raise ModelError(f"{where}: link {self.link!r}; expected one of {', '.join(get_args(Link))}.")

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "view": self.view.to_dict(),
            "input": self.input,
            "outputs": dict(self.outputs),
            "link": self.link,
            "licences": self.licences.to_dict(),
            "trained_on": list(self.trained_on),
            "source_sha256": self.source_sha256,
            "reads": list(self.reads),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "member") -> Member:
        """ModelError for an unknown or missing key, or a value of the wrong type."""
        kinds: dict[str, type] = dict.fromkeys(("name", "input", "link", "source_sha256"), str)
        kinds |= dict.fromkeys(("view", "outputs", "licences"), Mapping) | dict.fromkeys(("trained_on", "reads"), list)
        found = record(values, where, {name: kinds[name] for name in cls.__dataclass_fields__})
        return cls(
            **found
            | {
                "view": inner(CropSpec.from_dict, found["view"], f"{where}.view"),
                "outputs": texts(found["outputs"], f"{where}.outputs"),
                "licences": Licences.from_dict(found["licences"], f"{where}.licences"),
                "trained_on": row(found["trained_on"], f"{where}.trained_on", str),
                "reads": row(found["reads"], f"{where}.reads", str),
            }
        )


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the members' scores become the model's.

    single: the one member's score as it is.  log_odds: sigmoid(bias + Σ weight · log-odds), each member's log-odds
    cut at ±12, so a score in (0, 1).

    >>> Fusion("log_odds", (0.5, 0.5)).fuse([log_odds([0.9, 0.5], "probability"), [0, 0]]).round(3).tolist()
    [0.75, 0.5]
    """

    kind: FusionKind = "single"
    weights: tuple[float, ...] = (1.0,)
    bias: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(FusionKind):
            raise ModelError(f"fusion: kind {self.kind!r}; expected one of {', '.join(get_args(FusionKind))}.")
        for number in (*self.weights, self.bias):
            finite(number, "fusion")
        if self.kind == "single" and (self.weights != (1.0,) or self.bias != 0):
            raise ModelError("fusion: kind single takes one member's score as it is: weights (1.0,) and bias 0.")

    def fuse(self, terms: ArrayLike) -> Floats:
        """(M, N) log-odds of the members → (N,) scores; not for `single`, which leaves its scale alone."""
        total = self.bias + np.asarray(self.weights, np.float64) @ np.asarray(terms, np.float64)
        return probability(total)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "weights": list(self.weights), "bias": self.bias}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "fusion") -> Fusion:
        found = record(values, where, {"kind": str, "weights": list, "bias": float})
        return cls(**found | {"weights": row(found["weights"], f"{where}.weights", float)})


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of the calibration scores by class; edges: one more than counts, rising."""

    edges: tuple[float, ...]
    live: tuple[int, ...]
    attack: tuple[int, ...]

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip(self.edges, self.edges[1:], strict=False))
        if not rising or not len(self.edges) - 1 == len(self.live) == len(self.attack) > 0:
            raise ModelError(
                f"histogram: {len(self.edges)} edges for {len(self.live)} and {len(self.attack)} counts; expected "
                "rising edges, one more than counts."
            )
        if min(*self.live, *self.attack) < 0:
            raise ModelError("histogram: found a count below 0.")

    @classmethod
    def of(cls, live: ArrayLike, attack: ArrayLike, bins: int = 50) -> Histogram:
        """Of scores; the edges cut [0, 1], or from the lowest to the highest score where some lie outside."""
        groups = [np.asarray(scores, np.float64) for scores in (live, attack)]
        every = np.concatenate(groups)
        low, high = min(0.0, float(every.min())), max(1.0, float(every.max()))
        edges = np.linspace(low, high, bins + 1)
        counts = [tuple(np.histogram(scores, edges)[0].tolist()) for scores in groups]
        return cls(tuple(edges.tolist()), counts[0], counts[1])

    def to_dict(self) -> dict[str, Any]:
        return {"edges": list(self.edges), "live": list(self.live), "attack": list(self.attack)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "histogram") -> Histogram:
        found = record(values, where, {"edges": list, "live": list, "attack": list})
        kinds = {"edges": float, "live": int, "attack": int}
        return cls(**{name: row(found[name], f"{where}.{name}", one_kind) for name, one_kind in kinds.items()})


def log_odds(scores: ArrayLike, link: Link) -> Floats:
    """Scores of a member → log-odds of an attack, cut at ±12.

    >>> log_odds([0.0, 0.5, 1.0], "probability").tolist(), log_odds([-3.0], "linear").tolist()
    ([-12.0, 0.0, 12.0], [-3.0])
    """
    values = np.asarray(scores, np.float64)
    if link == "probability":
        with np.errstate(divide="ignore"):
            values = np.log(np.clip(values, 0, 1)) - np.log1p(-np.clip(values, 0, 1))
    return np.clip(values, -CLIP, CLIP)


def probability(odds: ArrayLike) -> Floats:
    """Log-odds → probability, without overflow at either end.

    >>> probability([-1000, 0, 1000]).tolist()
    [0.0, 0.5, 1.0]
    """
    values = np.asarray(odds, np.float64)
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1 / (1 + small), small / (1 + small))
