"""Architectures: tensors in, tensors out; they know no file of pictures and no data set."""

from importlib.util import find_spec

from sincera.errors import MissingExtraError

for _library in ("torch", "torchvision", "safetensors"):
    if find_spec(_library) is None:
        raise MissingExtraError(_library, "train")

from sincera.nets.cost import multiply_adds, parameters  # noqa: E402
from sincera.nets.registry import STUDENTS, resnet18_student, student  # noqa: E402
from sincera.nets.student import Norm, Normalise, Student, Trunk  # noqa: E402
from sincera.nets.weights import WeightsInfo, load_imagenet, load_weights  # noqa: E402

__all__ = [
    "STUDENTS",
    "Norm",
    "Normalise",
    "Student",
    "Trunk",
    "WeightsInfo",
    "load_imagenet",
    "load_weights",
    "multiply_adds",
    "parameters",
    "resnet18_student",
    "student",
]
