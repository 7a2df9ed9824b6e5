"""What a method is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NamedTuple

from torch import Tensor

from sincera.train.cache import Cache


@dataclass(frozen=True, slots=True)
class Facts:
    """What a method may know of the data before it sees a batch; kept in run.json, so that a run can be rebuilt.

    domains: names of the source domains; `Batch.domains` indexes them.  subjects: persons (`domain/subject`) of the
    source lists; `Batch.subjects` indexes them.  attributes: names of the columns of `extra["attributes"]`.
    clips: number of training clips, which is what an epoch is measured by.  size: side of a crop in pixels.
    views: how each stored view was cropped, by name, as `CropSpec.to_dict` gives it.
    """

    domains: tuple[str, ...]
    subjects: tuple[str, ...]
    clips: int
    size: int
    attributes: tuple[str, ...] = ()
    views: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Facts:
        """The inverse of `to_dict`, also after a way through JSON."""
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's faces on the device. `batch[mask]` and `batch[slice]` cut every field.

    crops: (B, 3, H, W) in [0, 1]; (B, T, 3, H, W) where feed.frames = T > 1.
    labels, domains, subjects: (B,) live 0 / attack 1; indices into Facts.
    rows: (B,) row numbers of the store, (B, T) where feed.frames = T; with `flipped` the key of every cache.
    flipped: (B,) whether crops and maps were mirrored.  extra: what feed.needs names, see `Feed`.
    parts: the slices of feed.parts, such as Phi_t and Phi_v.  seed: equal on all ranks, another at every step.
    cache: where answers of frozen networks are kept; None where crops are changed by more than a flip.
    """

    crops: Tensor
    labels: Tensor
    domains: Tensor
    subjects: Tensor
    rows: Tensor
    flipped: Tensor
    extra: Mapping[str, Tensor]
    parts: tuple[slice, ...]
    step: int
    steps: int
    seed: int
    cache: Cache | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, key: slice | Tensor) -> Batch:
        cut = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, value in cut.items():
            if isinstance(value, Tensor):
                cut[name] = value[key]
        cut["extra"] = {name: value[key] for name, value in self.extra.items()}
        cut["parts"] = ()
        return Batch(**cut)

    def remembered(self, key: str, compute: Callable[[Batch], Tensor], *, dtype: str = "float16") -> Tensor:
        """`compute(batch)` → (B, …), but only for faces whose answer is not kept beside the store yet.

        key: names the frozen network, its weights and every setting, best by a digest.  Answers come as `dtype`, also
        the first time.  Where crops were changed by more than a flip nothing is kept, and all is computed anew.
        """
        if self.cache is None:
            return compute(self).detach()
        return self.cache.fetch(key, self.rows, self.flipped, lambda mask: compute(self[mask]), dtype)


class Losses(NamedTuple):
    """total: the scalar to descend.  logged: scalars for the log, beside it."""

    total: Tensor
    logged: Mapping[str, Tensor] | None = None


class Scores(NamedTuple):
    """The outputs of the exported graph. score: (B,), rises with attack.  features: (B, F).  map: (B, 1, h, w)."""

    score: Tensor
    features: Tensor | None = None
    map: Tensor | None = None
