"""Tell a live face from a presented picture, screen or mask."""

from typing import TYPE_CHECKING

from sincera.clip import ATTACK, LIVE, Clip, Label
from sincera.errors import SinceraError

if TYPE_CHECKING:
    from sincera.judge import Judge, Verdict

__all__ = ["ATTACK", "LIVE", "Clip", "Judge", "Label", "SinceraError", "Verdict", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """The judge brings OpenCV and ONNX Runtime: it is loaded when it is asked for."""
    if name in ("Judge", "Verdict"):
        from sincera import judge

        return getattr(judge, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
