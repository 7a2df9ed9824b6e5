"""Boxes, arrows and grounds: drawings of how parts of a method meet, in centimetres from the lower left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from sincera.plots.picture import INK, Picture, style

Side = Literal["left", "right", "top", "bottom"]
_INCH = 2.54


@dataclass(frozen=True, slots=True)
class Box:
    """A part: its centre, size, a title and a smaller line or two below."""

    x: float
    y: float
    width: float
    height: float
    title: str
    detail: str = ""

    def side(self, side: Side, share: float = 0.5) -> tuple[float, float]:
        """The point on an edge, `share` of the way from left to right or from bottom to top."""
        left, low = self.x - self.width / 2, self.y - self.height / 2
        if side in ("left", "right"):
            return left + (self.width if side == "right" else 0), low + share * self.height
        return left + share * self.width, low + (self.height if side == "top" else 0)


class Diagram:
    """A sheet of `width` by `height` centimetres to put parts on.

    >>> sheet = Diagram("two", 8, 3)
    >>> first = sheet.box(Box(2, 1.5, 2, 1, "student")); second = sheet.box(Box(6, 1.5, 2, 1, "head"))
    >>> sheet.arrow(first.side("right"), second.side("left"), "512")
    >>> sheet.picture("A student and its head.").name
    'two'
    """

    def __init__(self, name: str, width: float, height: float) -> None:
        self.name = name
        with style(name):
            self._figure = Figure(figsize=(width / _INCH, height / _INCH))
            self._figure.set_layout_engine("none")
            self._axes: Any = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, width), ylim=(0, height))
        self._axes.axis("off")

    def ground(self, left: float, low: float, width: float, height: float, colour: str, title: str = "") -> None:
        """A tinted field behind the parts, its title in the upper left corner."""
        self._patch(left, low, width, height, face=colour, alpha=0.10, edge=colour, order=0)
        if title:
            self.text(left + 0.2, low + height - 0.15, title, size=9, ha="left", va="top")

    def box(self, box: Box, colour: str = INK, *, dashed: bool = False, fill: str | None = None) -> Box:
        """Draw a part; gives it back for its sides. dashed: not trained, or only sometimes there."""
        left, low = box.x - box.width / 2, box.y - box.height / 2
        self._patch(left, low, box.width, box.height, face="none", alpha=1, edge=colour, order=2, dashed=dashed)
        if fill is not None:
            self._patch(left, low, box.width, box.height, face=fill, alpha=0.25, edge="none", order=1)
        lines = box.detail.count("\n") + 1 if box.detail else 0
        self.text(box.x, box.y + 0.155 * lines, box.title, size=8)
        if box.detail:
            self.text(box.x, box.y - 0.2, box.detail, size=6.5)
        return box

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        label: str = "",
        *,
        colour: str = INK,
        dashed: bool = False,
        bend: float = 0.0,
        at: float = 0.5,
        below: bool = False,
    ) -> None:
        """From one point to another. dashed: a gradient.  bend: curvature.  at: the label's place along the way."""
        self._axes.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=8, linewidth=1.1, color=colour, shrinkA=1, shrinkB=1,
                linestyle="--" if dashed else "-", connectionstyle=f"arc3,rad={bend}", zorder=3,
            )
        )  # fmt: skip
        if label:
            x, y = (a + at * (b - a) for a, b in zip(start, end, strict=True))
            flat = abs(end[0] - start[0]) >= abs(end[1] - start[1])
            if flat:
                self.text(x, y + (-0.1 if below else 0.1), label, size=6.5, va="top" if below else "bottom")
            else:
                self.text(x + (-0.1 if below else 0.1), y, label, size=6.5, ha="right" if below else "left")

    def text(self, x: float, y: float, text: str, *, size: float = 8, ha: str = "center", va: str = "center") -> None:
        with style(self.name):
            self._axes.text(x, y, text, fontsize=size, ha=ha, va=va, zorder=4, linespacing=1.25)

    def picture(self, alt: str) -> Picture:
        return Picture(self._figure, self.name, alt)

    def _patch(
        self, left: float, low: float, width: float, height: float, *, face: str, alpha: float, edge: str, order: int,
        dashed: bool = False,
    ) -> None:  # fmt: skip
        self._axes.add_patch(
            FancyBboxPatch(
                (left, low), width, height, boxstyle="round,pad=0,rounding_size=0.12", facecolor=face, alpha=alpha,
                edgecolor=edge if edge != "none" else "none", linewidth=1.0 if order else 0.0, zorder=order,
                linestyle=(0, (3, 2)) if dashed else "-",
            )
        )  # fmt: skip
