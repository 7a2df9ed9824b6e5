"""Pictures of scores and of training, in one style: SVG for pages (light and dark), PNG for everything else."""

from importlib.util import find_spec

from sincera.errors import MissingExtraError

if find_spec("matplotlib") is None:
    raise MissingExtraError("matplotlib", "report")

from sincera.plots.bands import Band, Panel, bands
from sincera.plots.curves import det, roc, roc_panels
from sincera.plots.diagram import Box, Diagram
from sincera.plots.grid import heat, jet, picture_grid
from sincera.plots.histogram import histogram
from sincera.plots.picture import Picture, check_suffix
from sincera.plots.points import points
from sincera.plots.sheet import Tile, contact_sheet
from sincera.plots.training import Series, training

__all__ = [
    "Band",
    "Box",
    "Diagram",
    "Panel",
    "Picture",
    "Series",
    "Tile",
    "bands",
    "check_suffix",
    "contact_sheet",
    "det",
    "heat",
    "histogram",
    "jet",
    "picture_grid",
    "points",
    "roc",
    "roc_panels",
    "training",
]
