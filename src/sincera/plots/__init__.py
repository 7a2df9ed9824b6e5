"""Pictures of scores and of training, in one style: SVG for pages (light and dark), PNG for everything else."""

from importlib.util import find_spec

from sincera.errors import MissingExtraError

if find_spec("matplotlib") is None:
    raise MissingExtraError("matplotlib", "report")

from sincera.plots.curves import det, roc
from sincera.plots.histogram import histogram
from sincera.plots.picture import Picture
from sincera.plots.sheet import Tile, contact_sheet
from sincera.plots.training import Series, training

__all__ = ["Picture", "Series", "Tile", "contact_sheet", "det", "histogram", "roc", "training"]
