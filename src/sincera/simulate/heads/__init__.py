"""People who do not exist: a head's picture with its depth, parts and points, from one seed (extra `simulate`)."""

from sincera.simulate.heads.light import front_lights, random_lights, window_lights
from sincera.simulate.heads.person import Person, make_person
from sincera.simulate.heads.records import PARTS, Attributes, Expression, Lights, Pose, Rendered
from sincera.simulate.heads.renderer import render

__all__ = [
    "PARTS",
    "Attributes",
    "Expression",
    "Lights",
    "Person",
    "Pose",
    "Rendered",
    "front_lights",
    "make_person",
    "random_lights",
    "render",
    "window_lights",
]
