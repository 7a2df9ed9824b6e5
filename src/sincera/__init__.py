"""Tell a live face from a presented picture, screen or mask."""

from sincera.clip import ATTACK, LIVE, Clip, Label
from sincera.errors import SinceraError

__all__ = ["ATTACK", "LIVE", "Clip", "Label", "SinceraError", "__version__"]

__version__ = "0.1.0"
