"""Architectures: tensors in, tensors out; they know no file of pictures and no data set."""

from importlib.util import find_spec

from sincera.errors import MissingExtraError

for _library in ("torch", "torchvision", "safetensors"):
    if find_spec(_library) is None:
        raise MissingExtraError(_library, "train")

from sincera.nets.cdcn import cdcn, cdcnpp  # noqa: E402
from sincera.nets.cost import multiply_adds, parameters  # noqa: E402
from sincera.nets.detector import Detector, Outputs  # noqa: E402
from sincera.nets.detectors import DETECTORS, MAP_TEACHERS, map_teacher  # noqa: E402
from sincera.nets.dtn import dtn  # noqa: E402
from sincera.nets.fasdr import fasdr, fasdr_light  # noqa: E402
from sincera.nets.iresnet import IResNet, iresnet, iresnet_of  # noqa: E402
from sincera.nets.registry import STUDENTS, initialise, resnet18_student, student  # noqa: E402
from sincera.nets.resnet8 import resnet8  # noqa: E402
from sincera.nets.rfmetafas import rfmetafas  # noqa: E402
from sincera.nets.stargan import (  # noqa: E402
    Projection,
    StarganDiscriminator,
    StarganGenerator,
    discriminator_of,
    stargan_discriminator,
    stargan_generator,
    stargan_projection,
)
from sincera.nets.student import Norm, Normalise, Student, Trunk  # noqa: E402
from sincera.nets.weights import (  # noqa: E402
    WeightsInfo,
    load_exactly,
    load_imagenet,
    load_weights,
    read_tensors,
    sha256_of,
)

__all__ = [
    "DETECTORS",
    "MAP_TEACHERS",
    "STUDENTS",
    "Detector",
    "IResNet",
    "Norm",
    "Normalise",
    "Outputs",
    "Projection",
    "StarganDiscriminator",
    "StarganGenerator",
    "Student",
    "Trunk",
    "WeightsInfo",
    "cdcn",
    "cdcnpp",
    "discriminator_of",
    "dtn",
    "fasdr",
    "fasdr_light",
    "initialise",
    "iresnet",
    "iresnet_of",
    "load_exactly",
    "load_imagenet",
    "load_weights",
    "map_teacher",
    "multiply_adds",
    "parameters",
    "read_tensors",
    "resnet8",
    "resnet18_student",
    "rfmetafas",
    "sha256_of",
    "stargan_discriminator",
    "stargan_generator",
    "stargan_projection",
    "student",
]
