"""One style for all pictures, and how a figure becomes SVG or PNG.

Colours are Okabe and Ito's, told apart by people with any colour vision; line styles repeat what colours say.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sincera.errors import UsageError

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
LINES = ("-", "--", "-.", ":")
SUFFIXES = (".svg", ".png", ".pdf")
LIVE_COLOUR, ATTACK_COLOUR = COLOURS[0], COLOURS[1]
INK, FAINT = "#1b1f24", "#d0d5db"  # in SVG these become the page's own colours

_STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.6,
    "svg.fonttype": "none",
    "figure.constrained_layout.use": True,
}


@contextmanager
def style(name: str) -> Iterator[None]:
    """Draw in the house style, whatever matplotlib's settings of this machine are.

    name: of the picture; identifiers inside its SVG are derived from it, so that several fit on one page.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        mpl.rcParams["svg.hashsalt"] = name
        yield


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished figure with its name and, for those who cannot see it, what it shows."""

    figure: Figure
    name: str
    alt: str

    def __post_init__(self) -> None:
        with style(self.name):  # lay out once: every further drawing would move the parts a little
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")

    def svg(self) -> str:
        """An <svg> element without colours of its own for text and grid: it takes the page's, light or dark."""
        buffer = io.StringIO()
        with style(self.name):
            self.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        text = buffer.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
        used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
        text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)
        text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
        text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
        text = text.replace("'DejaVu Sans'", "'DejaVu Sans', sans-serif")
        text = text.replace("<svg", f'<svg role="img" aria-label="{_attribute(self.alt)}"', 1)
        return text.replace(INK, "currentColor").replace(FAINT, "var(--line, #d0d5db)").strip()

    def png(self, dpi: int = 160) -> bytes:
        """On white, for documents that have one ground."""
        buffer = io.BytesIO()
        with style(self.name):
            FigureCanvasAgg(self.figure)
            self.figure.savefig(buffer, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
        return buffer.getvalue()

    def pdf(self) -> bytes:
        """One page of the picture's own size, for papers."""
        buffer = io.BytesIO()
        with style(self.name):
            self.figure.savefig(
                buffer, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None}
            )
        return buffer.getvalue()

    def save(self, path: Path) -> None:
        """Write .svg, .png or .pdf, by the suffix."""
        check_suffix(path)
        if path.suffix == ".svg":
            path.write_text(self.svg(), encoding="utf-8")
        else:
            path.write_bytes(self.png() if path.suffix == ".png" else self.pdf())


def check_suffix(path: Path) -> None:
    """UsageError for a file that a picture cannot be written as; before hours of work, not after them."""
    if path.suffix not in SUFFIXES:
        raise UsageError(
            f"{path}: pictures are written as {', '.join(SUFFIXES)}, not {path.suffix or 'without suffix'}"
        )


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
