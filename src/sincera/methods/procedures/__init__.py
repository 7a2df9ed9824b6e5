"""How each detector learns from target maps, and what it scores by: the same under every supervision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sincera.methods.procedures.contrast import Contrast
from sincera.methods.procedures.episodic import Episodic
from sincera.methods.procedures.plain import Plain, Procedure
from sincera.methods.procedures.tree import Tree

if TYPE_CHECKING:
    from sincera.methods.maps import MapRecipe
    from sincera.nets.detector import Detector

__all__ = ["Contrast", "Episodic", "Plain", "Procedure", "Tree", "procedure"]

# a detector that is not named here learns as FAS-DR does
PROCEDURES: Mapping[str, Callable[[Any, Any], Procedure]] = {
    "cdcn": Contrast,
    "cdcnpp": Contrast,
    "dtn": Tree,
    "rfmetafas": Episodic,
}


def procedure(name: str, detector: Detector, recipe: MapRecipe) -> Procedure:
    """The procedure of the detector of that name."""
    return PROCEDURES.get(name, Plain)(detector, recipe)
