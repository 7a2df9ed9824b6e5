"""What a stage wants to be fed with: how many faces, drawn how, changed how, and with what beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from sincera.errors import RecipeError
from sincera.recipe import Settings

Balance = Literal["none", "class", "domain", "domain_class"]


class Augment(Settings):
    """Random changes of a crop. Everything but the flip is off by default, and switches caches off when on.

    flip: probability of mirroring.  jitter: greatest relative change of brightness, contrast and saturation.
    crop: smallest share of the area that a random crop keeps (1 keeps all).  rotate: greatest turn in degrees.
    """

    flip: float = Field(default=0.5, ge=0, le=1)
    jitter: float = Field(default=0.0, ge=0, lt=1)
    crop: float = Field(default=1.0, gt=0, le=1)
    rotate: float = Field(default=0.0, ge=0, le=180)

    @property
    def mirrors_only(self) -> bool:
        """Whether (row, flipped) says everything about a crop, so that what was computed from it may be cached."""
        return self.jitter == 0 and self.crop == 1 and self.rotate == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """How a stage's batches are drawn; the same on every device and number of ranks.

    size: faces a step over all ranks.  balance: equal numbers from each class, domain, or (domain, class) cell.
    unit: `clip` visits every clip once an epoch and draws a frame anew at each visit; `frame` visits every frame.
    frame_choice: `random`, or `seventh` for the fixed frame that older code takes.
    parts: sizes of the parts of a batch, each balanced in itself; together they make `size`.
    disjoint: what two parts never share: a `face`, a `clip` or a `subject`.
    frames: frames of one clip that make one example.  view: the stored view to read, the store's first by default.
    views: random views of each crop; the second and further ones come as extra["views"] (B, views - 1, 3, H, W).
    needs: further tensors: `depth`, `mask` (B, 1, h, w), `attributes` (B, K), or `view:NAME`, another stored view.
    """

    size: int
    balance: Balance = "domain_class"
    unit: Literal["clip", "frame"] = "clip"
    frame_choice: Literal["random", "seventh"] = "random"
    parts: tuple[int, ...] = ()
    disjoint: Literal["face", "clip", "subject"] = "face"
    frames: int = 1
    view: str | None = None
    views: int = 1
    augment: Augment = field(default_factory=Augment)
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 1 or self.frames < 1 or self.views < 1:
            raise RecipeError(
                f"feed: size {self.size}, frames {self.frames}, views {self.views}; each must be at least 1."
            )
        if self.parts and sum(self.parts) != self.size:
            raise RecipeError(f"feed: parts {self.parts} make {sum(self.parts)} faces, but size is {self.size}.")
        if self.frames > 1 and (self.unit, self.frame_choice, self.views) != ("clip", "random", 1):
            raise RecipeError(
                f"feed: {self.frames} frames an example need unit clip, frame_choice random and one view; "
                f"found {self.unit}, {self.frame_choice} and {self.views}."
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The parts' sizes; the whole batch is one part where none are named."""
        return self.parts or (self.size,)
