"""The students by name; a new one is a file with its trunk and a line in `STUDENTS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path

from sincera.errors import UsageError
from sincera.nets.mobilefacenet import MobileFaceNetTrunk
from sincera.nets.mobilenet import MobileNetV2Trunk
from sincera.nets.resnet import ResNet18Trunk
from sincera.nets.small import SmallTrunk
from sincera.nets.student import Norm, Student, Trunk
from sincera.nets.weights import load_imagenet, load_weights

FAS: Mapping[str, int] = {"fas": 2}
DTDA_HEADS: Mapping[str, int] = {"edi": 512, "rec": 512, "fas": 2}

STUDENTS: Mapping[str, Callable[[], Trunk]] = {
    "small": SmallTrunk,
    "mobilefacenet": MobileFaceNetTrunk,
    "mobilenet_v2": MobileNetV2Trunk,
    "resnet18": ResNet18Trunk,
}


def student(
    name: str, heads: Mapping[str, int] = FAS, *, norm: Norm = "imagenet", weights: str | Path | None = None
) -> Student:
    """The network called `name` with these heads, its weights drawn from torch's generator or loaded into the trunk.

    heads: {name: outputs}.  weights: None (from scratch), "imagenet" (torchvision's, downloaded once) or a file; what
    was loaded is told by `.weights`.  Raises UsageError for an unknown name, WeightsError for weights that are absent
    or of another network.

    >>> student("mobilenet_v2").feature_width
    1280
    """
    if name not in STUDENTS:
        near = get_close_matches(name, STUDENTS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise UsageError(f"network {name!r} does not exist{hint} There are {', '.join(STUDENTS)}")
    network = Student(name, STUDENTS[name](), heads, norm)
    if weights is not None:
        initialise(network, str(weights))
    return network


def initialise(network: Student, origin: str) -> None:
    """Weights of the trunk as a recipe names them: `none` leaves them as drawn, `imagenet`, or a file."""
    if origin == "imagenet":
        load_imagenet(network)
    elif origin != "none":
        load_weights(network, origin)


def resnet18_student(
    heads: Mapping[str, int] = DTDA_HEADS, *, norm: Norm = "imagenet", weights: str | Path | None = None
) -> Student:
    """DTDA's student (docs/networks.md): ResNet-18 with heads for edited attributes, identity and live or attack.

    >>> sum(parameter.numel() for parameter in resnet18_student().parameters())
    11702850
    """
    return student("resnet18", heads, norm=norm, weights=weights)
